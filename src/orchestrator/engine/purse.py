"""What a task may spend on models: each call is paid from every budget around the task, before it is sent.

A call that does not fit waits as long as others under way may give something back; so parallel branches neither overspend
together nor fail because of money that nobody will need. What was set aside is in the journal before the request leaves.
"""

from collections.abc import Sequence
from decimal import Decimal

from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import ModelRequested, ModelSettled
from orchestrator.core.purse import Hold, OverBudgetError
from orchestrator.core.usage import NO_USAGE, Usage, in_doubt
from orchestrator.engine.account import Account
from orchestrator.engine.run import Run
from orchestrator.engine.treasury import Reservation

_NOTHING = Decimal(0)


class TaskPurse:
    """The purse of one attempt of a task."""

    def __init__(self, run: Run, task: TaskPath) -> None:
        self._run = run
        self._task = task

    @property
    def tight(self) -> bool:
        """Whether a budget that may be degraded is nearly spent."""
        return any(account.tight for account in self._run.accounts_of(self._task))

    async def hold(self, model: str, most: Decimal | None, *, basis: str = "") -> Hold:
        """Set aside what a call may cost at most; raises `OverBudgetError` for one that could pass a budget."""
        accounts = self._run.accounts_of(self._task)
        if most is None:
            self._refuse_unknown(model, accounts, basis)
        amount = most or _NOTHING
        reservation = await self._reserve(model, amount, accounts) if amount else None
        hold = _Hold(self._run, self._task, model, accounts, amount, reservation, basis if most else "")
        if most == 0:
            return hold
        try:
            await hold.request(most)
        except BaseException:
            await hold.release()
            raise
        return hold

    def _refuse_unknown(self, model: str, accounts: Sequence[Account], basis: str) -> None:
        treasury = self._run.means.treasury
        if accounts:
            name, degrade = accounts[0].name, accounts[0].budget.degrade
        elif treasury is not None and treasury.is_limited:
            name, degrade = "the budget of the day or the project", False
        else:
            return
        raise OverBudgetError(
            f"{name} cannot be kept: nobody knows what a call of {model} may cost, because {basis or 'it has no price'}\n"
            "→ name a model whose price is known, give its price in py-orc.toml, or take the budget away",
            degrade=degrade,
        )

    async def _reserve(self, model: str, amount: Decimal, accounts: Sequence[Account]) -> Reservation | None:
        while short := next((account for account in accounts if not account.has_room(amount)), None):
            if not short.held:
                raise short.refusal(model, amount)
            await short.changes()
        for account in accounts:
            account.held += amount
        treasury, clock = self._run.means.treasury, self._run.means.clock
        if treasury is None:
            return None
        try:
            return await treasury.reserve(
                model, amount, now=clock.now(), warn=lambda message: self._run.warn(message, self._task)
            )
        except BaseException:
            for account in accounts:
                account.give_back(amount)
            raise


class _Hold:
    """What is set aside for one call."""

    def __init__(
        self,
        run: Run,
        task: TaskPath,
        model: str,
        accounts: Sequence[Account],
        amount: Decimal,
        reservation: Reservation | None,
        price: str,
    ) -> None:
        self._run = run
        self._task = task
        self._model = model
        self._accounts = accounts
        self._amount = amount
        self._reservation = reservation
        self._price = price
        self._most: Decimal | None = amount
        self._call = 0

    async def request(self, most: Decimal | None) -> None:
        """Write the reservation, so that it survives this process."""
        self._most = most
        self._call = self._run.state.calls + 1
        now = self._run.means.clock.now()
        self._run.record(ModelRequested(now, self._task, self._model, self._call, most))
        await self._run.journal.written()

    async def settle(self, usage: Usage) -> None:
        """Take what the call did cost, and give the rest back."""
        await self._end(usage)

    async def release(self) -> None:
        """Give everything back."""
        await self._end(NO_USAGE)

    async def doubt(self) -> None:
        """Take everything: nobody saw whether the call was answered."""
        await self._end(in_doubt(self._most))

    async def _end(self, usage: Usage) -> None:
        cost, run = usage.cost or _NOTHING, self._run
        for account in self._accounts:
            account.give_back(self._amount, spent=cost)
        if self._reservation is not None:
            await self._reservation.settle(cost)
        if self._call or usage != NO_USAGE:
            now = run.means.clock.now()
            run.record(ModelSettled(now, self._task, self._model, self._call, usage, self._price))
        for account in self._accounts:
            if alarm := account.alarm:
                run.warn(alarm, self._task)
