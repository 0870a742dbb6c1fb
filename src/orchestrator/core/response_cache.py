"""The contract of kept model answers: levels that are asked in order, the nearest first.

A level knows bytes, times and tags, not what an answer is. Losing an entry, or a whole level, costs a call, never
correctness: whoever asks goes on without it. Methods raise `StoreError` when the level cannot be reached.
"""

from typing import Protocol

from msgspec import Struct


class KeptAnswer(Struct, frozen=True):
    """An answer as levels keep it."""

    content: bytes
    expires: float | None = None
    """Epoch seconds; None for ever."""
    tags: tuple[str, ...] = ()
    """Names under which it can be forgotten together with others."""


class AnswerLevel(Protocol):
    """One place that keeps answers by key."""

    async def get(self, key: str, *, now: float) -> KeptAnswer | None:
        """Return the entry unless it is missing or expired at `now` (epoch seconds)."""
        ...

    async def put(self, key: str, answer: KeptAnswer, *, now: float) -> None:
        """Keep an answer, replacing an older one."""
        ...

    async def clear(self, tag: str = "") -> int:
        """Forget what has the tag, everything where it is empty; returns how many answers that were."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...


class SharedLevel(AnswerLevel, Protocol):
    """A level that several processes share, which can agree there who asks the model."""

    async def claim(self, key: str, owner: str, *, seconds: float) -> bool:
        """Say that an owner is about to make the answer, or still is; False when another one is.

        The claim ends by `release` or after the seconds.
        """
        ...

    async def release(self, key: str, owner: str) -> None:
        """End a claim of that owner; nobody else's."""
        ...
