"""The machine's own clock and chance: the only place where the real ones are asked."""

import os
import time
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager


class SystemClock:
    """The clock of this machine."""

    __slots__ = ()

    def now(self) -> float:
        """Return the time of day in epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait in the running event loop."""
        import asyncio

        return asyncio.sleep(max(0.0, seconds))

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Bound a block of the running task."""
        import asyncio

        return asyncio.timeout(seconds)


class SystemRandomness:
    """The operating system's chance; it needs no seed and costs no import."""

    __slots__ = ()

    def random(self) -> float:
        """Return a number in [0, 1) with 53 bits of chance."""
        return (int.from_bytes(os.urandom(7), "big") >> 3) * 2.0**-53

    def bytes(self, count: int) -> bytes:
        """Return unguessable bytes."""
        return os.urandom(count)
