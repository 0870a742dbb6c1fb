"""How much one provider of models may be asked."""

from msgspec import Struct


class ProviderLimit(Struct, frozen=True, kw_only=True):
    """What is allowed; None has no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    """Of requests and answers together."""
    parallel: int | None = None
    """Calls at the same time."""


NO_LIMIT = ProviderLimit()
