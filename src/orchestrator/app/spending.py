"""What a run spent, by model and provider, and where each price comes from."""

from collections.abc import Mapping

from msgspec import Struct

from orchestrator.core.run_state import RunState
from orchestrator.core.usage import NO_USAGE, Usage


class ModelSpending(Struct, frozen=True):
    """What one model was used for."""

    usage: Usage
    price: str = ""
    """Where its price comes from; empty where nobody knows one."""


def spending_of(state: RunState) -> dict[str, ModelSpending]:
    """Return what each model of a run was used for, failed attempts included."""
    return {
        model: ModelSpending(usage, state.prices.get(model, "")) for model, usage in state.by_model.items()
    }


def spending_data(models: Mapping[str, ModelSpending]) -> dict[str, object]:
    """Return the entries of the result document; none where no model was asked."""
    if not models:
        return {}
    providers: dict[str, Usage] = {}
    for name, spending in models.items():
        provider = name.partition(":")[0]
        providers[provider] = providers.get(provider, NO_USAGE) + spending.usage
    return {
        "models": {
            name: {**spending.usage.as_data(), "price": spending.price or None}
            for name, spending in models.items()
        },
        "providers": {name: usage.as_data() for name, usage in providers.items()},
    }
