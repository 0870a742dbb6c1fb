"""The models of a test without a recording: the built-in one, which reaches nowhere."""

from orchestrator.core.misfit import Misfit
from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse
from orchestrator.core.plain import is_list
from orchestrator.errors import ActionError
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.routing import NO_NEED, Need
from orchestrator.models.selection import Choice, Draw, Selector


class OnlyBuiltin(Selector):
    """Chooses the built-in model where a file leaves the choice open, and refuses every other."""

    def __init__(self) -> None:
        super().__init__(builtin=BuiltinModel())

    def misfits(self, wish: object) -> list[Misfit]:
        """Find nothing wrong: no model is asked that could be missing."""
        del wish
        return []

    async def select(
        self, wish: object, need: Need = NO_NEED, *, draw: Draw | None = None, tight: bool = False
    ) -> list[Choice]:
        """Return the built-in model, or one that refuses."""
        del need, draw, tight
        entries = wish if is_list(wish) else [wish]
        named = [entry for entry in entries if isinstance(entry, str) and entry != "auto"]
        own = ("builtin", "minimal", self.pool.builtin.name)
        if len(named) < len(entries) or any(name in own for name in named):
            return [Choice(self.pool.builtin, exact=False)]
        return [Choice(_Refusing(name), exact=True) for name in named]


class _Refusing:
    """A model that a test does not ask."""

    profile = ModelProfile(structured=True, vision=True, tools=True)

    def __init__(self, name: str) -> None:
        self.name = name

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Refuse."""
        del request
        raise ActionError(
            f"a test does not ask {self.name}\n"
            "→ give the step a fixture, or replay a recording: `fixtures: {STEP: …}`, `replay: DIR`",
            error_class="permission",
            retryable=False,
        )

    async def close(self) -> None:
        """Hold nothing."""
