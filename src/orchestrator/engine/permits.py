"""Permits for what is scarce: places for running actions, GPUs, memory, calls to one API.

An action takes all its permits at once or waits, so no two actions can hold half of what the other needs. Waiting is in
order of arrival; a later one may pass only where it needs nothing that an earlier one is still short of.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.errors import ActionError


@dataclass(slots=True)
class _Waiter:
    needs: Mapping[str, float]
    granted: asyncio.Future[None]


class Permits:
    """The permits of one engine."""

    def __init__(self, capacities: Mapping[str, float]) -> None:
        self._capacities = dict(capacities)
        self._free = dict(capacities)
        self._waiters: list[_Waiter] = []

    def offer(self, name: str, amount: float) -> None:
        """Add a kind of permit."""
        self._capacities[name] = self._free[name] = amount

    def withdraw(self, name: str) -> None:
        """Take a kind of permit away again."""
        self._capacities.pop(name, None)
        self._free.pop(name, None)

    def take_now(self, needs: Mapping[str, float]) -> bool:
        """Take all the permits if they are free and nobody waits; raises `ActionError` when they can never be had."""
        for name, amount in needs.items():
            self._check(name, amount)
        if self._waiters or not self._fits(needs, self._free):
            return False
        self._take(needs)
        return True

    async def acquire(self, needs: Mapping[str, float]) -> None:
        """Wait for all the permits together; raises `ActionError` when they can never be had."""
        if self.take_now(needs):  # they may have come free since the caller looked
            return
        waiter = _Waiter(needs, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            await waiter.granted
        except asyncio.CancelledError:
            if waiter.granted.done() and not waiter.granted.cancelled():
                self.release(needs)
            else:
                self._waiters.remove(waiter)
                self._grant()
            raise

    def release(self, needs: Mapping[str, float]) -> None:
        """Give permits back and let others have them."""
        for name, amount in needs.items():
            self._free[name] += amount
        if self._waiters:
            self._grant()

    def _check(self, name: str, amount: float) -> None:
        capacity = self._capacities.get(name)
        if capacity is None:
            known = ", ".join(sorted(self._capacities)) or "none"
            raise ActionError(
                f"this machine offers no {name!r} (known: {known}); set it under [resources] in py-orc.toml",
                error_class="invalid_request",
            )
        if amount > capacity:
            raise ActionError(
                f"{amount:g} of {name!r} is asked for, but there are only {capacity:g} in all",
                error_class="invalid_request",
            )

    @staticmethod
    def _fits(needs: Mapping[str, float], free: Mapping[str, float]) -> bool:
        return all(free[name] >= amount for name, amount in needs.items())

    def _take(self, needs: Mapping[str, float]) -> None:
        for name, amount in needs.items():
            self._free[name] -= amount

    def _grant(self) -> None:
        short: set[str] = set()
        waiting: list[_Waiter] = []
        for waiter in self._waiters:
            if not short.intersection(waiter.needs) and self._fits(waiter.needs, self._free):
                self._take(waiter.needs)
                waiter.granted.set_result(None)
            else:
                short.update(waiter.needs)
                waiting.append(waiter)
        self._waiters = waiting
