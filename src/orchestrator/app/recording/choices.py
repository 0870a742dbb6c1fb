"""Which models a step was answered by: recorded, because it depends on what is configured, and replayed without any."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from msgspec import convert, to_builtins

from orchestrator.core.misfit import Misfit
from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse, Price
from orchestrator.core.tape import Tape, failure_answer, raise_failure
from orchestrator.errors import ActionError, SetupError
from orchestrator.models.routing import NO_NEED, Need
from orchestrator.models.selection import Choice, Draw, Selector


class RecordingSelector(Selector):
    """Selects as another selector does, and keeps what it selected."""

    def __init__(self, selector: Selector, tape: Tape) -> None:
        super().__init__(builtin=selector.pool.builtin, default=selector.default)
        self.pool = selector.pool
        self._selector = selector
        self._tape = tape

    async def select(
        self, wish: object, need: Need = NO_NEED, *, draw: Draw | None = None, tight: bool = False
    ) -> list[Choice]:
        """Return the models to try, in order."""
        asked = _asked(wish, need, tight=tight)
        try:
            choices = await self._selector.select(wish, need, draw=draw, tight=tight)
        except SetupError as error:
            self._tape.keep("choice", asked, failure_answer(ActionError(str(error))))
            raise
        self._tape.keep("choice", asked, {"chain": [_kept(choice) for choice in choices]})
        return choices


class ReplayingSelector(Selector):
    """Selects what was recorded; no model needs to be there."""

    def __init__(self, tape: Tape) -> None:
        super().__init__(builtin=RecordedModel("builtin", ModelProfile()))
        self._tape = tape

    def misfits(self, wish: object) -> list[Misfit]:
        """Find nothing wrong: what could be asked was seen when it was recorded."""
        del wish
        return []

    async def select(
        self, wish: object, need: Need = NO_NEED, *, draw: Draw | None = None, tight: bool = False
    ) -> list[Choice]:
        """Return the models that were tried."""
        del draw
        answer = self._tape.play("choice", _asked(wish, need, tight=tight))
        try:
            raise_failure(answer)
        except ActionError as error:
            raise SetupError(error.message) from None
        return [_choice(kept) for kept in cast("list[Mapping[str, object]]", answer["chain"])]


class RecordedModel:
    """A model that answered once; only its recording can be asked."""

    def __init__(self, name: str, profile: ModelProfile) -> None:
        self.name = name
        self.profile = profile

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Refuse: a replay asks nobody."""
        del request
        raise ActionError(f"{self.name} is only a recording", error_class="invalid_request")

    async def close(self) -> None:
        """Hold nothing."""


def _asked(wish: object, need: Need, *, tight: bool) -> dict[str, object]:
    told = {"wish": wish, **cast("dict[str, object]", to_builtins(need)), "tight": tight}
    return {name: value for name, value in told.items() if value not in (False, None, 0)}


def _kept(choice: Choice) -> dict[str, object]:
    told = {**choice._asdict(), "model": choice.model.name, "price": to_builtins(choice.price)}
    kept = {name: value for name, value in told.items() if value not in (None, "")}
    return {**kept, "profile": to_builtins(choice.model.profile)}


def _choice(kept: Mapping[str, object]) -> Choice:
    told = dict(kept)
    profile = convert(told.pop("profile"), ModelProfile)
    told["model"] = RecordedModel(str(told["model"]), profile)
    if "price" in told:
        told["price"] = convert(told["price"], Price)
    told["max_cost"] = cast("Decimal | None", told.get("max_cost"))
    return Choice(**told)  # pyright: ignore[reportArgumentType] - it was made from one
