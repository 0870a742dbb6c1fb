"""The contract of money: what a model call may cost at most is set aside before it is sent."""

from decimal import Decimal
from typing import Protocol

from orchestrator.core.usage import Usage


class Hold(Protocol):
    """Money set aside for one call; it ends by exactly one of its methods."""

    def settle(self, usage: Usage) -> None:
        """Take what the call did cost, and give the rest back."""
        ...

    def release(self) -> None:
        """Give everything back: nothing was sent."""
        ...


class Purse(Protocol):
    """What a task may still spend, over every budget that holds for it."""

    @property
    def tight(self) -> bool:
        """Whether so little is left that a cheaper model is to be preferred."""
        ...

    async def hold(self, model: str, most: Decimal | None) -> Hold:
        """Set aside what a call may cost at most (US dollars; None where nobody knows).

        Raises `ActionError` of class `budget`, naming the budget, when that could pass it.
        """
        ...


class _Nothing:
    """Money that nobody counts."""

    def settle(self, usage: Usage) -> None:
        """Count nothing."""

    def release(self) -> None:
        """Give nothing back."""


class OpenPurse:
    """A purse without a bottom: no budget holds."""

    tight = False

    async def hold(self, model: str, most: Decimal | None) -> Hold:
        """Let every call pass."""
        del model, most
        return _Nothing()
