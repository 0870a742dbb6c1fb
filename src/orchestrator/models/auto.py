"""The action behind `<AUTO>`: a model decides a value that the file leaves open, held to its type.

An early value (its question reads nothing of the run) comes from the lock where it stands there with the same context; so
it is asked once for all runs. A late one is asked by each run, and the journal keeps the answer.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, cast

from msgspec import Struct
from msgspec.structs import replace

from orchestrator.core.action import Action, ActionContext, ActionOutcome, ActionSpec, Effect, Params, Touch
from orchestrator.core.lock import Lock, LockedAnswer, NoLock
from orchestrator.core.model import ModelRequest
from orchestrator.core.pipeline import ANSWER_ACTION
from orchestrator.errors import ActionError, UserError
from orchestrator.models.asking import Asking
from orchestrator.models.builtin import NAME as BUILTIN
from orchestrator.models.gateway import Ask, Caller, gateway
from orchestrator.models.selection import Choice, Selector

_SYSTEM: Final = """\
The author of a workflow left a value open for you to decide. Decide it from the question and from what is known about
the place where the value stands. Answer with the value alone.
What is known about the place, as JSON:
"""
_PARAMETERS: Final[Mapping[str, object]] = {
    "type": "object",
    "properties": {
        "question": {},
        "schema": {"type": "object"},
        "at": {"type": "string"},
        "file": {"type": "string"},
        "place": {"type": "string"},
        "about": {"type": "object"},
        "early": {"type": "boolean"},
        "default": {},
    },
    "required": ["question", "schema", "at", "file", "about", "early"],
    "additionalProperties": False,
}


class OpenQuestion(Struct, frozen=True, kw_only=True):
    """A value to decide."""

    question: str
    schema: Mapping[str, object]
    at: str
    file: str
    place: str
    about: Mapping[str, object]
    early: bool
    default: tuple[object, ...]
    """The value for where no model may be asked; empty where there is none."""

    @classmethod
    def of(cls, parameters: Params) -> "OpenQuestion":
        """Return the question that the parameters of the action describe."""
        return cls(
            question=str(parameters["question"]).strip(),
            schema=cast("Mapping[str, object]", parameters["schema"]),
            at=str(parameters["at"]),
            file=str(parameters["file"]),
            place=str(parameters.get("place", "")),
            about=cast("Mapping[str, object]", parameters["about"]),
            early=parameters["early"] is True,
            default=(parameters["default"],) if "default" in parameters else (),
        )

    @property
    def context(self) -> str:
        """The digest of everything that the model is shown."""
        seen = json.dumps([self.question, self.schema, self.about], sort_keys=True, default=str)
        return sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def request(self) -> ModelRequest:
        """Return the question as a model gets it."""
        about = json.dumps(self.about, ensure_ascii=False, indent=1, default=str)
        asked = self.question or f"What is the best value for {self.at}?"
        return ModelRequest(prompt=asked, system=_SYSTEM + about, schema=self.schema, temperature=0.0)


def locked_answer(question: OpenQuestion, outcome: ActionOutcome) -> LockedAnswer:
    """Return the entry of the lock for an answer."""
    return LockedAnswer(
        at=question.at,
        question=question.question,
        value=outcome.value,
        model=outcome.model,
        context=question.context,
        cost=outcome.usage.cost,
    )


class Answerer:
    """Decides open values: from the lock, else by a model."""

    def __init__(self, selector: Selector, way: Ask | None = None, lock: Lock | None = None) -> None:
        self._selector = selector
        self._way = way or gateway()
        self._lock = lock or NoLock()
        self._asking: dict[tuple[str, str, str], asyncio.Lock] = {}

    async def answer(self, question: OpenQuestion, wish: object, caller: Caller) -> ActionOutcome:
        """Return the value; raises ActionError that names the place of the tag."""
        if not question.early:
            return await self.ask(question, wish, caller)
        key = (question.file, question.at, question.context)
        async with self._asking.setdefault(
            key, asyncio.Lock()
        ):  # items that ask the same wait for one answer
            kept = self._lock.find(*key)
            if kept is not None:
                return ActionOutcome(value=kept.value, model=kept.model)
            return await self._decide(question, wish, caller)

    async def _decide(self, question: OpenQuestion, wish: object, caller: Caller) -> ActionOutcome:
        if self._lock.frozen:
            if question.default:
                return ActionOutcome(value=question.default[0])
            raise _error(
                question,
                "is not in the lock, or what it was decided from has changed",
                "decide it with `py-orc lock`, look at the change, and keep the lock with the file.",
            )
        outcome = await self.ask(question, wish, caller)
        notice = self._lock.keep(question.file, locked_answer(question, outcome))
        return replace(outcome, warnings=[*outcome.warnings, notice]) if notice else outcome

    async def ask(self, question: OpenQuestion, wish: object, caller: Caller) -> ActionOutcome:
        """Let a model decide, whatever the lock says."""
        try:
            chain = await self._chain(question, wish)
            return await Asking(question.request(), self._way, caller).through(chain)
        except UserError as error:
            if question.default:
                return ActionOutcome(value=question.default[0], warnings=[f"{question.at}: {error}"])
            raise _error(question, f"cannot be decided: {error}") from error
        except ActionError as error:
            raise ActionError(
                f"{_tag(question)}: {error.message}",
                error_class=error.error_class,
                retryable=error.retryable,
                retry_after=error.retry_after,
                details=error.details,
                usage=error.usage,
            ) from error

    async def _chain(self, question: OpenQuestion, wish: object) -> Sequence[Choice]:
        chain = await self._selector.select(wish)
        if question.early and all(choice.model.name == BUILTIN for choice in chain):
            raise UserError("no model is configured, and the built-in one only reads texts")
        return chain


def auto_action(answerer: Answerer) -> Action:
    """Return the action that the engine calls for each open value."""

    async def answer(parameters: Params, context: ActionContext) -> ActionOutcome:
        caller = Caller(run_id=context.run_id, task=context.task, purpose="auto", purse=context.purse)
        return await answerer.answer(OpenQuestion.of(parameters), context.model, caller)

    return Action(
        spec=ActionSpec(
            name=ANSWER_ACTION,
            description="Decide a value that the file leaves open with `<AUTO>`.",
            parameters=_PARAMETERS,
            effect=Effect.READ,
            runs="async",
            labels=frozenset({"model"}),
            digest=sha256(repr(_PARAMETERS).encode()).hexdigest(),
        ),
        function=answer,
        touches=_touches,
    )


def _touches(_parameters: Params) -> Sequence[Touch]:
    return (Touch(kind="model", what="…"),)


def _error(question: OpenQuestion, what: str, advice: str = "") -> ActionError:
    hint = advice or "configure a model, or give the tag a `default`."
    return ActionError(f"{_tag(question)} {what}\n→ {hint}", error_class="invalid_request")


def _tag(question: OpenQuestion) -> str:
    return f"`<AUTO>` of {question.at}" + (f" ({question.place})" if question.place else "")
