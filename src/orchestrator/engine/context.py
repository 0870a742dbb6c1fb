"""What an action sees of the run that called it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, cast

from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import Emitted, Record, TaskProgressed
from orchestrator.core.pipeline import Step
from orchestrator.core.purse import Purse
from orchestrator.core.secret import mask
from orchestrator.engine.purse import TaskPurse
from orchestrator.engine.result_data import as_plain_data
from orchestrator.engine.run import Run
from orchestrator.errors import ActionError, StoreError


class ChildCaller(Protocol):
    """Runs an action as a child task; see `engine.attempt`."""

    def __call__(self, action: str, parameters: Mapping[str, object], /) -> Awaitable[object]:
        """Return the child's value."""
        ...


class TaskContext:
    """The `ActionContext` of one attempt."""

    def __init__(
        self, run: Run, step: Step, task: TaskPath, *, attempt: int, call_child: ChildCaller
    ) -> None:
        self._run = run
        self._step = step
        self._path = task
        self._attempt = attempt
        self._call_child = call_child
        self._loop = asyncio.get_running_loop()
        self._is_over = False
        self.cancelled: bool = False

    @property
    def run_id(self) -> str:
        """The run it belongs to."""
        return self._run.state.run_id

    @property
    def task(self) -> str:
        """The path of the task."""
        return self._path

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        return self._attempt

    @property
    def idempotency_key(self) -> str:
        """Run, task and epoch; the epoch stays 1 until a task is undone and done again."""
        return f"{self._run.state.run_id}/{self._path}/1"

    @property
    def workspace(self) -> str:
        """The folder that relative paths start from."""
        return self._run.state.workspace

    @property
    def clock(self) -> Clock:
        """The run's time."""
        return self._run.means.clock

    @property
    def randomness(self) -> Randomness:
        """The run's chance."""
        return self._run.means.randomness

    @property
    def model(self) -> object:
        """The step's `model`."""
        return self._step.model

    @property
    def output(self) -> Mapping[str, object] | None:
        """The step's `output` schema."""
        return self._step.output

    @property
    def purse(self) -> Purse:
        """What may be spent on models."""
        return TaskPurse(self._run, self._path)

    def call(self, action: str, parameters: Mapping[str, object]) -> Awaitable[object]:
        """Run another action as a journalled child task."""
        return self._call_child(action, parameters)

    def progress(self, message: str, fraction: float | None = None) -> None:
        """Tell how far it is; also from a thread."""
        told = str(mask(str(message), self._run.secrets))
        self._soon(lambda: TaskProgressed(self.clock.now(), self._path, told, fraction))

    def emit(self, name: str, data: Mapping[str, object]) -> None:
        """Put an event into the journal; also from a thread."""
        kept = cast(
            "Mapping[str, object]",
            mask(as_plain_data(data, where=f"event {name!r}"), self._run.secrets),
        )
        self._soon(lambda: Emitted(self.clock.now(), self._path, name, kept))

    def close(self) -> None:
        """Record nothing more: the attempt is over."""
        self._is_over = True

    def _soon(self, make: Callable[[], Record]) -> None:
        """Record now when the event loop calls, else in its next turn; nothing after the attempt is over."""
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            self._record(make())
        else:
            self._loop.call_soon_threadsafe(self._record_late, make)

    def _record(self, record: Record) -> None:
        if not self._is_over and not self.cancelled:
            self._run.record(record)

    def _record_late(self, make: Callable[[], Record]) -> None:
        """Record what a thread told; nobody is there to hear that it cannot be kept."""
        try:
            self._record(make())
        except ActionError as error:
            self._run.warn(f"{self._path}: {error.message}", self._path)
        except StoreError:
            pass  # the run meets it at its own next record
