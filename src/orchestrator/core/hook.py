"""The contract of those who watch a run: they see everything and cannot harm it."""

from typing import Protocol

from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import Record
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunSnapshot
from orchestrator.core.status import TaskStatus


class Observer(Protocol):
    """Is told each record of a run, in order, right after the journal took it."""

    def __call__(self, position: int, record: Record, /) -> None:
        """Take note; an exception is logged and goes no further."""
        ...


class Hook(Protocol):
    """Is called around a run and around each task.

    The order is fixed: `before_run`, then per task `before_task` and `after_task`, at last `after_run`. What a hook
    raises is logged and goes no further; hooks are called in the order in which they were given, and must not wait.
    """

    def before_run(self, pipeline: Pipeline, run: RunSnapshot) -> None:
        """Run before the first task of this process."""
        ...

    def before_task(self, task: TaskPath) -> None:
        """Run before the first attempt of a task."""
        ...

    def after_task(self, task: TaskPath, status: TaskStatus) -> None:
        """Run when a task has its outcome."""
        ...

    def after_run(self, run: RunSnapshot) -> None:
        """Run when the run has ended, waits or was interrupted."""
        ...
