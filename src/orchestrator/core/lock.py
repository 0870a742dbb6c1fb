"""The contract of the lock: answers to values that a file leaves open, kept beside the file for review and for replay."""

from decimal import Decimal
from typing import Protocol

from msgspec import Struct


class LockedAnswer(Struct, frozen=True, kw_only=True):
    """One decided value with what it was decided from."""

    at: str
    """Step and place: `digest.with.max_tokens`."""
    question: str
    value: object
    model: str
    context: str
    """Digest of everything the question showed: another digest makes the answer stale."""
    cost: Decimal | None = None
    """US dollars; None where no price is known."""


class Lock(Protocol):
    """The decided values of pipeline files."""

    @property
    def frozen(self) -> bool:
        """Whether no model may be asked for what is missing."""
        ...

    def find(self, file: str, at: str, context: str) -> LockedAnswer | None:
        """Return the answer that was kept for exactly this question, None where there is none or it is stale."""
        ...

    def keep(self, file: str, answer: LockedAnswer) -> str:
        """Remember an answer for the rest of this process, and in the lock where there was none yet.

        Returns what people should know about it, such as that a lock lacks it; mostly nothing.
        """
        ...


class NoLock:
    """Keeps answers for the process alone."""

    frozen = False

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], LockedAnswer] = {}

    def find(self, file: str, at: str, context: str) -> LockedAnswer | None:
        """Return what was kept."""
        return self._kept.get((file, at, context))

    def keep(self, file: str, answer: LockedAnswer) -> str:
        """Remember it."""
        self._kept[file, answer.at, answer.context] = answer
        return ""
