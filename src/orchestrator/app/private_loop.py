"""The event loop behind the sync door: one thread per `Orchestrator`, started when it is first needed.

A thread of its own, rather than a loop that is entered and left, lets several threads use one door at once, keeps timers
and connections alive between calls, and makes Ctrl-C gentle: the calling thread is interrupted, not the run.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import TypeVar

from orchestrator.errors import SetupError

Result = TypeVar("Result")

_LOOK_EVERY = 0.2
"""Seconds after which a waiting thread looks whether it was interrupted."""


class PrivateLoop:
    """Runs coroutines for callers that have no event loop."""

    def __init__(self, make: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
        self._make = make
        self._home: asyncio.AbstractEventLoop | None = None
        """The loop that was made last; what it runs need not go anywhere else."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether work needs the special loop that was asked for, and the caller runs on another one."""
        return self._make is not None and asyncio._get_running_loop() is not self._home  # noqa: SLF001

    def run(
        self,
        work: Callable[[], Coroutine[object, object, Result]],
        *,
        twin: str,
        interrupt: Callable[[], None] | None = None,
    ) -> Result:
        """Run the coroutine that `work` makes and return its result.

        Args:
            work: Makes the coroutine; not called where a loop is running already.
            twin: The async method to name when the caller is inside a running event loop.
            interrupt: Called on the loop at the first Ctrl-C, after which the coroutine may still finish; the
                second one cancels it.
        """
        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - documented, and 50 times quicker than the public try
            raise SetupError(
                "this call would block the running event loop",
                hint=f"in async code write: await orc.{twin}(…)",
            )
        loop = self._started()
        future: Future[Result] | None = None
        try:
            future = asyncio.run_coroutine_threadsafe(work(), loop)
            return _result(future)
        except KeyboardInterrupt:
            if future is None or interrupt is None:
                if future is not None:
                    future.cancel()
                raise
            return self._after_interrupt(future, loop, interrupt)

    def close(self, last: Callable[[], Coroutine[object, object, object]]) -> None:
        """Run a last coroutine, end the loop and its thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            with asyncio.Runner(loop_factory=self._make) as runner:
                self._home = runner.get_loop()
                runner.run(_in_peace(last))
            return
        try:
            asyncio.run_coroutine_threadsafe(_in_peace(last), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def _after_interrupt(
        self, future: Future[Result], loop: asyncio.AbstractEventLoop, interrupt: Callable[[], None]
    ) -> Result:
        loop.call_soon_threadsafe(interrupt)
        try:
            return _result(future)
        except KeyboardInterrupt:
            future.cancel()
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = self._home = (self._make or asyncio.new_event_loop)()
                self._thread = threading.Thread(target=self._loop.run_forever, name="py-orc", daemon=True)
                self._thread.start()
            return self._loop


def _result(future: Future[Result]) -> Result:
    """Wait for a future, waking now and then.

    A wait without end cannot be interrupted on Windows, and elsewhere misses a signal that comes just before it begins.
    """
    while True:
        try:
            return future.result(timeout=_LOOK_EVERY)
        except TimeoutError:
            if future.done():  # the work's own TimeoutError, or it was done just now
                return future.result()


async def _in_peace(last: Callable[[], Coroutine[object, object, object]]) -> None:
    """Run the last coroutine when nothing else runs any more."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await last()
