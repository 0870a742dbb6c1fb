"""One run under way: its journal and state, what it may use, and whether it is to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.core.action import ActionSource
from orchestrator.core.cache import Cache
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.hook import Hook, Observer
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import DecisionMade, Record, RunWarned
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.pipeline_loader import PipelineLoader
from orchestrator.core.run_state import RunState, TaskState, apply
from orchestrator.core.store import Journal
from orchestrator.engine.linking import LinkedStep, Links
from orchestrator.engine.permits import Permits
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import HaltedError
from orchestrator.engine.workers import Workers

_log = logging.getLogger(__name__)


class StepRunner(Protocol):
    """Runs one step in its scope to its end; see `engine.step`."""

    def __call__(
        self, run: "Run", linked: LinkedStep, scope: Scope, stopping: Callable[[], bool], /
    ) -> Coroutine[object, object, str]:
        """Return the target of a `goto`, else an empty text."""
        ...


@dataclass(slots=True, kw_only=True)
class Means:
    """What an engine gives to each of its runs."""

    actions: ActionSource
    clock: Clock
    randomness: Randomness
    permits: Permits
    workers: Workers
    cache: Cache | None = None
    loader: PipelineLoader | None = None
    hooks: Sequence[Hook] = ()
    observers: Sequence[Observer] = ()
    in_place: bool = True
    """Whether cheap pure actions run without a task of their own."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One execution of a pipeline in this process."""

    pipeline: Pipeline
    state: RunState
    journal: Journal
    means: Means
    secrets: Mapping[str, str]
    links: Links
    run_step: StepRunner
    halted: bool = False
    """Nothing new starts: the run was interrupted, cancelled, or its time is over."""
    undoable: dict[TaskPath, tuple[LinkedStep, Scope]] = field(
        default_factory=dict[TaskPath, tuple[LinkedStep, Scope]]
    )
    """Completed tasks that have a way back, with the names of their own iteration."""
    history: frozenset[str] = frozenset()
    """Paths with anything recorded at or below them; walked again even while nothing new may start."""
    attempts: set[asyncio.Task[object]] = field(default_factory=set[asyncio.Task[object]])
    """What is acting right now; cancelled when the grace time of an interruption is over."""
    needs: Mapping[str, float] = field(default_factory=dict[str, float])
    """The permit that every action of this run holds while it acts."""

    _halting: asyncio.Future[None] | None = None

    def halt(self) -> None:
        """Let nothing new start, and end what only waits."""
        self.halted = True
        if self._halting is not None and not self._halting.done():
            self._halting.set_result(None)

    def unhalt(self) -> None:
        """Let things start again: what follows a failure or a cancellation."""
        self.halted = False
        self._halting = None

    async def while_waiting(self, waiting: Awaitable[object]) -> None:
        """Wait for something, but no longer than until the run halts (then raises `HaltedError`)."""
        if self._halting is None:
            self._halting = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(waiting)
        try:
            await asyncio.wait({task, self._halting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        if task.cancelled():
            raise HaltedError
        task.result()

    def record(self, record: Record) -> None:
        """Take a fact into the state and the journal, then tell the observers."""
        position = self.state.position
        apply(self.state, record)
        self.journal.append(record)
        for observer in self.means.observers:
            try:
                observer(position, record)
            except Exception:  # noqa: BLE001 — whoever watches must not harm the run
                _log.exception("an observer failed at record %d of run %s", position, self.state.run_id)

    def task(self, path: TaskPath) -> TaskState | None:
        """Return what is known of a task."""
        return self.state.tasks.get(path)

    def decide(self, path: TaskPath, what: str, ask: Callable[[], object]) -> object:
        """Return a decision: the recorded one, or the answer of `ask`, which is recorded."""
        decisions = self.state.decisions
        if (path, what) in decisions:
            return decisions[path, what]
        value = ask()
        self.record(DecisionMade(self.means.clock.now(), path, what, value))
        return value

    def warn(self, message: str, path: TaskPath | None = None) -> None:
        """Record something that people should know; once, also over restarts."""
        if message not in self.state.warnings:
            self.record(RunWarned(self.means.clock.now(), message, path))

    def tell(self, call: Callable[[Hook], None]) -> None:
        """Call each hook; what one raises is logged and goes no further."""
        for hook in self.means.hooks:
            try:
                call(hook)
            except Exception:  # noqa: BLE001 — whoever watches must not harm the run
                _log.exception("a hook failed in run %s", self.state.run_id)
