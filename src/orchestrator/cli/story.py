"""A run told in plain lines: one per event, for logs, pipes and people without a terminal.

A loop over many items would drown everything else, so it is told by tenths."""

import time
from collections.abc import Iterable

from orchestrator.app.paths import enclosing
from orchestrator.app.plain import span
from orchestrator.app.sanitising import one_line
from orchestrator.cli.loop_counts import LoopCounts
from orchestrator.cli.terminal import Paper
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import (
    CancelRequested,
    Emitted,
    ModelSettled,
    Record,
    RunCreated,
    RunResumed,
    RunWarned,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskInDoubt,
    TaskProgressed,
    TaskRecovered,
    TaskRetrying,
    TaskSkipped,
    TaskStarted,
    TaskUndone,
    TimerSet,
    UndoStarted,
)
from orchestrator.core.pipeline import Pipeline

MANY = 20
"""Items of a loop that are told one by one at most."""

_USUAL = frozenset({TaskStarted, TaskCompleted, TaskSkipped, TaskProgressed, TimerSet, Emitted})
"""What need not be told of each of many items."""


class Story:
    """Writes a line for each record that people care about; an observer.

    Args:
        paper: Where to.
        pipeline: What runs. With it the items of a loop over many are told by tenths, but what goes wrong in them always.
        earlier: What happened before.
    """

    def __init__(
        self, paper: Paper, pipeline: Pipeline | None = None, *, earlier: Iterable[Record] = ()
    ) -> None:
        self._paper = paper
        self._loops = LoopCounts(pipeline) if pipeline else None
        if self._loops is not None:
            for record in earlier:
                self._loops.take(record)

    def __call__(self, position: int, record: Record, /) -> None:  # noqa: ARG002 - an observer gets both
        """Write the record's line, if it has one."""
        if self._loops is not None:
            loop = self._loops.take(record)
            if loop is not None:
                self._count(self._loops, loop, record.at)
            if type(record) in _USUAL and self._is_one_of_many(self._loops, record):
                return
        told = tell(record)
        if told:
            self._line(record.at, *told)

    def _count(self, loops: LoopCounts, path: TaskPath, at: float) -> None:
        """Tell how far a loop over many items is, whenever it is a tenth further."""
        loop = loops.find(path)
        if loop is None or loop.total <= MANY or self._is_inside_many(loops, path):
            return
        done, total = loop.done, loop.total
        if done * 10 // total > (done - 1) * 10 // total:
            self._line(at, "items", f"{path}: {done:,} of {total:,}")

    def _is_one_of_many(self, loops: LoopCounts, record: Record) -> bool:
        path: TaskPath | None = getattr(record, "task", None)
        return path is not None and "[" in path and self._is_inside_many(loops, path)

    def _is_inside_many(self, loops: LoopCounts, path: TaskPath) -> bool:
        around = (loops.find(outer) for outer in enclosing(path))
        return any(loop is not None and loop.total > MANY for loop in around)

    def _line(self, at: float, word: str, text: str) -> None:
        clock = time.strftime("%H:%M:%S", time.localtime(at))
        word = self._paper.paint(f"{word:<10}", *_STYLES.get(word, ()))
        self._paper.line(f"{self._paper.paint(clock, 'dim')} {word} {self._paper.clean(text)}".rstrip())


def tell(record: Record) -> tuple[str, str] | None:
    """Return the word and the text of a record; None for one that says nothing to people."""
    return _of_task(record) or _of_ending(record) or _of_run(record)


def _of_task(record: Record) -> tuple[str, str] | None:
    """Tell how a task goes on."""
    match record:
        case TaskStarted():
            attempt = f"attempt {record.attempt}" if record.attempt > 1 else ""
            return "started", _with_notes(record.task, [record.action, attempt])
        case TaskRetrying():
            pause = span(max(0.0, record.resume_at - record.at))
            return "retrying", f"{record.task} in {pause}: {_reason(record.failure.message)}"
        case TaskProgressed():
            share = "" if record.fraction is None else f"{record.fraction:.0%} "
            return "working", f"{record.task}: {share}{_reason(record.message)}"
        case TimerSet():
            return "waiting", f"{record.task} for {span(max(0.0, record.fires_at - record.at))}"
        case ModelSettled() if record.usage.cost:
            doubt = "nobody saw the answer" if record.usage.uncertain else ""
            return "paid", _with_notes(f"{record.task}  ${record.usage.cost:f}", [record.model, doubt])
        case Emitted():
            return "event", f"{record.task}: {record.name}"
        case _:
            return None


def _of_ending(record: Record) -> tuple[str, str] | None:
    """Tell how a task ended."""
    match record:
        case TaskCompleted():
            return None if record.derived else ("completed", _with_notes(record.task, _completion(record)))
        case TaskRecovered():
            return "recovered", f"{record.task} by its `{record.how}`: {_reason(record.failure.message)}"
        case TaskFailed():
            return "failed", f"{record.task}: {_reason(record.failure.message)}"
        case TaskSkipped():
            return "skipped", f"{record.task}  {_reason(record.reason)}"
        case TaskCancelled():
            return "cancelled", record.task
        case TaskInDoubt():
            return "in doubt", f"{record.task}: {_reason(record.failure.message)}"
        case TaskUndone():
            return "undone", record.task
        case _:
            return None


def _of_run(record: Record) -> tuple[str, str] | None:
    match record:
        case RunCreated():
            return "run", f"{record.run_id} of {one_line(record.pipeline)}"
        case RunResumed():
            return "resumed", ""
        case RunWarned():
            return "warning", _reason(record.message)
        case CancelRequested():
            return "cancelling", f"asked by {record.by}" if record.by else ""
        case UndoStarted():
            return "undoing", record.scope or "the run"
        case _:
            return None


def _completion(record: TaskCompleted) -> list[str]:
    seconds = None if record.started_at is None else record.at - record.started_at
    cost = "" if record.usage.cost is None else f"${record.usage.cost}"
    return [span(seconds), record.model, "from the cache" if record.cached else "", cost]


def _with_notes(task: str, notes: list[str]) -> str:
    found = " · ".join(note for note in notes if note)
    return f"{task}  {found}" if found else task


def _reason(message: str) -> str:
    return one_line(message, 300)


_STYLES: dict[str, tuple[str, ...]] = {
    "run": ("bold",),
    "started": ("dim",),
    "completed": ("green",),
    "recovered": ("yellow",),
    "retrying": ("yellow",),
    "warning": ("yellow",),
    "failed": ("red",),
    "in doubt": ("magenta",),
    "skipped": ("dim",),
}
