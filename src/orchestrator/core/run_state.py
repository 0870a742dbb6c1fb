"""The state of a run: the fold of its journal.

`RunState` is the one mutable object of a run. Live state and replayed state go through the same `apply`, so that after a
crash the fold of the records that survived *is* the state the engine had when it wrote them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import cast

from msgspec import Struct, field

from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.journal import (
    CancelRequested,
    DecisionMade,
    DoubtSettled,
    Emitted,
    ModelRequested,
    ModelSettled,
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
    TaskUndone,
    TimerSet,
    UndoStarted,
)
from orchestrator.core.status import RunStatus, TaskStatus
from orchestrator.core.usage import NO_USAGE, Usage, in_doubt


class TaskState(Struct, gc=False):
    """What is known of one task."""

    status: TaskStatus = "running"
    value: object = None
    attempt: int = 0
    crashes: int = 0
    """Attempts that neither ended nor were stopped: their process died."""
    failure: Failure | None = None
    tolerated: bool = False
    """Failed, but the run goes on and ends partial."""
    how: str = ""
    """How it recovered, or why it was skipped."""
    goto: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    resume_at: float | None = None
    """When the next attempt or the timer is due."""
    usage: Usage = NO_USAGE
    by_attempt: Mapping[int, Usage] = MappingProxyType({})
    """What each attempt used of models that cost something."""
    model: str = ""
    labels: frozenset[str] = frozenset()
    cached: bool = False
    derived: bool = False
    effect: str = ""
    """Set while an action with an effect is under way: it may have happened."""
    memento: object = None
    route: Sequence[Mapping[str, object]] = ()
    """Every model that was asked or passed over, in order."""
    message: str = ""
    fraction: float | None = None


class RunState(Struct):
    """Everything that is known of one run."""

    position: int = 0
    """Records taken in so far."""
    run_id: RunId = field(default=RunId(""))
    pipeline: str = ""
    document: Mapping[str, object] = field(default_factory=dict[str, object])
    documents: Mapping[str, object] = field(default_factory=dict[str, object])
    inputs: Mapping[str, object] = field(default_factory=dict[str, object])
    workspace: str = ""
    file: str = ""
    actions: Mapping[str, str] = field(default_factory=dict[str, str])
    tools: Mapping[str, str] = field(default_factory=dict[str, str])
    status: RunStatus = "running"
    created_at: float = 0.0
    ended_at: float | None = None
    outputs: Mapping[str, object] = field(default_factory=dict[str, object])
    failure: Failure | None = None
    tasks: dict[TaskPath, TaskState] = field(default_factory=dict[TaskPath, TaskState])
    decisions: dict[tuple[TaskPath, str], object] = field(default_factory=dict[tuple[TaskPath, str], object])
    completed: list[TaskPath] = field(default_factory=list[TaskPath])
    """Tasks in the order of their completion; undo walks it backwards."""
    undoing: list[str] = field(default_factory=list[str])
    """Scopes whose undo has begun."""
    warnings: list[str] = field(default_factory=list[str])
    usage: Usage = NO_USAGE
    by_model: dict[str, Usage] = field(default_factory=dict[str, Usage])
    """What each model was used for, failed attempts included."""
    prices: dict[str, str] = field(default_factory=dict[str, str])
    """Where the price of each model comes from."""
    calls: int = 0
    """The number of the last call of a model that costs something."""
    requested: dict[int, ModelRequested] = field(default_factory=dict[int, ModelRequested])
    """Calls under way; once their process is dead, nobody knows whether they were answered."""
    metered: set[TaskPath] = field(default_factory=set[TaskPath])
    """Tasks whose attempt under way told of its calls one by one: its outcome counts nothing more."""
    cancelled_by: str | None = None
    """Who asked for the end, once somebody did."""


class RunSnapshot(Struct, frozen=True, kw_only=True):
    """How a run stood at one moment, for those who may look but not touch."""

    run_id: RunId
    pipeline: str
    status: RunStatus
    created_at: float
    ended_at: float | None
    outputs: Mapping[str, object]
    failure: Failure | None
    usage: Usage
    warnings: tuple[str, ...]
    tasks: Mapping[TaskPath, TaskStatus]


def snapshot(state: RunState) -> RunSnapshot:
    """Return what others may know of a run right now."""
    return RunSnapshot(
        run_id=state.run_id,
        pipeline=state.pipeline,
        status=state.status,
        created_at=state.created_at,
        ended_at=state.ended_at,
        outputs=MappingProxyType(dict(state.outputs)),
        failure=state.failure,
        usage=state.usage,
        warnings=tuple(state.warnings),
        tasks=MappingProxyType({path: task.status for path, task in state.tasks.items()}),
    )


def fold(records: Iterable[Record]) -> RunState:
    """Return the state that the records lead to."""
    state = RunState()
    for record in records:
        apply(state, record)
    return state


def apply(state: RunState, record: Record) -> None:
    """Take one record into the state."""
    state.position += 1
    _APPLY[type(record)](state, record)


def _created(state: RunState, record: RunCreated) -> None:
    state.run_id = record.run_id
    state.pipeline = record.pipeline
    state.document = record.document
    state.documents = record.documents
    state.inputs = record.inputs
    state.workspace = record.workspace
    state.file = record.file
    state.actions = record.actions
    state.tools = record.tools
    state.created_at = record.at


def _resumed(state: RunState, _record: RunResumed) -> None:
    state.status = "running"
    state.ended_at = None
    state.failure = None
    for request in tuple(state.requested.values()):
        _spend(state, request, in_doubt(request.most))
    state.metered.clear()


def _ended(state: RunState, record: RunEnded) -> None:
    state.status = record.status
    state.ended_at = record.at
    state.outputs = record.outputs
    state.failure = record.failure


def _warned(state: RunState, record: RunWarned) -> None:
    state.warnings.append(record.message)


def _cancel(state: RunState, record: CancelRequested) -> None:
    state.cancelled_by = record.by


def _decided(state: RunState, record: DecisionMade) -> None:
    state.decisions[record.task, record.what] = record.value


def _task(state: RunState, path: TaskPath) -> TaskState:
    task = state.tasks.get(path)
    if task is None:
        task = state.tasks[path] = TaskState()
    return task


def _count(
    state: RunState, task: TaskState, record: TaskRetrying | TaskFailed | TaskRecovered | TaskInDoubt
) -> None:
    """Add what a failed attempt consumed; a container that fails with an inner task's failure spent nothing itself."""
    usage = record.failure.usage
    if record.task in state.metered:
        state.metered.discard(record.task)
    elif usage is not NO_USAGE and record.failure.step == record.task:
        task.usage += usage
        state.usage += usage


