"""The contract of money: what a model call may cost at most is set aside before it is sent."""

from decimal import Decimal
from typing import Protocol

from orchestrator.core.usage import Usage
from orchestrator.errors import NotAskedError


class OverBudgetError(NotAskedError):
    """A call could pass a budget, so it was not sent; its class is `budget`."""

    def __init__(self, message: str, *, degrade: bool = False) -> None:
        self.degrade = degrade
        """Whether a cheaper model may be asked instead."""
        super().__init__(message, error_class="budget", retryable=False)


class Hold(Protocol):
    """Money set aside for one call; it ends by exactly one of its methods."""

    async def settle(self, usage: Usage) -> None:
        """Take what the call did cost, and give the rest back."""
        ...

    async def release(self) -> None:
        """Give everything back: the call cost nothing."""
        ...

    async def doubt(self) -> None:
        """Take everything: the call was sent, and nobody saw what became of it."""
        ...


class Purse(Protocol):
    """What a task may still spend, over every budget that holds for it."""

    @property
    def tight(self) -> bool:
        """Whether so little is left that a cheaper model is to be preferred."""
        ...

    async def hold(self, model: str, most: Decimal | None, *, basis: str = "") -> Hold:
        """Set aside what a call may cost at most (US dollars; None where nobody knows).

        `basis` says where the price comes from, or what is not known. Where other calls under way may give something back,
        it waits for them. Raises `OverBudgetError`, naming the budget, when the call could pass it.
        """
        ...


class _Nothing:
    """Money that nobody counts."""

    async def settle(self, usage: Usage) -> None:
        """Count nothing."""

    async def release(self) -> None:
        """Give nothing back."""

    async def doubt(self) -> None:
        """Count nothing."""


class OpenPurse:
    """A purse without a bottom: no budget holds."""

    tight = False

    async def hold(self, model: str, most: Decimal | None, *, basis: str = "") -> Hold:
        """Let every call pass."""
        del model, most, basis
        return _Nothing()
