"""What a run, or a step with all that is inside it, may still spend."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct, field

from orchestrator.core.budget import TIGHT_AT, WARNS_AT, Budget, money_text
from orchestrator.core.purse import OverBudgetError
from orchestrator.core.run_state import RunState

_SEPARATORS = frozenset(".[#/~")


class Account(Struct, kw_only=True):
    """A budget with what was taken from it; the sum of both parts never passes it."""

    name: str
    """As sentences go on: `the budget of the run`."""
    advice: str
    """What to raise, and where."""
    budget: Budget
    spent: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    """Set aside for calls under way."""
    _waiting: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])

    @property
    def tight(self) -> bool:
        """Whether cheaper models are to be preferred from here on."""
        return self.budget.degrade and self.spent + self.held >= TIGHT_AT * self.budget.amount

    @property
    def alarm(self) -> str:
        """What to warn of; empty while there is plenty."""
        if not self.spent or self.spent < WARNS_AT * self.budget.amount:
            return ""
        return f"{WARNS_AT:.0%} of {self.name} ({money_text(self.budget.amount)}) are spent"

    def has_room(self, amount: Decimal) -> bool:
        """Return whether an amount can be set aside now."""
        return self.spent + self.held + amount <= self.budget.amount

    async def changes(self) -> None:
        """Wait until something is given back or spent."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def give_back(self, amount: Decimal, *, spent: Decimal = Decimal(0)) -> None:
        """End a reservation, and let those go on who wait for it."""
        self.held -= amount
        self.spent += spent
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    def refusal(self, model: str, most: Decimal) -> OverBudgetError:
        """Return the error for a call that could pass the budget."""
        return OverBudgetError(
            f"{self.name} is {money_text(self.budget.amount)}, {money_text(self.spent)} of it are spent, and this call of "
            f"{model} may cost up to {money_text(most)}\n"
            f"→ {self.advice} (at least {money_text(self.spent + most)} for this call), or lower `max_tokens`",
            degrade=self.budget.degrade,
        )


def paths_around(path: str) -> Iterator[str]:
    """Yield the paths that a task is inside of, its own first and the run's empty one last.

    Behind each path of a step stands that of the file which it runs: the same with a dot.
    """
    yield path
    for index in range(len(path) - 1, 0, -1):
        if path[index] in _SEPARATORS:
            yield path[: index + 1]
            yield path[:index]
    yield ""


def spent_below(state: RunState, path: str) -> Decimal:
    """Return what the tasks at or below a path have cost so far."""
    if not path:
        return state.usage.cost or Decimal(0)
    costs = (
        task.usage.cost
        for known, task in state.tasks.items()
        if task.usage.cost is not None and path in paths_around(known)
    )
    return sum(costs, Decimal(0))
