"""The kinds of records in a run's journal, the only truth about it.

A record is a fact that happened; the state of a run is the fold of its records (`core.run_state.apply`). Records are
append-only and durability is prefix-closed: when one survives a crash, so do all before it. `at` is epoch seconds.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.status import RunEnding
from orchestrator.core.usage import NO_USAGE, Usage

RECORD_VERSION = 1
"""Raised whenever a record changes its meaning; older ones are upgraded when they are read."""

_NOTHING: Mapping[str, object] = MappingProxyType({})


class RunCreated(NamedTuple):
    """A run exists: everything needed to run it is in this record."""

    at: float
    run_id: RunId
    pipeline: str
    document: Mapping[str, object]
    """The canonical document."""
    documents: Mapping[str, object]
    """Canonical documents of the files that the pipeline runs, by the name as written (nested by `/`)."""
    inputs: Mapping[str, object]
    """Values after defaults; secrets are absent."""
    workspace: str
    actions: Mapping[str, str]
    """Digest of every action that the pipeline names."""
    file: str = ""
    key: str = ""
    """Starting twice with one key gives the same run."""
    tools: Mapping[str, str] = MappingProxyType({})
    """Path and digest of the user's tool files that were loaded."""


class RunResumed(NamedTuple):
    """A process took the run up again."""

    at: float


class RunEnded(NamedTuple):
    """The run is over."""

    at: float
    status: RunEnding
    outputs: Mapping[str, object]
    failure: Failure | None = None
    cost: Decimal | None = None
    """What its model calls cost so far, in US dollars, so that lists can tell; None where no price is known."""


class RunWarned(NamedTuple):
    """Something that people should know, once."""

    at: float
    message: str
    task: TaskPath | None = None


class CancelRequested(NamedTuple):
    """Somebody wants the run to end."""

    at: float
    by: str = ""


class DecisionMade(NamedTuple):
    """A condition, switch or loop list was evaluated; it is never asked again."""

    at: float
    task: TaskPath
    what: str
    """`if`, `switch`, `items`, `while`, `until`, `pipeline` (a file that was named at run time), `on_error`."""
    value: object


class TaskStarted(NamedTuple):
    """An attempt begins. For an action with an effect this record is synced first: it is the write-ahead intent."""

    at: float
    task: TaskPath
    action: str
    attempt: int = 1
    effect: str = ""
    """Set for `idempotent` and `once` only."""
    memento: object = None
    """What the action's way back needs."""


class TaskRetrying(NamedTuple):
    """An attempt failed and another follows."""

    at: float
    task: TaskPath
    failure: Failure
    resume_at: float


class TaskCompleted(NamedTuple):
    """A task has its value."""

    at: float
    task: TaskPath
    value: object
    started_at: float | None = None
    """None when it took no time worth a record of its own."""
    attempt: int = 1
    usage: Usage = NO_USAGE
    model: str = ""
    labels: frozenset[str] = frozenset()
    cached: bool = False
    derived: bool = False
    """The value follows from the inner tasks and is not repeated here: groups, loops, switches, sub-pipelines."""
    route: Sequence[Mapping[str, object]] = ()
    """Every model that was asked or passed over, in order (`ActionOutcome.route`)."""


class TaskFailed(NamedTuple):
    """A task failed for good."""

    at: float
    task: TaskPath
    failure: Failure
    started_at: float | None = None
    tolerated: bool = False
    """`on_error: continue`: the run goes on and ends partial."""
    spent: Usage = NO_USAGE
    """What the attempt consumed where the failure is that of the handler which should have stood in."""


class TaskRecovered(NamedTuple):
    """A task failed and the file says what stands in."""

    at: float
    task: TaskPath
    value: object
    failure: Failure
    how: str
    """`value`, `goto` or `steps`."""
    started_at: float | None = None
    goto: str = ""


class TaskSkipped(NamedTuple):
    """A task will not run, and nothing is wrong."""

    at: float
    task: TaskPath
    reason: str


class TaskCancelled(NamedTuple):
    """A task was stopped before its end."""

    at: float
    task: TaskPath
    started_at: float | None = None


class TaskInDoubt(NamedTuple):
    """Nobody knows whether a task's effect happened; a person must decide before it goes on."""

    at: float
    task: TaskPath
    failure: Failure


class DoubtSettled(NamedTuple):
    """A person decided about a task in doubt."""

    at: float
    task: TaskPath
    again: bool
    """True: do it again. False: it happened, and `value` is its result."""
    value: object = None


class TaskProgressed(NamedTuple):
    """A task says how far it is."""

    at: float
    task: TaskPath
    message: str
    fraction: float | None = None


class ModelRequested(NamedTuple):
    """A model is about to be asked, and what that may cost is set aside. Written before the request is sent.

    Where no `ModelSettled` follows, the process died: the call counts with everything that was set aside.
    """

    at: float
    task: TaskPath
    model: str
    call: int
    """Its number in the run, from 1."""
    most: Decimal | None = None
    """What it may cost at most, in US dollars; None where nobody knows."""


class ModelSettled(NamedTuple):
    """A call of a model is over, and this is what it cost."""

    at: float
    task: TaskPath
    model: str
    call: int = 0
    """That of its request; 0 for a model that costs nothing, which has none."""
    usage: Usage = NO_USAGE
    price: str = ""
    """Where the price comes from."""


class TimerSet(NamedTuple):
    """A task waits until a time of day."""

    at: float
    task: TaskPath
    fires_at: float


class Emitted(NamedTuple):
    """An event of an action's own."""

    at: float
    task: TaskPath
    name: str
    data: Mapping[str, object] = _NOTHING


class UndoStarted(NamedTuple):
    """Completed tasks are taken back from here on, in reverse order of completion."""

    at: float
    scope: str
    """The path of the group whose work is undone; empty for the whole run."""


class TaskUndone(NamedTuple):
    """A task's effect is taken back."""

    at: float
    task: TaskPath


Record = (
    RunCreated
    | RunResumed
    | RunEnded
    | RunWarned
    | CancelRequested
    | DecisionMade
    | TaskStarted
    | TaskRetrying
    | TaskCompleted
    | TaskFailed
    | TaskRecovered
    | TaskSkipped
    | TaskCancelled
    | TaskInDoubt
    | DoubtSettled
    | TaskProgressed
    | ModelRequested
    | ModelSettled
    | TimerSet
    | Emitted
    | UndoStarted
    | TaskUndone
)
