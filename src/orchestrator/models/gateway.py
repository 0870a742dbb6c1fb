"""The one way to every model: what limits, counts, remembers or replays calls lies around it in layers.

A layer takes the way to ask that lies further inside and returns its own. Outermost first they are: recording and replay,
the response cache, health, limits per provider, money. None knows another, so each can be left out.
"""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.core.purse import OpenPurse, Purse
from orchestrator.errors import ActionError


class Caller(Struct, frozen=True, kw_only=True):
    """On whose behalf a model is asked."""

    run_id: str = ""
    task: str = ""
    purpose: str = "generate"
    """`generate`, or `auto` for a value that the file left open."""
    purse: Purse = OpenPurse()


Ask = Callable[[Model, ModelRequest, Caller], Awaitable[ModelResponse]]
"""Puts one request to one model; raises `ActionError`."""

Layer = Callable[[Ask], Ask]


def gateway(layers: Sequence[Layer] = ()) -> Ask:
    """Return the way to models through the layers, the outermost first."""
    ask: Ask = _send
    for layer in reversed(layers):
        ask = layer(ask)
    return ask


async def _send(model: Model, request: ModelRequest, _caller: Caller) -> ModelResponse:
    try:
        return await model.generate(request)
    except (ConnectionError, TimeoutError) as error:  # of a model that a user wrote
        error_class = "timeout" if isinstance(error, TimeoutError) else "transient"
        raise ActionError(f"{model.name}: {error}", error_class=error_class) from error
