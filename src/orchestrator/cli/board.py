"""The picture of a run under way: which rows a live tree shows, kept up to date record by record.

A board costs a little per record and nothing per task that is done, so a run of many thousand tasks can be watched: rows
exist for the steps of the file, and below a running container only for what acts in it right now or went wrong.
"""

from msgspec import Struct

from orchestrator.app.paths import enclosing
from orchestrator.app.sanitising import one_line
from orchestrator.cli.loop_counts import LoopCounts
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import (
    Record,
    RunEnded,
    TaskCompleted,
    TaskFailed,
    TaskInDoubt,
    TaskProgressed,
    TaskRecovered,
    TaskRetrying,
    TaskSkipped,
    TaskStarted,
)
from orchestrator.core.pipeline import Pipeline, Step
from orchestrator.core.run_state import RunState, apply

_CHILDREN_SHOWN = 8


class Row(Struct, frozen=True):
    """One line of the tree."""

    depth: int
    title: str
    status: str
    """A task's status, or `pending`."""
    detail: str
    """Action, model, message, or what went wrong."""
    seconds: float | None = None


class Board:
    """Follows one run; an observer."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.state = RunState()
        self._order = [pipeline.root.steps[index] for index in pipeline.root.graph.order]
        self._loops = LoopCounts(pipeline)
        self._alive: dict[TaskPath, None] = {}
        """Tasks worth a row below their step: running, retrying, failed, in doubt; in the order they began."""
        self.is_over = False

    def __call__(self, position: int, record: Record, /) -> None:  # noqa: ARG002 - an observer gets both
        """Take one record."""
        apply(self.state, record)
        if isinstance(record, RunEnded):
            self.is_over = True
        self._loops.take(record)
        if isinstance(record, TaskStarted | TaskRetrying | TaskProgressed | TaskFailed | TaskInDoubt):
            self._alive[record.task] = None
        elif isinstance(record, TaskCompleted | TaskRecovered | TaskSkipped):
            self._alive.pop(record.task, None)

    def rows(self, now: float, *, limit: int) -> list[Row]:
        """Return the rows to show at a time of day, at most so many; what is neither running nor wrong gives way."""
        rows: list[Row] = []
        for step in self._order:
            rows.append(self._row(TaskPath(step.id), 0, now, step))
            if rows[-1].status in {"running", "retrying", "failed", "cancelled", "in_doubt"}:
                rows += self._children(step, now)
        return _fitted(rows, limit)

    def warnings(self) -> int:
        """Return how many warnings the run has."""
        return len(self.state.warnings)

    def _row(self, path: TaskPath, depth: int, now: float, step: Step | None = None) -> Row:
        task = self.state.tasks.get(path)
        title = str(path) if depth else (step.name or step.id if step else str(path))
        if task is None:
            return Row(depth, title, "pending", "")
        end = task.ended_at if task.ended_at is not None else now
        seconds = (
            None if task.started_at is None or task.status == "skipped" else max(0.0, end - task.started_at)
        )
        if seconds is None and task.status == "completed":
            seconds = 0.0
        return Row(depth, title, task.status, self._detail(path), seconds)

    def _detail(self, path: TaskPath) -> str:
        task = self.state.tasks[path]
        loop = self._loops.find(path)
        parts: list[str] = []
        if loop is not None:
            parts.append(f"{loop.done}/{loop.total}")
        if task.attempt > 1:
            parts.append(f"attempt {task.attempt}")
        if task.failure is not None and task.status != "completed":
            parts.append(one_line(task.failure.message, 160))
        elif task.status == "skipped":
            parts.append(one_line(task.how, 80))
        elif task.message and task.status == "running":
            share = "" if task.fraction is None else f"{task.fraction:.0%} "
            parts.append(f"{share}{one_line(task.message, 120)}")
        if task.model:
            parts.append(task.model)
        if task.cached:
            parts.append("from the cache")
        return " · ".join(parts)

    def _children(self, step: Step, now: float) -> list[Row]:
        prefix = TaskPath(step.id)
        found = [path for path in self._alive if path != prefix and prefix in enclosing(path)]
        rows = [self._row(path, 1, now) for path in found[:_CHILDREN_SHOWN]]
        if len(found) > _CHILDREN_SHOWN:
            rows.append(Row(1, f"… and {len(found) - _CHILDREN_SHOWN} more", "more", ""))
        return rows


def _fitted(rows: list[Row], limit: int) -> list[Row]:
    """Drop rows until they fit: first what is settled, from the top, then what is pending, from the bottom."""
    if len(rows) <= limit:
        return rows
    surplus = len(rows) - limit + 1
    settled = [index for index, row in enumerate(rows) if row.status in {"completed", "skipped"}]
    pending = [index for index, row in enumerate(rows) if row.status == "pending"]
    dropped = set([*settled, *reversed(pending)][:surplus])
    kept = [row for index, row in enumerate(rows) if index not in dropped][: limit - 1]
    return [*kept, Row(0, f"… {len(rows) - len(kept)} more steps", "more", "")]
