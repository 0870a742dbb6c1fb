"""The layers that lie around every model, in their order: one `Orchestrator` has one gateway, so its runs share them."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.model import Model
from orchestrator.core.tape import Tape
from orchestrator.models.cassette import taped
from orchestrator.models.gateway import Ask, Layer, gateway
from orchestrator.models.health import Health
from orchestrator.models.limits import limits
from orchestrator.models.metering import Terms, metered
from orchestrator.settings import Settings


class ModelGateway(NamedTuple):
    """The way to the models, with what others want to know of it."""

    ask: Ask
    health: Health
    closers: tuple[Callable[[], Awaitable[None]], ...] = ()

    async def close(self) -> None:
        """Let go of files and connections."""
        for close in self.closers:
            await close()


def gateway_of(
    settings: Settings,
    clock: Clock,
    randomness: Randomness,
    *,
    terms_of: Callable[[Model], Terms],
    tape: Tape | None = None,
) -> ModelGateway:
    """Return the gateway that the settings amount to; `terms_of` says what the cost of a model depends on."""
    health = Health(clock)
    layers: list[Layer] = [] if tape is None else [taped(tape)]
    closers: list[Callable[[], Awaitable[None]]] = []
    if settings.cache.responses and settings.features["cache"]:
        from orchestrator.app.kept_answers import kept_answers

        answers = kept_answers(settings, clock, randomness)
        layers.append(answers.layer)
        closers.append(answers.close)
    if settings.features["breakers"]:
        layers.append(health.guard)
    layers.append(limits(settings.limits, clock=clock))
    layers.append(metered(terms_of))
    layers.append(health.measure)  # the innermost: it measures models, not our own waiting
    return ModelGateway(gateway(layers), health, tuple(closers))