def _started(state: RunState, record: TaskStarted) -> None:
    task = _task(state, record.task)
    if task.status == "running" and task.attempt:
        task.crashes += 1
    task.status = "running"
    task.attempt = record.attempt
    task.effect = record.effect
    task.resume_at = None
    if record.memento is not None:
        task.memento = record.memento
    if task.started_at is None:
        task.started_at = record.at


def _retrying(state: RunState, record: TaskRetrying) -> None:
    task = _task(state, record.task)
    task.status = "retrying"
    task.failure = record.failure
    task.attempt = record.failure.attempt
    task.effect = ""
    task.resume_at = record.resume_at
    _count(state, task, record)


def _completed(state: RunState, record: TaskCompleted) -> None:
    task = state.tasks.get(record.task)
    if task is None:
        task = state.tasks[record.task] = TaskState()
    task.status = "completed"
    task.value = record.value
    task.attempt = record.attempt
    task.ended_at = record.at
    if record.started_at is not None:
        task.started_at = record.started_at
    if record.task in state.metered:
        state.metered.discard(record.task)
    elif record.usage is not NO_USAGE:
        task.usage += record.usage
        state.usage += record.usage
    task.model = record.model
    task.labels = record.labels
    task.cached = record.cached
    task.derived = record.derived
    task.route = record.route
    task.tolerated = False
    task.effect = ""
    state.completed.append(record.task)


