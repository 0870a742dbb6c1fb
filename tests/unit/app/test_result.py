"""The result document."""

from decimal import Decimal

from orchestrator.app.result import result_of
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.journal import (
    Record,
    RunCreated,
    RunEnded,
    RunWarned,
    TaskCompleted,
    TaskFailed,
    TaskSkipped,
    TaskStarted,
)
from orchestrator.core.run_state import fold
from orchestrator.core.usage import Usage

CREATED = RunCreated(
    at=100.0,
    run_id=RunId("r1"),
    pipeline="demo",
    document={},
    documents={},
    inputs={},
    workspace="/w",
    actions={},
)
BROKEN = Failure("timeout", "it took too long", "b", attempt=2, retryable=True)


def run(*records: Record) -> dict[str, object]:
    return result_of(fold((CREATED, *records))).as_data()


def test_the_document_has_exactly_the_promised_keys() -> None:
    document = run(TaskCompleted(101.0, TaskPath("a"), 1), RunEnded(102.0, "completed", {"x": 1}))
    assert list(document) == [
        "run_id",
        "pipeline",
        "status",
        "outputs",
        "steps",
        "usage",
        "error",
        "warnings",
        "created_at",
        "ended_at",
        "duration",
    ]
    assert document["duration"] == 2.0
    assert document["steps"] == {
        "a": {
            "status": "completed",
            "value": 1,
            "attempts": 1,
            "started_at": "1970-01-01T00:01:41.000Z",
            "duration": 0.0,
            "error": None,
            "model": None,
            "usage": None,
        }
    }
    assert document["usage"] == {"tokens": 0, "cost": None}


def test_a_huge_value_is_cut_and_says_so() -> None:
    document = run(TaskCompleted(101.0, TaskPath("a"), "x" * 50_000))
    entry = document["steps"]["a"]  # type: ignore[index]
    assert entry["truncated"] is True
    assert entry["value"].endswith("… (30000 more characters)")


def test_a_run_that_has_not_ended_has_no_duration() -> None:
    assert run()["duration"] is None
    assert run()["ended_at"] is None


def test_money_is_text_and_tokens_are_summed() -> None:
    usage = Usage(requests=1, input_tokens=20, output_tokens=5, cost=Decimal("0.00010"))
    document = run(TaskCompleted(101.0, TaskPath("a"), "x", started_at=100.5, usage=usage, model="test:m"))
    assert document["usage"] == {"tokens": 25, "cost": "0.00010"}
    assert document["steps"] == {
        "a": {
            "status": "completed",
            "value": "x",
            "attempts": 1,
            "started_at": "1970-01-01T00:01:40.500Z",
            "duration": 0.5,
            "error": None,
            "model": "test:m",
            "usage": {"requests": 1, "input_tokens": 20, "output_tokens": 5, "cost": "0.00010"},
        }
    }


def test_a_failure_is_told_at_its_step_and_for_the_run() -> None:
    result = result_of(
        fold(
            (
                CREATED,
                TaskStarted(100.0, TaskPath("b"), "nap"),
                TaskFailed(104.0, TaskPath("b"), BROKEN),
                TaskSkipped(104.0, TaskPath("c"), "no"),
                RunWarned(104.0, "careful"),
                RunEnded(105.0, "failed", {"x": None}, BROKEN),
            )
        )
    )
    document = result.as_data()
    told = {"class": "timeout", "message": "it took too long", "step": "b", "attempt": 2, "retryable": True}
    assert document["error"] == told
    assert document["outputs"] == {"x": None}
    assert document["warnings"] == ["careful"]
    assert result.steps[TaskPath("b")].duration == 4.0
    assert result.steps[TaskPath("b")].as_data()["error"] == told
    assert result.steps[TaskPath("c")].started_at is None
    assert not result.ok


def test_a_step_that_succeeded_at_last_shows_no_error() -> None:
    failed_once = fold(
        (CREATED, TaskFailed(101.0, TaskPath("a"), BROKEN), TaskCompleted(102.0, TaskPath("a"), 1))
    )
    assert result_of(failed_once).steps[TaskPath("a")].error is None


def test_the_cost_of_a_result_is_that_of_its_usage() -> None:
    assert result_of(fold((CREATED,))).cost is None
