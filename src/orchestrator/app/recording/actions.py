"""Actions whose calls are kept on a tape, or answered by it.

What an action with an effect answers is recorded; a `pure` one is computed again, with the time and chance that it read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import cast

from msgspec.structs import replace

from orchestrator.app.recording.readings import with_readings
from orchestrator.core.action import Action, ActionContext, ActionOutcome, ActionSource, Effect, Params
from orchestrator.core.tape import Tape, Taped, failure_answer, raise_failure, unfinished_answer
from orchestrator.engine.result_data import as_plain_data
from orchestrator.errors import ActionError

Function = Callable[[Params, ActionContext], object]


class TapedActions:
    """An `ActionSource` over another one, with a tape between an action and the world."""

    def __init__(self, actions: ActionSource, tape: Tape) -> None:
        self._actions = actions
        self._tape = tape
        self._taped: dict[str, Action] = {}

    def find(self, name: str) -> Action | None:
        """Return the action with its tape."""
        if name not in self._taped:
            action = self._actions.find(name)
            if action is None:
                return None
            self._taped[name] = _taped(action, self._tape)
        return self._taped[name]

    def names(self) -> Sequence[str]:
        """Return the names of all actions."""
        return self._actions.names()


def _taped(action: Action, tape: Tape) -> Action:
    if action.spec.effect is Effect.PURE:
        in_process = action.spec.runs == "process"  # where no context goes, so nothing is read from one
        return action if in_process else replace(action, function=with_readings(action.function, tape))
    return _replayed(action, tape) if tape.playing else _recorded(action, tape)


def _replayed(action: Action, tape: Tape) -> Action:
    name = action.spec.name

    async def function(parameters: Params, _context: ActionContext) -> object:
        return _outcome(_played(tape, "action", name, {"parameters": parameters}))

    def prepare(parameters: Params, _context: ActionContext) -> object:
        return _played(tape, "prepare", name, {"parameters": parameters}).get("value")

    def revert(parameters: Params, kept: object, _context: ActionContext) -> object:
        return _played(tape, "revert", name, {"parameters": parameters, "kept": kept}).get("value")

    return replace(
        action,
        spec=replace(action.spec, runs="async"),
        function=function,
        prepare=prepare if action.prepare else None,
        revert=revert if action.revert else None,
        fingerprint=None,
    )


def _recorded(action: Action, tape: Tape) -> Action:
    spec = action.spec
    if spec.runs == "async":
        function: Function = _recorded_later(spec.name, action.function, tape)
    else:
        function = _recorded_at_once("action", spec.name, action.function, tape)
    prepare, revert = action.prepare, action.revert
    return replace(
        action,
        # A tape cannot follow into another process, so what would run there runs in a thread.
        spec=replace(spec, runs="thread") if spec.runs == "process" else spec,
        function=function,
        prepare=_recorded_at_once("prepare", spec.name, prepare, tape) if prepare else None,
        revert=_recorded_way_back(spec.name, revert, tape) if revert else None,
    )


def _recorded_at_once(kind: Taped, name: str, function: Function, tape: Tape) -> Function:
    def recorded(parameters: Params, context: ActionContext) -> object:
        asked = {"action": name, "parameters": parameters}
        try:
            result = function(parameters, context)
        except Exception as error:
            tape.keep(kind, asked, _failure(error))
            raise
        tape.keep(kind, asked, _answer(result))
        return result

    return recorded


def _recorded_later(name: str, function: Function, tape: Tape) -> Function:
    async def recorded(parameters: Params, context: ActionContext) -> object:
        asked = {"action": name, "parameters": parameters}
        try:
            result = await cast("Awaitable[object]", function(parameters, context))
        except asyncio.CancelledError:
            tape.keep("action", asked, unfinished_answer())
            raise
        except Exception as error:
            tape.keep("action", asked, _failure(error))
            raise
        tape.keep("action", asked, _answer(result))
        return result

    return recorded


def _recorded_way_back(
    name: str, revert: Callable[[Params, object, ActionContext], object], tape: Tape
) -> Callable[[Params, object, ActionContext], object]:
    def recorded(parameters: Params, kept: object, context: ActionContext) -> object:
        asked = {"action": name, "parameters": parameters, "kept": kept}
        try:
            result = revert(parameters, kept, context)
        except Exception as error:
            tape.keep("revert", asked, _failure(error))
            raise
        tape.keep("revert", asked, _answer(result))
        return result

    return recorded


def _failure(error: Exception) -> dict[str, object]:
    """Return an exception as an answer, with the class that the engine would give it."""
    from orchestrator.core.failure import classify

    if isinstance(error, ActionError):
        return failure_answer(error)
    failure = classify(error, step="")
    error_class = failure.error_class
    return failure_answer(ActionError(failure.message, error_class=error_class, retryable=failure.retryable))


def _answer(result: object) -> dict[str, object]:
    """Return a result as an answer, without what was left at its default."""
    outcome = result if isinstance(result, ActionOutcome) else ActionOutcome(value=result)
    empty = ActionOutcome(value=None)
    answer: dict[str, object] = {"value": as_plain_data(outcome.value)}
    for name in ("usage", "model", "warnings", "labels"):
        if (said := getattr(outcome, name)) != getattr(empty, name):
            answer[name] = said
    return answer


def _played(tape: Tape, kind: Taped, name: str, asked: Mapping[str, object]) -> Mapping[str, object]:
    answer = tape.play(kind, {"action": name, **asked})
    raise_failure(answer)
    return answer


def _outcome(answer: Mapping[str, object]) -> ActionOutcome:
    return ActionOutcome(**answer)  # pyright: ignore[reportArgumentType] - it was made from one
