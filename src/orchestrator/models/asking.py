"""One question to the models of a chain: asked one after the other until an answer is good, with bounded repair.

An answer that does not fit is shown to the model again with what is wrong, `REPAIRS` times at most. Whatever comes back is
data: cleaned of control sequences, cut at a size, and never rendered as a template.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import asdict, replace

from orchestrator.core.action import ActionOutcome
from orchestrator.core.misfit import shortened
from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.core.plain import is_mapping
from orchestrator.core.purse import OverBudgetError
from orchestrator.core.schema import Validator, compile_schema
from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.errors import ActionError, NotAskedError
from orchestrator.models.answer import read_answer
from orchestrator.models.cleaning import cleaned_text
from orchestrator.models.gateway import Ask, Caller
from orchestrator.models.minimal import NAME as MINIMAL
from orchestrator.models.routing import cost_objection, most_tokens, need_of
from orchestrator.models.selection import Choice

REPAIRS = 2
"""How often a model is asked again after an answer that does not fit."""
LONGEST_ANSWER = 1_000_000
"""Characters of an answer that are kept."""
DEGRADED = "degraded"
"""The label of a value that stands in for an answer."""

_LEVELS = {1: "primary", 2: "secondary"}


class Attempt(Struct, frozen=True, kw_only=True):
    """What became of one model of a chain."""

    model: str
    level: str
    """`primary`, `secondary`, `fallback 3` … by its place, or `minimal`."""
    reason: str
    """Why it was its turn."""
    outcome: str
    """`answered`, `failed`, or `refused` before it was asked."""
    strategy: str = ""
    confidence: str = ""
    """In the answer: `high` as asked for, `medium` repaired or from a fallback, `low` both, `none` for a minimal one."""
    error: str = ""
    error_class: str = ""

    def as_data(self) -> dict[str, object]:
        """Return plain data; empty fields are left out."""
        return {key: value for key, value in asdict(self).items() if value}


class Asking:
    """One question on its way through the models of a chain; adds up what it used."""

    def __init__(self, request: ModelRequest, way: Ask, caller: Caller) -> None:
        self._request = request
        self._way = way
        self._caller = caller
        self._validate = None if request.schema is None else _validator(request.schema)
        self._usage = NO_USAGE
        self._warnings: list[str] = []
        self._attempts: list[Attempt] = []
        self._repairs = 0

    async def through(self, chain: Sequence[Choice]) -> ActionOutcome:
        """Return the first good answer; raises ActionError, naming every attempt, when there is none."""
        failed: list[tuple[str, ActionError]] = []
        for place, choice in enumerate(chain, 1):
            self._repairs = 0
            try:
                value, model = await self._ask(choice)
            except ActionError as error:
                failed.append((choice.model.name, error))
                self._note(choice, place, error)
                if isinstance(error, OverBudgetError) and not error.degrade:
                    break  # no fallback past a limit that does not allow it
                continue
            self._warnings[:0] = [f"{name} did not answer: {error.message}" for name, error in failed]
            self._note(choice, place)
            return ActionOutcome(
                value=value,
                usage=self._usage,
                model=model,
                warnings=tuple(dict.fromkeys(self._warnings)),
                labels=frozenset({DEGRADED} if choice.model.name == MINIMAL else ()),
                route=self._route(),
            )
        raise _all_failed(failed, self._usage, self._route())

    def _note(self, choice: Choice, place: int, error: ActionError | None = None) -> None:
        is_minimal = choice.model.name == MINIMAL
        doubts = (place > 1) + (self._repairs > 0)
        self._attempts.append(
            Attempt(
                model=choice.model.name,
                level=MINIMAL if is_minimal else _LEVELS.get(place, f"fallback {place}"),
                reason=choice.reason,
                strategy=choice.strategy,
                outcome="answered"
                if error is None
                else "refused"
                if isinstance(error, NotAskedError)
                else "failed",
                confidence="" if error else "none" if is_minimal else ("high", "medium", "low")[doubts],
                error=shortened(error.message, 300) if error else "",
                error_class=error.error_class if error else "",
            )
        )

    def _route(self) -> list[Mapping[str, object]]:
        return [attempt.as_data() for attempt in self._attempts]

    async def _ask(self, choice: Choice) -> tuple[object, str]:
        if choice.refusal:
            raise _refused(f"{choice.model.name} was not asked: {choice.refusal}", "invalid_request")
        if self._validate is not None:
            return await self._value(choice, self._validate)
        response = await self._response(choice, self._request)
        return "" if choice.model.name == MINIMAL else self._text(response), response.model

    async def _value(self, choice: Choice, validate: Validator) -> tuple[object, str]:
        request = self._request
        while len(request.repair) <= REPAIRS:
            response = await self._response(choice, request)
            value, wrong = read_answer(response, validate)
            if not wrong:
                return value, response.model
            answer = shortened(cleaned_text(response.text) or repr(value), 4000)
            request = _with_repair(request, answer, wrong)
            self._repairs += 1
        answer, wrong = request.repair[-1]
        raise ActionError(
            f"{choice.model.name} gave no answer that fits `output`, in {REPAIRS + 1} tries: {wrong}\n"
            f"it answered: {shortened(answer, 300)}\n"
            "→ say in the prompt what is wanted, or loosen `output`",
            error_class="bad_output",
            details={"answers": [{"answer": text, "wrong": why} for text, why in request.repair]},
        )

    async def _response(self, choice: Choice, request: ModelRequest) -> ModelResponse:
        model = choice.model
        response = await self._way(model, _within_cost(choice, request), self._caller)
        self._usage += response.usage
        self._warnings += response.warnings
        if not _is_same(model, response.model):
            if choice.exact:
                raise ActionError(
                    f"{model.name} was asked, but {response.model} answered\n"
                    "→ name that model in the file, or `model: auto` where any will do",
                    error_class="bad_output",
                )
            self._warnings.append(f"{model.name} was asked, but {response.model} answered")
        return response

    def _text(self, response: ModelResponse) -> str:
        text = cleaned_text(response.text)
        if not text.strip():
            raise ActionError(f"{response.model} gave an empty answer", error_class="bad_output")
        if len(text) > LONGEST_ANSWER:
            self._warnings.append(f"the answer was cut at {LONGEST_ANSWER} characters")
        return text[:LONGEST_ANSWER]


def _validator(schema: Mapping[str, object]) -> Validator:
    try:
        return compile_schema(schema)
    except ValueError as error:
        raise ActionError(f"`output` cannot be read: {error}", error_class="invalid_request") from error


def _with_repair(request: ModelRequest, answer: str, wrong: str) -> ModelRequest:
    return replace(request, repair=(*request.repair, (answer, wrong)))


def _is_same(model: Model, answered: str) -> bool:
    """Return whether the answer came from the model that was asked; a dated or tagged name of it is the same."""
    return answered == model.name or answered.startswith(
        (f"{model.name}-", f"{model.name}:", f"{model.name}@")
    )


def _refused(message: str, error_class: str) -> NotAskedError:
    return NotAskedError(message, error_class=error_class, retryable=False)


def _within_cost(choice: Choice, request: ModelRequest) -> ModelRequest:
    """Return the request with its answer held so short that the call keeps within `max_cost`; raises ActionError."""
    if choice.max_cost is None:
        return request
    need = need_of(request)
    objection = cost_objection(choice.price, need, choice.max_cost)
    if objection:
        raise _refused(f"{choice.model.name} was not asked: {objection}", "budget")
    most = choice.price and most_tokens(choice.price, need, choice.max_cost)
    if most is None or (request.max_tokens is not None and request.max_tokens <= most):
        return request
    return replace(request, max_tokens=most)


def _all_failed(
    failed: Sequence[tuple[str, ActionError]], usage: Usage, route: Sequence[Mapping[str, object]]
) -> ActionError:
    """Return the error of the only attempt, or one that lists them all and may pass when one of them may."""
    from orchestrator.core.failure import NOT_RETRIED

    if len(failed) == 1:
        error = failed[0][1]
        return ActionError(
            error.message,
            error_class=error.error_class,
            retryable=error.retryable,
            retry_after=error.retry_after,
            details=_with_route(error.details, route),
            usage=usage,
        )
    is_stopped = isinstance(failed[-1][1], OverBudgetError)
    passing = [] if is_stopped else [error for _, error in failed if error.error_class not in NOT_RETRIED]
    waits = [error.retry_after for error in passing if error.retry_after is not None]
    attempts = "\n".join(f"  {name}: {error.message} ({error.error_class})" for name, error in failed)
    return ActionError(
        f"no model of the chain answered:\n{attempts}",
        error_class=(passing or [failed[-1][1]])[0].error_class,
        retry_after=min(waits) if waits and len(waits) == len(passing) else None,
        details={"route": route},
        usage=usage,
    )


def _with_route(details: object, route: Sequence[Mapping[str, object]]) -> object:
    """Return the details of an error with the way to it, where they are of a kind that takes it."""
    if details is None or is_mapping(details):
        return {**(details or {}), "route": route}
    return details
