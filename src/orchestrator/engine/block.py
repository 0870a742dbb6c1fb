"""The scheduler of one block: counters, not levels — a step starts the moment its last dependency settles.

Every step carries the number of dependencies it still waits for. Settling a step lowers the counters of its dependents;
those that reach zero are ready. Cheap pure steps run in place, one after the other; all others get a task of their own.
A block that fails starts nothing new, in itself and in everything inside it, and ends when what runs has ended.

Invariant: a step's counter is zero exactly when every step it waits for has settled (with a value, skipped, recovered
or tolerated), so no template ever sees a step that is still open.
"""

import asyncio
from collections import deque
from collections.abc import Iterable

from orchestrator.core.failure import Failure
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskSkipped
from orchestrator.core.pipeline import Block
from orchestrator.core.status import SETTLED
from orchestrator.engine.in_place import run_in_place
from orchestrator.engine.linking import LinkedStep
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError

IN_PLACE_AT_ONCE = 512
"""Steps that may run in place before the event loop gets a turn."""


async def run_block(run: Run, block: Block, scope: Scope, stopping: Stopping) -> None:
    """Run all steps of a block; their values are in the scope afterwards.

    `stopping` tells whether what surrounds the block wants nothing new to start. Raises `FailedError`, `ParkedError`
    or `HaltedError`.
    """
    running = BlockRun(run, block, scope, stopping)
    if not running.advance():
        await running.finished()
    running.check()


def block_value(block: Block, scope: Scope) -> object:
    """Return what a block stands for once its steps have settled."""
    if block.value is not None:
        return block.value.render(scope.names)
    own = scope.own
    return {step.id: own[step.id] for step in block.steps if step.id in own}


def block_labels(run: Run, block: Block, scope: Scope) -> frozenset[str]:
    """Return the marks of a block's value."""
    labels = scope.all_labels()
    return labels if block.value is None else labels | scope.labels_read(run.links.block(block).value_reads)


def first_failure(run: Run, paths: Iterable[TaskPath]) -> Failure | None:
    """Return the failure of the task that was the first to fail for good before this process began."""
    failed = [task for path in paths if (task := run.task(path)) and task.status == "failed"]
    final = [task for task in failed if not task.tolerated]
    return min(final, key=lambda task: task.ended_at or 0.0).failure if final else None


async def turn() -> None:
    """Let the event loop have a turn."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, None)
    await future


class BlockRun:
    """A block under way."""

    __slots__ = (
        "_around", "_detour", "_failure", "_finished", "_left", "_linked", "_missing", "_parked", "_ready", "_run", "_scope",
        "_tasks", "_unforeseen",
    )  # fmt: skip

    def __init__(self, run: Run, block: Block, scope: Scope, stopping: Stopping) -> None:
        self._run = run
        self._scope = scope
        self._around = stopping
        self._linked = run.links.block(block)
        self._missing = self._linked.missing.copy()
        self._ready = deque(self._linked.first)
        self._left = len(self._missing)
        self._tasks: dict[asyncio.Task[str], LinkedStep] = {}
        self._detour: set[int] = set()
        """Steps that a `goto` leaps over."""
        paths = (TaskPath(scope.prefix + step.id) for step in self._linked.steps)
        self._failure: Failure | None = first_failure(run, paths) if run.resumed else None
        self._unforeseen: BaseException | None = None
        self._parked = False
        self._finished: asyncio.Future[None] | None = None

    def stopping(self) -> bool:
        """Whether nothing new may start here."""
        return self._failure is not None or self._run.halted or self._unforeseen is not None or self._around()

    def advance(self) -> bool:
        """Start everything that can start; return whether the block is through."""
        try:
            again = self._start_ready()
        except Exception as error:  # noqa: BLE001 — raised again by `check`, once what runs has been stopped
            self._stop(error)
        else:
            if again:
                asyncio.get_running_loop().call_soon(self._go_on)
                return False
        return not self._tasks

    def _start_ready(self) -> bool:
        """Start what is ready; return whether there is more to do after the event loop has had a turn."""
        ready, steps, budget = self._ready, self._linked.steps, IN_PLACE_AT_ONCE
        while ready:
            index = ready.popleft()
            linked = steps[index]
            if index in self._detour:
                self._leap_over(linked)
            elif self.stopping() and not self._replayable(linked):
                continue
            elif linked.in_place and run_in_place(self._run, linked, self._scope):
                self._settle(index)
                budget -= 1
                if budget == 0 and ready:
                    return True
            else:
                self._start(linked)
        return False

    async def finished(self) -> None:
        """Wait until the block is through; cancelling it cancels what runs inside and waits for that."""
        self._finished = asyncio.get_running_loop().create_future()
        try:
            await self._finished
        except asyncio.CancelledError:
            self._around = _yes
            while self._tasks:
                for task in self._tasks:
                    task.cancel()
                await asyncio.wait(self._tasks)
            raise

    def check(self) -> None:
        """Raise what kept the block from completing."""
        if self._unforeseen is not None:
            raise self._unforeseen
        if self._failure is not None:
            raise FailedError(self._failure)
        if self._left == 0:
            return
        if self._parked and not self.stopping():
            raise ParkedError
        raise HaltedError

    def _replayable(self, linked: LinkedStep) -> bool:
        """Whether a step has a past that is to be walked again although nothing new may start."""
        return self._run.has_past(self._scope.prefix + linked.id)

    def _start(self, linked: LinkedStep) -> None:
        task = asyncio.get_running_loop().create_task(self._run_one(linked))
        self._tasks[task] = linked
        task.add_done_callback(self._ended)

    async def _run_one(self, linked: LinkedStep) -> str:
        try:
            return await self._run.run_step(self._run, linked, self._scope, self.stopping)
        except FailedError as error:  # at once: what is about to start beside it must know
            if self._failure is None:
                self._failure = error.failure
                self._run.reconsider()
            raise

    def _ended(self, task: asyncio.Task[str]) -> None:
        linked = self._tasks.pop(task)
        if task.cancelled():
            pass
        elif (error := task.exception()) is None:
            if target := task.result():
                self._detour |= self._between(linked.index, target)
            self._settle(linked.index)
        elif isinstance(error, ParkedError):
            self._parked = True
        elif not isinstance(error, FailedError | HaltedError):
            self._stop(error)
        self._go_on()

    def _stop(self, error: BaseException) -> None:
        """End what runs: the store has failed, or the engine has a bug, so nothing can be recorded any more."""
        self._unforeseen = self._unforeseen or error
        self._ready.clear()
        self._run.reconsider()
        for task in self._tasks:
            task.cancel()

    def _go_on(self) -> None:
        if self.advance() and self._finished is not None and not self._finished.done():
            self._finished.set_result(None)

    def _settle(self, index: int) -> None:
        self._left -= 1
        missing, ready = self._missing, self._ready
        for after in self._linked.block.graph.dependents[index]:
            missing[after] -= 1
            if missing[after] == 0:
                ready.append(after)

    def _between(self, index: int, target: str) -> frozenset[int]:
        graph = self._linked.block.graph
        return graph.descendants(index) & graph.ancestors(self._linked.indexes[target])

    def _leap_over(self, linked: LinkedStep) -> None:
        path = TaskPath(self._scope.prefix + linked.id)
        known = self._run.task(path)
        if known is None or known.status not in SETTLED:
            self._run.record(TaskSkipped(self._run.means.clock.now(), path, "a goto leapt over it"))
        self._scope.skip(linked.id)
        self._settle(linked.index)


def _yes() -> bool:
    return True
