"""Permits for what is scarce: places for running actions, GPUs, memory, calls to one API.

An action takes all its permits at once or waits, so no two actions can hold half of what the other needs. Those that need
the same stand in one line; the heads of the lines are served in order of arrival. Whoever waits at the head keeps back
what it needs and could have, and nobody passes it in what it is short of: so a later one may go first, but cannot make an
earlier one wait for ever.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from orchestrator.errors import ActionError

Shape = tuple[tuple[str, float], ...]
"""What is needed, as a key: equal needs wait in one line."""


class _Waiter(NamedTuple):
    number: int
    """Its place in the order of arrival."""
    granted: asyncio.Future[None]


class Permits:
    """The permits of one engine."""

    def __init__(self, capacities: Mapping[str, float]) -> None:
        self._capacities = dict(capacities)
        self._free = dict(capacities)
        self._lines: dict[Shape, deque[_Waiter]] = {}
        self._arrivals = 0

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
        if self._lines or not self._fits(needs.items(), self._free):
            return False
        self._take(needs.items())
        return True

    def request(self, needs: Mapping[str, float]) -> asyncio.Future[None]:
        """Return a future that is done once all the permits are taken together; see `give_up`.

        Raises `ActionError` when they can never be had.
        """
        for name, amount in needs.items():
            self._check(name, amount)
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        line = self._lines.setdefault(tuple(sorted(needs.items())), deque())
        line.append(_Waiter(self._arrivals, granted))
        if len(line) == 1:
            self._grant()
        return granted

    def give_up(self, granted: asyncio.Future[None], needs: Mapping[str, float]) -> None:
        """Take a request back, whether it was granted in the meantime or not."""
        if granted.done() and not granted.cancelled():
            self.release(needs)
        else:
            granted.cancel()
            self._grant()

    def release(self, needs: Mapping[str, float]) -> None:
        """Give permits back and let others have them."""
        for name, amount in needs.items():
            self._free[name] += amount
        if self._lines:
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

    def _grant(self) -> None:
        """Serve the heads of the lines, the longest waiting first."""
        left = dict(self._free)
        """What later ones may have: less than what is free, because earlier ones keep some back."""
        short: set[str] = set()
        for shape, line in self._by_arrival():
            if not short.isdisjoint(name for name, _ in shape):
                continue
            if self._fits(shape, left):
                self._take(shape)
                for name, amount in shape:
                    left[name] -= amount
                line.popleft().granted.set_result(None)
                continue
            for name, amount in shape:
                if left[name] < amount:
                    short.add(name)
                else:
                    left[name] -= amount

    def _by_arrival(self) -> Iterator[tuple[Shape, deque[_Waiter]]]:
        """Yield the line whose head came first, again and again, each until its head is not served."""
        blocked: set[Shape] = set()
        while True:
            first: tuple[int, Shape] | None = None
            for shape, line in tuple(self._lines.items()):
                while line and line[0].granted.done():  # somebody gave up
                    line.popleft()
                if not line:
                    del self._lines[shape]
                elif shape not in blocked and (first is None or line[0].number < first[0]):
                    first = (line[0].number, shape)
            if first is None:
                return
            number, shape = first
            line = self._lines[shape]
            yield shape, line
            if line and line[0].number == number:
                blocked.add(shape)

    @staticmethod
    def _fits(needs: Iterable[tuple[str, float]], free: Mapping[str, float]) -> bool:
        return all(free[name] >= amount for name, amount in needs)

    def _take(self, needs: Iterable[tuple[str, float]]) -> None:
        for name, amount in needs:
            self._free[name] -= amount
