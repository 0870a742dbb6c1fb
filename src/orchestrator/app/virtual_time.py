"""Time that passes only when nothing else can happen: for tests, and for runs that are replayed.

`run_virtual` runs a coroutine on an event loop whose clock stands still while anything is ready and jumps to the next timer
when nothing is. A pipeline that waits for days is tested in milliseconds, and always in the same order.

What happens outside the loop takes real time. While a thread of `run_in_executor` is at work the clock does not jump: it
waits for the thread, for `patience` real seconds at most (a thread that itself waits for a timer would wait for ever).
Sockets and other processes are looked at, but not waited for.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from typing import TypeVar, TypeVarTuple, Unpack

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

START = 1_800_000_000.0
"""Where virtual time of day begins unless a test says otherwise: 2027-01-15 08:00 UTC."""


class VirtualClock:
    """A `core.clock.Clock` that a test moves, by hand or through `run_virtual`."""

    def __init__(self, start: float = START) -> None:
        self._start = start
        self._elapsed = 0.0

    def now(self) -> float:
        """Return the virtual time of day in epoch seconds."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Return the virtual seconds since the clock was made."""
        return self._elapsed

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait in virtual time; other ready tasks run first even when there is nothing to wait for."""
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        loop.call_later(max(0.0, seconds), _finish, over)
        return over

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Raise TimeoutError inside the block when it takes longer in virtual time."""
        return asyncio.timeout(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed += seconds

    def set_time_of_day(self, now: float) -> None:
        """Let the time of day jump, as when somebody sets the machine's clock; `monotonic` does not notice."""
        self._start = now - self._elapsed


def run_virtual(
    coroutine: Coroutine[object, object, Result],
    clock: VirtualClock | None = None,
    *,
    patience: float = 10.0,
) -> Result:
    """Run a coroutine to its end in virtual time and return its result.

    Raises RuntimeError when every task waits for something that cannot happen any more.
    """
    with asyncio.Runner(
        loop_factory=lambda: VirtualLoop(clock or VirtualClock(), patience=patience)
    ) as runner:
        return runner.run(coroutine)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that lives by a `VirtualClock`; an `endless` one waits for other threads when it has nothing to do."""

    def __init__(self, clock: VirtualClock, *, patience: float = 10.0, endless: bool = False) -> None:
        self._virtual = clock
        self._threads_at_work = 0
        super().__init__(
            _JumpingSelector(clock, lambda: self._threads_at_work > 0, patience, endless=endless)
        )

    def time(self) -> float:
        """Return the virtual time that timers are set by."""
        return self._virtual.monotonic()

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Arguments]], Result], *args: *Arguments
    ) -> asyncio.Future[Result]:
        """Run a function in a thread; the clock waits for it."""
        future = super().run_in_executor(executor, func, *args)
        self._threads_at_work += 1
        future.add_done_callback(self._leave_thread)
        return future

    def _leave_thread(self, _future: object) -> None:
        self._threads_at_work -= 1


class _JumpingSelector(selectors.DefaultSelector):
    """Looks at files as any selector, but passes the time of a wait at once."""

    def __init__(
        self, clock: VirtualClock, is_busy: Callable[[], bool], patience: float, *, endless: bool
    ) -> None:
        super().__init__()
        self._clock = clock
        self._is_busy = is_busy
        self._patience = patience
        self._endless = endless

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None and self._endless:
            return super().select(None)
        must_wait = timeout is None or (timeout > 0 and self._is_busy())
        ready = super().select(self._patience if must_wait else 0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("every task waits, and nothing that they wait for can happen any more")
        self._clock.advance(timeout)
        return ready


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
