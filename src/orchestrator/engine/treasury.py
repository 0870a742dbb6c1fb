"""The budgets that all runs of a project share: of the day, and of the project as a whole.

Their sums lie in the store's ledger, so they hold over processes too. A day ends at midnight UTC.
"""

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from orchestrator.core.budget import WARNS_AT, money_text
from orchestrator.core.ledger import Ledger
from orchestrator.core.purse import OverBudgetError

PROJECT = "project"
"""The key of the ledger under which everything is counted."""


def day_key(now: float) -> str:
    """Return the key of the ledger for the day of a moment, in epoch seconds."""
    from datetime import UTC, datetime

    return f"day:{datetime.fromtimestamp(now, UTC).date().isoformat()}"


class _Sum(NamedTuple):
    key: str
    word: str
    cap: Decimal | None


class Treasury:
    """Reserves from the shared budgets for all runs of this process."""

    def __init__(self, ledger: Ledger, *, day: Decimal | None = None, project: Decimal | None = None) -> None:
        self._ledger = ledger
        self._day = day
        self._project = project
        self._held: dict[str, Decimal] = {}
        """What calls of this process have reserved, by key: that may come back."""
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def is_limited(self) -> bool:
        """Whether there is any shared budget."""
        return self._day is not None or self._project is not None

    async def reserve(
        self, model: str, amount: Decimal, *, now: float, warn: Callable[[str], None]
    ) -> "Reservation":
        """Set an amount aside in every sum; waits for calls of this process that may give back what is missing."""
        sums = (_Sum(day_key(now), "day", self._day), _Sum(PROJECT, "project", self._project))
        while True:
            missing = await self._take(sums, amount, warn)
            if missing is None:
                return Reservation(self, tuple(each.key for each in sums), amount)
            if not self._held.get(missing.key):
                raise await self._refusal(missing, model, amount)
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting

    async def settle(self, keys: Sequence[str], *, reserved: Decimal, spent: Decimal) -> None:
        """Put what a call did cost in the place of what was set aside."""
        for key in keys:
            self._held[key] -= reserved
        try:
            for key in keys:
                await self._ledger.settle(key, reserved=reserved, spent=spent)
        finally:
            for waiting in self._waiting:
                if not waiting.done():
                    waiting.set_result(None)
            self._waiting.clear()

    async def _take(self, sums: Sequence[_Sum], amount: Decimal, warn: Callable[[str], None]) -> _Sum | None:
        """Reserve in every sum; where one has no room, return it and take back what the others gave."""
        for place, each in enumerate(sums):
            total = await self._ledger.reserve(each.key, amount, cap=each.cap)
            if total is None:
                for earlier in sums[:place]:
                    self._held[earlier.key] -= amount
                    await self._ledger.settle(earlier.key, reserved=amount, spent=Decimal(0))
                return each
            self._held[each.key] = self._held.get(each.key, Decimal(0)) + amount
            if each.cap is not None and total >= WARNS_AT * each.cap:
                warn(
                    f"{WARNS_AT:.0%} of the budget of the {each.word} ({money_text(each.cap)}) are spent or set aside"
                )
        return None

    async def _refusal(self, missing: _Sum, model: str, amount: Decimal) -> OverBudgetError:
        total = await self._ledger.total(missing.key)
        return OverBudgetError(
            f"the budget of the {missing.word} is {money_text(missing.cap or Decimal(0))}, {money_text(total)} of it are "
            f"spent or set aside, and this call of {model} may cost up to {money_text(amount)}\n"
            f"→ raise `{missing.word}` under `[budget]` in py-orc.toml, or lower `max_tokens`"
        )


class Reservation(NamedTuple):
    """Money of the shared budgets, set aside for one call."""

    treasury: Treasury
    keys: tuple[str, ...]
    amount: Decimal

    async def settle(self, spent: Decimal) -> None:
        """Put what the call did cost in its place."""
        await self.treasury.settle(self.keys, reserved=self.amount, spent=spent)
