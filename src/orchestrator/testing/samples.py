"""Records to test stores with: one run, and one record of each kind with values that are hard to keep."""

from decimal import Decimal

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
from orchestrator.core.usage import Usage

_TASK = TaskPath("digest[3].summarise")
_FAILURE = Failure("timeout", "it took too long", "digest", attempt=2, retryable=True, details={"code": 7})


def sample_run(number: int = 1, *, key: str = "") -> RunCreated:
    """Return the first record of a run; a higher number is a later run."""
    return RunCreated(
        at=1_800_000_000.0 + number,
        run_id=RunId(f"01a3185c-5000-7{number:03x}-8000-0123456789ab"),
        pipeline="digest",
        document={"name": "digest", "steps": [{"id": "a", "output": {"$ref": "#/x"}}]},
        documents={},
        inputs={"folder": "docs"},
        workspace="/work",
        actions={"let": "1"},
        key=key,
    )


def sample_records() -> list[Record]:
    """Return one record of each kind but the first, with values that are hard to keep."""
    return [
        RunResumed(1.0),
        RunWarned(2.0, "careful", _TASK),
        CancelRequested(3.0, "somebody"),
        DecisionMade(4.0, _TASK, "items", [1, None, 2.5, float("inf")]),
        TaskStarted(
            5.0, _TASK, "filesystem.write", attempt=2, effect="idempotent", memento={"was": b"\0old"}
        ),
        TaskRetrying(6.0, _TASK, _FAILURE, 7.5),
        TaskCompleted(
            7.0,
            _TASK,
            {"$ref": "x", "price": Decimal("0.10"), "big": 2**70, "text": "é\ud800"},
            started_at=6.5,
            usage=Usage(1, 20, 3, Decimal("0.0003")),
            model="scripted:one",
            labels=frozenset({"model", "web"}),
            route=[{"model": "scripted:one", "level": "primary", "outcome": "answered"}],
        ),
        TaskFailed(8.0, _TASK, _FAILURE, tolerated=True),
        TaskRecovered(9.0, _TASK, "instead", _FAILURE, "value"),
        TaskSkipped(10.0, _TASK, "its condition is false"),
        TaskCancelled(11.0, _TASK, started_at=10.5),
        TaskInDoubt(11.6, _TASK, _FAILURE),
        DoubtSettled(11.8, _TASK, again=False, value={"id": 7}),
        TaskProgressed(12.0, _TASK, "half of it", 0.5),
        ModelRequested(12.2, _TASK, "openai:some", 1, Decimal("0.0150")),
        ModelSettled(
            12.4, _TASK, "openai:some", 1, Usage(1, 20, 3, Decimal("0.02"), Decimal("0.01")), "here"
        ),
        TimerSet(13.0, _TASK, 99.0),
        Emitted(14.0, _TASK, "found", {"count": 3}),
        UndoStarted(15.0, "digest"),
        TaskUndone(16.0, _TASK),
        RunEnded(17.0, "partial", {"report": None}, _FAILURE, Decimal("0.20")),
    ]


def done(number: int) -> TaskCompleted:
    """Return the completion of task `t<number>`."""
    return TaskCompleted(float(number), TaskPath(f"t{number}"), number)
