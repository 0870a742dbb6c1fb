"""One run under way: its journal and state, what it may use, and whether it is to stop."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar, cast

from msgspec import Struct, field

import orchestrator.engine.task_limit as task_limit
from orchestrator.core.action import ActionSource
from orchestrator.core.budget import Budget
from orchestrator.core.cache import Cache
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.hook import Hook
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import (
    DecisionMade,
    Record,
    RunWarned,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskRecovered,
    TaskSkipped,
    TaskStarted,
)
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.pipeline_loader import PipelineLoader
from orchestrator.core.run_state import RunState, TaskState, apply
from orchestrator.core.store import Journal
from orchestrator.engine.account import Account, paths_around, spent_below
from orchestrator.engine.history import paths_with_history
from orchestrator.engine.linking import LinkedStep, Links
from orchestrator.engine.permits import Permits
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import HaltedError
from orchestrator.engine.treasury import Treasury
from orchestrator.engine.workers import Workers

_log = logging.getLogger(__name__)

T = TypeVar("T")
Stopping = Callable[[], bool]
"""Whether what surrounds a task wants nothing new to start."""
_OUTCOMES = (TaskCompleted, TaskFailed, TaskRecovered, TaskSkipped, TaskCancelled)


class StepRunner(Protocol):
    """Runs one step in its scope to its end; see `engine.step`."""

    def __call__(
        self, run: "Run", linked: LinkedStep, scope: Scope, stopping: Stopping, /
    ) -> Coroutine[object, object, str]:
        """Return the target of a `goto`, else an empty text."""
        ...


class Means(Struct, kw_only=True):
    """What an engine gives to each of its runs."""

    actions: ActionSource
    clock: Clock
    randomness: Randomness
    permits: Permits
    workers: Workers
    cache: Cache | None = None
    treasury: Treasury | None = None
    """The budgets of the day and the project."""
    loader: PipelineLoader | None = None
    hooks: Sequence[Hook] = ()
    in_place: bool = True
    """Whether cheap pure actions run without a task of their own."""


class Undoable(NamedTuple):
    """A completed task that can be taken back."""

    linked: LinkedStep
    scope: Scope
    """The names of its own iteration."""
    result: object


class Run(Struct, kw_only=True):
    """One execution of a pipeline in this process."""

    pipeline: Pipeline
    state: RunState
    journal: Journal
    means: Means
    secrets: Mapping[str, str]
    links: Links
    run_step: StepRunner
    halted: bool = False
    """Nothing new starts: the run was interrupted or is to be cancelled."""
    resumed: bool = False
    """Whether the run has a past that another process recorded."""
    ending: bool = False
    """Whether what was done is being taken back: a request to cancel comes too late."""
    undoable: dict[TaskPath, "Undoable"] = field(default_factory=dict[TaskPath, "Undoable"])
    """Completed tasks that have a way back."""
    attempts: set[asyncio.Task[object]] = field(default_factory=set[asyncio.Task[object]])
    """What is acting right now; cancelled when the grace time of an interruption is over."""
    giving_up: asyncio.Task[None] | None = None
    """Waits for the end of that grace time."""

    items: int = 0
    """How many items all loops together have that have begun."""

    _accounts: dict[str, Account] = field(default_factory=dict[str, Account])
    """The budgets of steps and files, by path."""
    _waiting: dict[asyncio.Future[object], Stopping] = field(
        default_factory=dict[asyncio.Future[object], Stopping]
    )
    _begun: set[TaskPath] = field(default_factory=set[TaskPath])
    """Tasks of which the hooks know the beginning but not yet the end."""
    _loops: set[TaskPath] = field(default_factory=set[TaskPath])
    _history: frozenset[str] | None = None

    def halt(self) -> None:
        """Let nothing new start, and end what only waits."""
        self.halted = True
        self.reconsider()

    def unhalt(self) -> None:
        """Let things start again: what follows a failure or a cancellation."""
        self.halted = False

    def reconsider(self) -> None:
        """End the waiting of everything that is not to start any more."""
        for waiting, stopping in tuple(self._waiting.items()):
            if stopping():
                waiting.cancel()

    async def while_waiting(self, waiting: "asyncio.Future[T]", stopping: Stopping) -> None:
        """Wait for something, but no longer than `stopping` allows (then raises `HaltedError`)."""
        future = cast("asyncio.Future[object]", waiting)
        if stopping():
            raise HaltedError
        self._waiting[future] = stopping
        try:
            await asyncio.wait({future})
        finally:
            del self._waiting[future]
        if future.cancelled() or stopping():
            raise HaltedError
        future.result()

    async def sleep(self, seconds: float, stopping: Stopping) -> None:
        """Let time pass, but no longer than `stopping` allows (then raises `HaltedError`)."""
        if stopping():
            raise HaltedError
        if seconds > 0:
            timer = asyncio.ensure_future(self.means.clock.sleep(seconds))
            try:
                await self.while_waiting(timer, stopping)
            finally:
                timer.cancel()

    def has_past(self, path: str) -> bool:
        """Whether another process recorded something at or below a path; that is walked again in any case."""
        if not self.resumed:
            return False
        if self._history is None:
            self._history = paths_with_history(self.state)
        return path in self._history

    def record(self, record: Record) -> None:
        """Take a fact into the journal and the state, then tell the hooks.

        Raises what the journal raises, and FailedError for a task too many; the state then knows nothing of the record.
        """
        known = self.state.tasks
        if len(known) >= task_limit.MAX_TASKS:
            task_limit.refuse_task(getattr(record, "task", None), known)  # this rarely: most runs are small
        self.journal.append(record)
        apply(self.state, record)
        if self.means.hooks:
            self._tell_of(record)

    def goes_through(self, path: TaskPath, items: int) -> None:
        """Count the items of a loop, once."""
        if path not in self._loops:
            self._loops.add(path)
            self.items += items

    def begins(self, path: TaskPath) -> None:
        """Tell the hooks that a task begins, unless they know."""
        if self.means.hooks and path not in self._begun:
            self._begun.add(path)
            self.tell(lambda hook: hook.before_task(path))

    def task(self, path: TaskPath) -> TaskState | None:
        """Return what is known of a task."""
        return self.state.tasks.get(path)

    def open_account(self, path: str, budget: Budget, name: str, *, advice: str) -> None:
        """Let a budget hold for everything at or below a path; what was spent there before counts."""
        if path not in self._accounts:
            spent = spent_below(self.state, path) if self.state.usage.cost else Decimal(0)
            self._accounts[path] = Account(name=name, advice=advice, budget=budget, spent=spent)

    def accounts_of(self, path: str) -> list[Account]:
        """Return every budget that holds for a task, the nearest first."""
        if (budget := self.pipeline.budget) is not None:
            advice = "raise `budget` at the top of the file"
            self.open_account("", budget, "the budget of the run", advice=advice)
        if not self._accounts:
            return []
        return [self._accounts[around] for around in paths_around(path) if around in self._accounts]

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
            except Exception:  # noqa: BLE001 — a hook must not harm the run
                _log.exception("a hook failed in run %s", self.state.run_id)

    def _tell_of(self, record: Record) -> None:
        """Tell the hooks of a task's beginning or outcome; each beginning has one outcome, and the other way round."""
        if isinstance(record, TaskStarted):
            self.begins(record.task)
        elif isinstance(record, _OUTCOMES):
            self.begins(record.task)
            self._begun.discard(record.task)
            path, status = record.task, self.state.tasks[record.task].status
            self.tell(lambda hook: hook.after_task(path, status))
