"""How far the loops of a run are, counted record by record."""

from collections.abc import Iterator

from msgspec import Struct, field

from orchestrator.app.paths import step_path
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import (
    DecisionMade,
    Record,
    TaskCompleted,
    TaskFailed,
    TaskRecovered,
    TaskSkipped,
)
from orchestrator.core.pipeline import Block, ForEach, Loop, Pipeline
from orchestrator.core.plain import is_list


class LoopCount(Struct):
    """A `for_each` under way."""

    total: int
    steps: int
    """Steps of its body; an item is done when as many tasks are."""
    settled: dict[str, int] = field(default_factory=dict[str, int])
    done: int = 0


class LoopCounts:
    """Every `for_each` of one run, by the path of its task."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._bodies = dict(_bodies(pipeline.root, ""))
        self._loops: dict[TaskPath, LoopCount] = {}

    def find(self, path: str) -> LoopCount | None:
        """Return the loop of a task; None for another task, and before its items are known."""
        return self._loops.get(TaskPath(path))

    def take(self, record: Record) -> TaskPath | None:
        """Take one record; returns the loop that it began, or of which it ended an item."""
        if isinstance(record, DecisionMade):
            return self._begin(record)
        if isinstance(record, TaskCompleted | TaskRecovered | TaskSkipped | TaskFailed):
            return self._count(record.task)
        return None

    def _begin(self, record: DecisionMade) -> TaskPath | None:
        if record.what != "items" or not is_list(record.value):
            return None
        steps = self._bodies.get(step_path(record.task), 1)
        self._loops[record.task] = LoopCount(len(record.value), steps)
        return record.task

    def _count(self, path: TaskPath) -> TaskPath | None:
        """Count an item of a loop as done when all steps of its body are."""
        item, dot, rest = path.rpartition(".")
        if not dot:
            item = path
        outer = TaskPath(item.rpartition("[")[0])
        loop = self._loops.get(outer)
        if loop is None or (dot and set("[#~/") & set(rest)):
            return None
        number = loop.settled.get(item, 0) + 1
        loop.settled[item] = number
        if dot and number != loop.steps:
            return None
        loop.done += 1
        return outer


def _bodies(block: Block, prefix: str) -> Iterator[tuple[str, int]]:
    """Yield path and number of body steps of each `for_each`."""
    for step in block.steps:
        path = f"{prefix}{step.id}"
        body = step.body
        inner = body.body if isinstance(body, ForEach | Loop) else body
        if isinstance(body, ForEach):
            yield path, len(inner.steps) if isinstance(inner, Block) else 1
        if isinstance(inner, Block):
            yield from _bodies(inner, f"{path}.")
