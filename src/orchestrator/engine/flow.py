"""Groups, loops and branches: steps whose work is done by blocks inside them.

Each returns its value and the labels that the value carries. Nothing is recorded here but decisions: what a container is
worth follows from its inner tasks, so a resumed run walks the same way again and finds them done.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from orchestrator.core.failure import Failure, classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskSkipped
from orchestrator.core.pipeline import Block, ForEach, Loop, Switch
from orchestrator.core.plain import is_mapping
from orchestrator.core.run_state import SETTLED
from orchestrator.core.undefined import Undefined
from orchestrator.engine.block import BlockRun, run_block
from orchestrator.engine.in_place import NOT_IN_PLACE, evaluate_in_place
from orchestrator.engine.item import run_body
from orchestrator.engine.linking import LinkedStep
from orchestrator.engine.recovering import block_value
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError
from orchestrator.errors import TemplateError

Valued = tuple[object, frozenset[str]]
Stopping = Callable[[], bool]
_NO_LABELS: frozenset[str] = frozenset()
_IN_PLACE_AT_ONCE = 512
"""Items that may run in place before the event loop gets a turn."""


async def run_group(run: Run, block: Block, scope: Scope, path: TaskPath, stopping: Stopping) -> Valued:
    """Run the steps of a group, a branch or a case."""
    inner = scope.child(f"{path}.")
    await run_block(run, block, inner, stopping)
    return block_value(block, inner), inner.all_labels()


async def run_switch(
    run: Run, switch: Switch, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued | None:
    """Run the branch that the value chooses; None when no branch does."""

    def choose() -> object:
        value = switch.value.render(scope.names)
        for number, (key, _) in enumerate(switch.cases):
            if type(key) is type(value) and key == value:
                return number
        return -1

    number = cast("int", run.decide(path, "switch", choose))
    blocks = [block for _, block in switch.cases]
    chosen = blocks[number] if number >= 0 else switch.default
    for block in (*blocks, switch.default):
        if block is not None and block is not chosen:
            skip_inside(run, block, path, "another case was chosen")
    return None if chosen is None else await run_group(run, chosen, scope, path, stopping)


def skip_inside(run: Run, block: Block, path: TaskPath, reason: str) -> None:
    """Record the steps of a branch that will not run."""
    for step in block.steps:
        inner = TaskPath(f"{path}.{step.id}")
        known = run.task(inner)
        if known is None or known.status not in SETTLED:
            run.record(TaskSkipped(run.means.clock.now(), inner, reason))


async def run_loop(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping) -> Valued:
    """Run the body until its condition ends it; the value is the list of iterations."""
    loop = cast("Loop", linked.step.body)
    iterations: list[object] = []
    labels: frozenset[str] = frozenset()
    previous: object = Undefined(
        "loop.previous", skipped=True, hint="there is no iteration before the first."
    )
    for number in range(1, loop.max_iterations + 2):
        names = {"loop": {"iteration": number, "previous": previous}}
        here = TaskPath(f"{path}#{number}")
        inner = scope.child(f"{here}.", names)
        if not loop.until and not run.decide(
            here, "while", lambda inner=inner: loop.condition.test(inner.names)
        ):
            return iterations, labels
        if number > loop.max_iterations:
            break
        previous, marks = await run_body(run, linked, loop.body, inner, here, stopping)
        iterations.append(previous)
        labels |= marks
        if loop.until and run.decide(here, "until", lambda inner=inner: loop.condition.test(inner.names)):
            return iterations, labels
        if loop.until and number == loop.max_iterations:
            break
    _at_limit(run, loop, path)
    return iterations, labels


def _at_limit(run: Run, loop: Loop, path: TaskPath) -> None:
    what = "`until` never became true" if loop.until else "`while` was still true"
    message = f"{path} stopped at its limit of {loop.max_iterations} iterations: {what}"
    if loop.fail_at_limit:
        raise FailedError(Failure("failed", message, path))
    run.warn(message, path)


async def run_for_each(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued:
    """Run the body once per item, as many at a time as allowed; the value is in the order of the items."""
    loop = cast("ForEach", linked.step.body)
    items = cast("list[object]", run.decide(path, "items", lambda: _items(loop, scope)))
    each = _Items(run, linked, scope, path, items, stopping)
    results = await each.run()
    if loop.reduce is None:
        return results, each.labels
    reduce = loop.reduce
    total = reduce.start.render(scope.names)
    for names, result in zip(each.names, results, strict=True):
        total = reduce.value.render({**scope.names, **names, reduce.name: total, "result": result})
    return total, each.labels


def _items(loop: ForEach, scope: Scope) -> list[object]:
    value = loop.items.render(scope.names)
    if is_mapping(value):
        items: list[object] = [{"key": key, "value": item} for key, item in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        items = list(value)
    else:
        kind = type(value).__name__
        message = f"`for_each` needs a list, but this is {'text' if kind == 'str' else kind}"
        raise TemplateError(
            message, length=len(loop.items.source), hint="text can be taken apart with `| split`."
        )
    if loop.batch is None:
        return items
    return [items[start : start + loop.batch] for start in range(0, len(items), loop.batch)]


class _Items:
    """The items of one `for_each` under way; those that need no waiting take no task of their own."""

    def __init__(
        self,
        run: Run,
        linked: LinkedStep,
        scope: Scope,
        path: TaskPath,
        items: Sequence[object],
        stopping: Stopping,
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
        self._failure: Failure | None = None
        self._unforeseen: BaseException | None = None
        self._parked = False
        self.labels: frozenset[str] = frozenset()
        self.names: list[dict[str, object]] = [
            {self._loop.name: item, "loop": _position(index, len(items))} for index, item in enumerate(items)
        ]

    async def run(self) -> list[object]:
        """Return the results once every item has settled."""
        limit = self._loop.max_parallel or len(self.names) or 1
        try:
            for index in range(len(self.names)):
                while len(self._tasks) >= limit:
                    await self._one_ends()
                if self._stopping() and self._item_path(index) not in self._run.history:
                    break
                self._start(index)
                if index % _IN_PLACE_AT_ONCE == _IN_PLACE_AT_ONCE - 1:
                    await self._turn()
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
        inner = self._scope.child(f"{path}.", self.names[index])
        if isinstance(body, Block):
            block = BlockRun(self._run, body, inner, self._stopping)
            if block.advance():
                self._take(index, lambda: _finished(block, body, inner))
                return
            ending = _finish(block, body, inner)
        else:
            if self._linked.items_in_place:
                value = evaluate_in_place(self._run, self._linked, inner, path)
                if value is not NOT_IN_PLACE:
                    self._take(index, lambda: (value, inner.labels.get(self._linked.id, _NO_LABELS)))
                    return
            ending = run_body(self._run, self._linked, body, inner, path, self._stopping)
        task = asyncio.get_running_loop().create_task(ending)
        self._tasks[task] = index
        task.add_done_callback(self._ended)

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
            self._failure = self._failure or error.failure
        except TemplateError as error:
            self._failure = self._failure or classify(error, step=self._item_path(index))
        except ParkedError:
            self._parked = True
        except HaltedError:
            pass
        except Exception as error:  # noqa: BLE001 — raised again by `_outcome`, once the other items have ended
            self._unforeseen = error
        else:
            self.labels |= labels
            self._open -= 1

    async def _one_ends(self) -> None:
        self._room = asyncio.get_running_loop().create_future()
        await self._room

    async def _turn(self) -> None:
        """Let the event loop have a turn."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(turn.set_result, None)
        await turn

    async def _stop(self) -> None:
        self._stopping_around = _yes
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)


async def _finish(block: BlockRun, body: Block, scope: Scope) -> Valued:
    await block.finished()
    return _finished(block, body, scope)


def _finished(block: BlockRun, body: Block, scope: Scope) -> Valued:
    block.check()
    return block_value(body, scope), scope.all_labels()


def _yes() -> bool:
    return True


def _position(index: int, length: int) -> dict[str, object]:
    return {
        "index": index + 1,
        "index0": index,
        "first": index == 0,
        "last": index == length - 1,
        "length": length,
    }
