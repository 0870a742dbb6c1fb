"""Time and randomness as contracts, so that a seeded simulation can drive the whole engine."""

from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Clock(Protocol):
    """The only source of time below the door objects."""

    def now(self) -> float:
        """Return the time of day in seconds since 1970-01-01 UTC; it may jump."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back; only differences mean anything."""
        ...

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait; a negative time counts as zero."""
        ...

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Raise TimeoutError inside the block when it takes longer; None never does."""
        ...


class Randomness(Protocol):
    """The only source of chance below the door objects."""

    def random(self) -> float:
        """Return a number in [0, 1); for jitter and the like."""
        ...

    def bytes(self, count: int) -> bytes:
        """Return unguessable bytes; for ids and keys."""
        ...
