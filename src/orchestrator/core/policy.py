"""How a step behaves when things go wrong or take long: plain values, decided upon elsewhere."""

from msgspec import Struct


class Retry(Struct, frozen=True):
    """When and how often an attempt is repeated."""

    attempts: int = 1
    """Tries in all, not repetitions."""
    backoff: float = 1.0
    """Seconds before the second try; doubles with each further one."""
    max_backoff: float = 60.0
    """Seconds no pause exceeds."""
    jitter: float = 0.1
    """Share of the pause that chance may add or take."""
    on: tuple[str, ...] = ()
    """Error classes that are tried again; empty means every class that can pass by itself."""


NO_RETRY = Retry()


class Reuse(Struct, frozen=True):
    """`cache`: take an earlier result of the same call instead of acting."""

    ttl: float | None = None
    """Seconds an entry stays good; None for ever."""
