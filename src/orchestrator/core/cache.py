"""The contract of the result cache: earlier results by the content of their call."""

from typing import Protocol

from msgspec import Struct


class CachedResult(Struct, frozen=True):
    """A result that may stand in for the same call."""

    value: object
    model: str = ""
    labels: frozenset[str] = frozenset()


class Cache(Protocol):
    """Results by key; losing one costs work, never correctness."""

    async def get(self, key: str, *, now: float) -> CachedResult | None:
        """Return the entry unless it is missing or expired at `now` (epoch seconds)."""
        ...

    async def put(self, key: str, result: CachedResult, *, expires: float | None) -> None:
        """Keep a result until `expires` (epoch seconds; None for ever), replacing an older one."""
        ...
