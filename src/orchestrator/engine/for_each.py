"""The items of one `for_each` under way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from orchestrator.core.failure import Failure, classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.pipeline import Block, ForEach
from orchestrator.engine.block import (
    IN_PLACE_AT_ONCE,
    BlockRun,
    block_labels,
    block_value,
    first_failure,
    turn,
)
from orchestrator.engine.containing import Valued, yes
from orchestrator.engine.in_place import NOT_IN_PLACE, evaluate_in_place
from orchestrator.engine.item import run_body
from orchestrator.engine.labels import NO_LABELS
from orchestrator.engine.linking import LinkedStep
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError
from orchestrator.errors import TemplateError


class Items:
    """Runs the body once per item; items that need no waiting take no task of their own."""

    def __init__(
        self,
        run: Run,
        linked: LinkedStep,
        scope: Scope,
        path: TaskPath,
        items: Sequence[object],
        stopping: Stopping,
        *,
        marks: frozenset[str] = NO_LABELS,
    ) -> None:
        self._run = run
        self._linked = linked
        self._loop = cast("ForEach", linked.step.body)
        self._scope = scope
        self._path = path
        self._stopping_around = stopping
        self._results: list[object] = [None] * len(items)
        self._open = len(items)
        self._tasks: dict[asyncio.Task[Valued], int] = {}
        self._room: asyncio.Future[None] | None = None
        """Set while `run` waits for an item to end."""
        self._marks = {self._loop.name: marks} if marks else {}
        """The labels that the items carry."""
        self._failure: Failure | None = None
        self._unforeseen: BaseException | None = None
        self._parked = False
        self.labels: frozenset[str] = NO_LABELS
        self.names: list[dict[str, object]] = [
            {self._loop.name: item, "loop": _position(index, len(items))} for index, item in enumerate(items)
        ]

    async def run(self) -> list[object]:
        """Return the results once every item has settled."""
        limit = self._loop.max_parallel or len(self.names) or 1
        if self._run.resumed:
            self._failure = first_failure(self._run, map(self._item_path, range(len(self.names))))
        try:
            for index in range(len(self.names)):
                while len(self._tasks) >= limit:
                    await self._one_ends()
                if self._stopping() and not self._run.has_past(self._item_path(index)):
                    break
                self._start(index)
                if index % IN_PLACE_AT_ONCE == IN_PLACE_AT_ONCE - 1:
                    await turn()
            while self._tasks:
                await self._one_ends()
        except BaseException:
            await self._stop()
            raise
        return self._outcome()

    def _outcome(self) -> list[object]:
        if self._unforeseen is not None:
            raise self._unforeseen
        if self._failure is not None:
            raise FailedError(self._failure)
        if self._open:
            raise ParkedError if self._parked and not self._stopping() else HaltedError
        return self._results

    def _stopping(self) -> bool:
        return (
            self._failure is not None
            or self._unforeseen is not None
            or self._run.halted
            or self._stopping_around()
        )

    def _item_path(self, index: int) -> TaskPath:
        return TaskPath(f"{self._path}[{index}]")

    def _start(self, index: int) -> None:
        path, body = self._item_path(index), self._loop.body
        inner = self._scope.child(f"{path}.", self.names[index], self._marks)
        if isinstance(body, Block):
            block = BlockRun(self._run, body, inner, self._stopping)
            if block.advance():
                self._take(index, lambda: _finished(self._run, block, body, inner))
                return
            ending = _finish(self._run, block, body, inner)
        else:
            if self._linked.items_in_place:
                value = evaluate_in_place(self._run, self._linked, inner, path)
                if value is not NOT_IN_PLACE:
                    self._take(index, lambda: (value, inner.labels.get(self._linked.id, NO_LABELS)))
                    return
            ending = run_body(self._run, self._linked, body, inner, path, self._stopping)
        task = asyncio.get_running_loop().create_task(self._run_one(ending))
        self._tasks[task] = index
        task.add_done_callback(self._ended)

    async def _run_one(self, ending: Awaitable[Valued]) -> Valued:
        try:
            return await ending
        except FailedError as error:  # at once: what is about to start beside it must know
            self._fail(error.failure)
            raise

    def _ended(self, task: asyncio.Task[Valued]) -> None:
        index = self._tasks.pop(task)
        if not task.cancelled():
            self._take(index, task.result)
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _take(self, index: int, result: Callable[[], Valued]) -> None:
        try:
            self._results[index], labels = result()
        except FailedError as error:
            self._fail(error.failure)
        except TemplateError as error:
            self._fail(classify(error, step=self._item_path(index)))
        except ParkedError:
            self._parked = True
        except HaltedError:
            pass
        except Exception as error:  # noqa: BLE001 — raised again by `_outcome`, once the other items have ended
            self._unforeseen = error
            self._run.reconsider()
        else:
            self.labels |= labels
            self._open -= 1

    def _fail(self, failure: Failure) -> None:
        if self._failure is None:
            self._failure = failure
            self._run.reconsider()

    async def _one_ends(self) -> None:
        self._room = asyncio.get_running_loop().create_future()
        await self._room

    async def _stop(self) -> None:
        self._stopping_around = yes
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)


async def _finish(run: Run, block: BlockRun, body: Block, scope: Scope) -> Valued:
    await block.finished()
    return _finished(run, block, body, scope)


def _finished(run: Run, block: BlockRun, body: Block, scope: Scope) -> Valued:
    block.check()
    return block_value(body, scope), block_labels(run, body, scope)


def _position(index: int, length: int) -> dict[str, object]:
    return {
        "index": index + 1,
        "index0": index,
        "first": index == 0,
        "last": index == length - 1,
        "length": length,
    }
