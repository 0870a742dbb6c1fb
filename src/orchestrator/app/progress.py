"""How far a run is: updates with stage, percentage, message and status, told from its records.

Progress is a fold like the state itself, so it survives whatever the journal survives: `replay` tells a new process where
an older one was. The percentage never falls, also when a loop turns out longer than it looked, and reaches 100 only
when the run has ended. A receiver that raises is remembered in `errors` and told again next time; it harms nothing.
"""

from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from orchestrator.app.paths import enclosing, step_path
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import (
    CancelRequested,
    DecisionMade,
    Record,
    RunCreated,
    RunEnded,
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
    TimerSet,
    UndoStarted,
)
from orchestrator.core.pipeline import Block, ForEach, Loop, Pipeline
from orchestrator.core.plain import is_list
from orchestrator.core.status import RunStatus

Stage = Literal["starting", "running", "cancelling", "undoing", "ended"]


class Progress(Struct, frozen=True, kw_only=True):
    """One update."""

    at: float
    """Epoch seconds of the record that it tells of."""
    stage: Stage
    percentage: float
    """0 to 100, never less than before."""
    message: str
    status: RunStatus
    task: TaskPath | None = None


Receiver = Callable[[Progress], object]
"""Is called with each update."""


class ProgressTracker:
    """Turns the records of one run into updates; an observer that a run can be given."""

    def __init__(self, pipeline: Pipeline, *receivers: Receiver) -> None:
        self.latest: Progress | None = None
        self.errors: list[Exception] = []
        """What receivers raised, oldest first; the first hundred are kept."""
        self._receivers = receivers
        self._shares = dict(_shares(pipeline.root, 100.0, ""))
        self._earned: dict[TaskPath, float] = {}
        self._loops: dict[TaskPath, int] = {}
        self._done = 0.0
        self._stage: Stage = "starting"
        self._status: RunStatus = "running"

    def __call__(self, position: int, record: Record, /) -> None:  # noqa: ARG002 - an observer gets both
        """Take one record, in order, and tell the receivers when it changes the picture."""
        update = self._take(record)
        if update is None:
            return
        self.latest = update
        for receiver in self._receivers:
            try:
                receiver(update)
            except Exception as error:  # noqa: BLE001 - a receiver is somebody else's code and must not harm the run
                if len(self.errors) < 100:
                    self.errors.append(error)

    def replay(self, records: Iterable[Record]) -> "ProgressTracker":
        """Take earlier records without telling anybody, and return the tracker."""
        for record in records:
            self.latest = self._take(record) or self.latest
        return self

    def _take(self, record: Record) -> Progress | None:
        kind = type(record)
        if kind is RunResumed:
            self._stage, self._status = "running", "running"
            return self._update(record, "resumed")
        if self._stage == "ended":
            return None  # one terminal update, whatever follows
        task: TaskPath | None = getattr(record, "task", None)
        message = _message(record)
        if not message:
            return None
        self._move(record)
        if task is not None:
            self._count(record, task)
        return self._update(record, message, task)

    def _move(self, record: Record) -> None:
        """Change the stage; stages only follow one another, but a resume opens a new round."""
        if isinstance(record, RunEnded):
            self._stage, self._status = "ended", record.status
        elif isinstance(record, UndoStarted):
            self._stage = "undoing"
        elif isinstance(record, CancelRequested):
            self._stage = "cancelling"
        elif self._stage == "starting" and not isinstance(record, RunCreated):
            self._stage = "running"

    def _update(self, record: Record, message: str, task: TaskPath | None = None) -> Progress:
        percentage = 100.0 if self._stage == "ended" else min(99.0, self._done)
        if self.latest is not None and self._stage != "ended":
            percentage = max(percentage, min(99.0, self.latest.percentage))
        return Progress(
            at=record.at,
            stage=self._stage,
            percentage=round(percentage, 2),
            message=message,
            status=self._status,
            task=task,
        )

    def _count(self, record: Record, task: TaskPath) -> None:
        """Keep the percentage: the sum of the shares of what is settled."""
        if isinstance(record, DecisionMade):
            if record.what == "items" and is_list(record.value):
                self._loops[task] = max(1, len(record.value))
        elif isinstance(record, TaskProgressed):
            if record.fraction is not None:
                self._settle(task, max(0.0, min(1.0, record.fraction)))
        elif isinstance(record, TaskCompleted | TaskFailed | TaskRecovered | TaskSkipped):
            self._settle(task, 1.0)

    def _settle(self, task: TaskPath, fraction: float) -> None:
        """Credit a task with its share, less what its inner tasks have brought, within what is left around it."""
        gain = fraction * self._share(task) - self._earned.get(task, 0.0)
        around = tuple(enclosing(task))
        for outer in around:
            gain = min(gain, self._share(outer) - self._earned.get(outer, 0.0))
        if gain <= 0:
            return
        for path in (task, *around):
            self._earned[path] = self._earned.get(path, 0.0) + gain
        self._done += gain

    def _share(self, task: TaskPath) -> float:
        """Return the part of the whole that a task stands for; one inside a loop gets its item's part."""
        share = self._shares.get(step_path(task), 0.0)
        for outer, items in self._loops.items():
            if task.startswith(f"{outer}["):
                share /= items
        return share


def _shares(block: Block, whole: float, prefix: str) -> Iterable[tuple[str, float]]:
    """Divide a whole evenly among a block's steps, and each share among the steps inside."""
    share = whole / max(1, len(block.steps))
    for step in block.steps:
        path = f"{prefix}{step.id}"
        yield path, share
        body = step.body
        inner = body.body if isinstance(body, ForEach | Loop) else body
        if isinstance(inner, Block):
            yield from _shares(inner, share, f"{path}.")


def _message(record: Record) -> str:
    """Return what a record tells people; empty for records that change nothing they would see."""
    word = _WORDS.get(type(record))
    if word is not None:
        return f"{getattr(record, 'task', '')} {word}"
    return _about_task(record) or _about_run(record)


_WORDS: dict[type[Record], str] = {
    TaskStarted: "started",
    TaskCompleted: "completed",
    TaskRecovered: "recovered",
    TaskSkipped: "skipped",
    TaskCancelled: "cancelled",
    TaskInDoubt: "needs a decision",
    TimerSet: "waits",
}


def _about_task(record: Record) -> str:
    if isinstance(record, TaskFailed):
        return f"{record.task} failed: {record.failure.message}"
    if isinstance(record, TaskRetrying):
        return f"{record.task} failed ({record.failure.error_class}), trying again"
    if isinstance(record, TaskProgressed):
        return f"{record.task}: {record.message}" if record.message else str(record.task)
    if isinstance(record, DecisionMade) and record.what == "items" and is_list(record.value):
        return f"{record.task}: {len(record.value)} items"
    return ""


def _about_run(record: Record) -> str:
    if isinstance(record, RunCreated):
        return f"{record.pipeline} created"
    if isinstance(record, RunEnded):
        return f"run {record.status}"
    if isinstance(record, RunWarned):
        return record.message
    if isinstance(record, CancelRequested):
        return "cancel requested"
    return f"undoing {record.scope or 'the run'}" if isinstance(record, UndoStarted) else ""
