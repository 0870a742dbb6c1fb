"""Taking completed work back (compensation): in reverse order of completion, over all scopes and loop items.

Each way back is a journalled task of its own, with its own retries; one that fails is reported and does not keep the
others from being undone. Tasks in doubt are not touched: nobody knows what there is to undo.
"""

from collections.abc import Mapping
from dataclasses import replace

from orchestrator.core.action import Action, ActionContext, Effect
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskFailed, TaskUndone, UndoStarted
from orchestrator.core.pipeline import Step, Undo
from orchestrator.engine.attempt import Task, perform
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError
from orchestrator.errors import ActionError


async def undo_tasks(run: Run, prefix: str) -> None:
    """Undo every completed task whose path starts with `prefix`; all of them when it is empty."""
    if not any(_to_undo(run, path, prefix) for path in run.undoable):
        return
    if prefix not in run.state.undoing:
        run.record(UndoStarted(run.means.clock.now(), prefix))
    for path in reversed(run.state.completed):
        if _to_undo(run, path, prefix):
            await _undo_one(run, path, *run.undoable[path])


def remember(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath) -> None:
    """Keep what is needed to undo a completed task later."""
    if linked.step.undo is not None:
        run.undoable[path] = (linked, scope)


def _to_undo(run: Run, path: TaskPath, prefix: str) -> bool:
    known = run.task(path)
    return (
        path in run.undoable and path.startswith(prefix) and known is not None and known.status == "completed"
    )


async def _undo_one(run: Run, path: TaskPath, linked: LinkedStep, scope: Scope) -> None:
    undo, known, back = linked.step.undo, run.state.tasks[path], TaskPath(f"{path}~undo")
    if undo is None:
        return
    call = _own_way_back(linked, known.memento) if undo.call is None else linked.links.call(undo.call)
    names: Mapping[str, object] = {**scope.names, "result": known.value}
    done = run.task(back)
    try:
        if done is None or done.status != "completed":
            task = Task(
                call=call, step=_undo_step(linked.step, undo), path=back, names=names, needs=run.needs
            )
            await perform(run, task)
    except FailedError as error:
        run.record(TaskFailed(run.means.clock.now(), back, error.failure))
        run.warn(f"{path} could not be undone: {error.failure.message}", path)
    else:
        run.record(TaskUndone(run.means.clock.now(), path))


def _undo_step(step: Step, undo: Undo) -> Step:
    return replace(
        step,
        retry=undo.retry,
        on_error=(),
        undo=None,
        output=None,
        reuse=None,
        condition=None,
        resources={},
        critical=False,
    )


def _own_way_back(linked: LinkedStep, memento: object) -> LinkedCall:
    """Return the call that takes an action back by its own means."""
    call = linked.call
    if call is None or call.action.revert is None:
        raise FailedUndoError(linked.id)
    revert, spec = call.action.revert, call.action.spec

    def take_back(params: Mapping[str, object], ctx: ActionContext) -> object:
        return revert(params, memento, ctx)

    action = Action(spec=replace(spec, effect=Effect.IDEMPOTENT, runs="thread"), function=take_back)
    return LinkedCall(
        name=f"{spec.name} (undo)", parameters=call.parameters, action=action, effect=Effect.IDEMPOTENT
    )


class FailedUndoError(ActionError):
    """An `undo: true` on an action that has no way back; the compiler refuses it before any run."""

    def __init__(self, step: str) -> None:
        super().__init__(
            f"step {step!r} says `undo: true`, but its action has no way back", error_class="invalid_request"
        )
