"""Threads and processes for actions that would hold up the event loop; made when first needed."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, cast

from orchestrator.core.action import ActionContext
from orchestrator.errors import ActionError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

_NO_CONTEXT = cast("ActionContext", None)  # a context cannot follow into another process
Function = Callable[[Mapping[str, object], ActionContext], object]


class Workers:
    """The threads and processes of one engine."""

    def __init__(
        self,
        *,
        threads: int = 32,
        processes: int | None = None,
        prepare_process: Callable[[], None] | None = None,
    ) -> None:
        self._thread_count = threads
        self._process_count = processes
        self._prepare_process = prepare_process
        """Called first in each new process."""
        self._threads: ThreadPoolExecutor | None = None
        self._processes: ProcessPoolExecutor | None = None
        self._generation = 0
        """Counts the process pools that were killed because a call in them had to stop."""

    async def in_thread(self, function: Function, params: Mapping[str, object], ctx: ActionContext) -> object:
        """Call in a thread; giving up does not stop the thread, `ctx.cancelled` tells it."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._thread_count, thread_name_prefix="py-orc")
        pool = self._threads
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, _call, function, params, ctx)
        except asyncio.CancelledError:
            # The thread may hang for ever: it keeps its old pool, and later calls get a new one.
            pool.shutdown(wait=False)
            if self._threads is pool:
                self._threads = None
            raise

    async def in_process(
        self, function: Function, params: Mapping[str, object], *, once: bool = False
    ) -> object:
        """Call in another process, without a context; giving up kills the process.

        Killing takes the whole pool along, so calls that shared it are made again, unless they must happen only once:
        then nobody knows whether they did (`ActionError` of class `unknown`).
        """
        while True:
            if self._processes is None:
                self._processes = _process_pool(self._process_count, self._prepare_process)
            generation = self._generation
            try:
                return await asyncio.get_running_loop().run_in_executor(
                    self._processes, partial(_call, function, params, _NO_CONTEXT)
                )
            except asyncio.CancelledError:
                self._kill_processes()
                raise
            except BrokenExecutor as error:
                died = generation == self._generation
                if died:
                    self._kill_processes()
                if died or once:
                    error_class = "unknown" if once else "failed"
                    raise ActionError("the process that ran it died", error_class=error_class) from error

    def close(self) -> None:
        """Let go of threads and processes without waiting for what hangs."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        self._kill_processes()

    def _kill_processes(self) -> None:
        pool, self._processes = self._processes, None
        if pool is None:
            return
        self._generation += 1
        # Python 3.14 has `kill_workers`; until then the pool's own table is the only way to its processes.
        workers = cast("dict[int, BaseProcess]", getattr(pool, "_processes", None) or {})
        for process in list(workers.values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _call(function: Function, params: Mapping[str, object], ctx: ActionContext) -> object:
    """Call; a `StopIteration` must not reach a future, which would then never be done."""
    try:
        return function(params, ctx)
    except StopIteration as error:
        raise RuntimeError("StopIteration") from error


def _process_pool(count: int | None, prepare: Callable[[], None] | None) -> "ProcessPoolExecutor":
    """Return a pool of fresh interpreters: forking a process with threads and a running loop can deadlock."""
    import multiprocessing
    from concurrent.futures import (
        ProcessPoolExecutor,
    )  # its import costs as much as a whole small run's start

    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=spawn, initializer=_prepare, initargs=(prepare,))


def _prepare(prepare: Callable[[], None] | None) -> None:
    """Keep what functions print away from this program's own results, and do what else is wanted first."""
    import sys

    sys.stdout = sys.stderr
    if prepare is not None:
        prepare()