def _failed(state: RunState, record: TaskFailed) -> None:
    task = _task(state, record.task)
    task.status = "failed"
    task.failure = record.failure
    task.tolerated = record.tolerated
    task.attempt = record.failure.attempt
    task.ended_at = record.at
    task.effect = ""
    if record.started_at is not None:
        task.started_at = record.started_at
    _count(state, task, record)
    if record.spent is not NO_USAGE:
        task.usage += record.spent
        state.usage += record.spent


def _recovered(state: RunState, record: TaskRecovered) -> None:
    task = _task(state, record.task)
    task.status = "recovered"
    task.value = record.value
    task.failure = record.failure
    task.attempt = record.failure.attempt
    task.how = record.how
    task.goto = record.goto
    task.tolerated = False
    task.ended_at = record.at
    task.effect = ""
    if record.started_at is not None:
        task.started_at = record.started_at
    _count(state, task, record)


def _skipped(state: RunState, record: TaskSkipped) -> None:
    task = _task(state, record.task)
    task.status = "skipped"
    task.how = record.reason
    task.ended_at = record.at


def _cancelled(state: RunState, record: TaskCancelled) -> None:
    task = _task(state, record.task)
    task.status = "cancelled"
    task.ended_at = record.at
    state.metered.discard(record.task)
    if record.started_at is not None:
        task.started_at = record.started_at


def _in_doubt(state: RunState, record: TaskInDoubt) -> None:
    task = _task(state, record.task)
    task.status = "in_doubt"
    task.failure = record.failure
    _count(state, task, record)


def _settled(state: RunState, record: DoubtSettled) -> None:
    task = _task(state, record.task)
    task.effect = ""
    task.status = "cancelled" if record.again else "completed"
    if not record.again:
        task.value = record.value
        task.ended_at = record.at
        state.completed.append(record.task)


def _progressed(state: RunState, record: TaskProgressed) -> None:
    task = _task(state, record.task)
    task.message = record.message
    task.fraction = record.fraction


def _requested(state: RunState, record: ModelRequested) -> None:
    state.calls = max(state.calls, record.call)
    state.requested[record.call] = record


def _model_settled(state: RunState, record: ModelSettled) -> None:
    if record.price:
        state.prices[record.model] = record.price
    if record.usage != NO_USAGE:
        _spend(state, record, record.usage)
        state.metered.add(record.task)
    state.requested.pop(record.call, None)


def _spend(state: RunState, record: ModelRequested | ModelSettled, usage: Usage) -> None:
    """Count one call, for the run, its task, its attempt and its model."""
    task = _task(state, record.task)
    state.requested.pop(record.call, None)
    state.usage += usage
    task.usage += usage
    task.by_attempt = {
        **task.by_attempt,
        task.attempt: task.by_attempt.get(task.attempt, NO_USAGE) + usage,
    }
    state.by_model[record.model] = state.by_model.get(record.model, NO_USAGE) + usage


def _timer(state: RunState, record: TimerSet) -> None:
    _task(state, record.task).resume_at = record.fires_at


def _emitted(_state: RunState, _record: Emitted) -> None:
    """Events of actions are for observers; the state does not keep them."""


def _undo(state: RunState, record: UndoStarted) -> None:
    state.undoing.append(record.scope)


def _undone(state: RunState, record: TaskUndone) -> None:
    _task(state, record.task).status = "undone"


_APPLY = cast(
    "dict[type[Record], Callable[[RunState, Record], None]]",
    {
        RunCreated: _created,
        RunResumed: _resumed,
        RunEnded: _ended,
        RunWarned: _warned,
        CancelRequested: _cancel,
        DecisionMade: _decided,
        TaskStarted: _started,
        TaskRetrying: _retrying,
        TaskCompleted: _completed,
        TaskFailed: _failed,
        TaskRecovered: _recovered,
        TaskSkipped: _skipped,
        TaskCancelled: _cancelled,
        TaskInDoubt: _in_doubt,
        DoubtSettled: _settled,
        TaskProgressed: _progressed,
        ModelRequested: _requested,
        ModelSettled: _model_settled,
        TimerSet: _timer,
        Emitted: _emitted,
        UndoStarted: _undo,
        TaskUndone: _undone,
    },
)
