"""The contract of money that many runs share: what was spent under a key, never above a cap, whoever spends at once."""

from decimal import Decimal
from typing import Protocol


class Ledger(Protocol):
    """Sums in US dollars by key, such as those of a day or of the project.

    What a call may cost is reserved before it is sent and put right once it was answered. A reservation whose process died
    stays: nobody knows whether that call was charged.
    """

    async def reserve(self, key: str, amount: Decimal, *, cap: Decimal | None = None) -> Decimal | None:
        """Add an amount and return the sum; None, with nothing added, when that would pass the cap."""
        ...

    async def settle(self, key: str, *, reserved: Decimal, spent: Decimal) -> None:
        """Put what a call did cost in the place of what was reserved for it."""
        ...

    async def total(self, key: str) -> Decimal:
        """Return the sum: what was spent, and what is reserved."""
        ...
