from decimal import Decimal

import pytest

from orchestrator.core.failure import Failure
from orchestrator.core.journal import (
    CancelRequested,
    DecisionMade,
    DoubtSettled,
    Emitted,
    ModelRequested,
    ModelSettled,
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
from orchestrator.core.run_state import fold
from orchestrator.core.status import SETTLED
from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.testing.samples import sample_run

FAILURE = Failure("timeout", "too long", "a", attempt=2)
STARTED = TaskStarted(1.0, "a", "demo.act")


def task(*records):
    return fold(records).tasks["a"]


def test_the_first_record_says_what_the_run_is():
    created = sample_run(key="k")
    state = fold([created])
    assert (state.run_id, state.pipeline, state.workspace) == (created.run_id, "digest", "/work")
    assert (state.document, state.inputs, state.actions) == (
        created.document,
        created.inputs,
        created.actions,
    )
    assert (state.status, state.created_at, state.position) == ("running", created.at, 1)


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ([STARTED], "running"),
        ([STARTED, TaskRetrying(2.0, "a", FAILURE, 3.0)], "retrying"),
        ([TaskCompleted(2.0, "a", 7)], "completed"),
        ([STARTED, TaskFailed(2.0, "a", FAILURE)], "failed"),
        ([STARTED, TaskRecovered(2.0, "a", 0, FAILURE, "value")], "recovered"),
        ([TaskSkipped(2.0, "a", "its condition is false")], "skipped"),
        ([STARTED, TaskCancelled(2.0, "a")], "cancelled"),
        ([STARTED, TaskInDoubt(2.0, "a", FAILURE)], "in_doubt"),
        ([STARTED, TaskInDoubt(2.0, "a", FAILURE), DoubtSettled(3.0, "a", again=True)], "cancelled"),
        ([STARTED, TaskInDoubt(2.0, "a", FAILURE), DoubtSettled(3.0, "a", again=False)], "completed"),
        ([TaskCompleted(2.0, "a", 7), TaskUndone(3.0, "a")], "undone"),
        ([STARTED, TaskProgressed(2.0, "a", "half", 0.5)], "running"),
        ([STARTED, TimerSet(2.0, "a", 9.0)], "running"),
    ],
)
def test_a_task_has_the_status_of_its_last_record(records, status):
    found = task(*records)
    assert found.status == status
    assert (found.status in SETTLED) == (status not in {"running", "retrying", "cancelled", "in_doubt"})


def test_a_completion_keeps_value_usage_and_origin():
    usage = Usage(1, 2, 3, Decimal("0.5"))
    record = TaskCompleted(
        5.0,
        "a",
        7,
        started_at=4.0,
        attempt=2,
        usage=usage,
        model="m",
        labels=frozenset({"model"}),
        cached=True,
    )
    found = task(record)
    assert (found.value, found.attempt, found.started_at, found.ended_at) == (7, 2, 4.0, 5.0)
    assert (found.usage, found.model, found.labels, found.cached) == (usage, "m", frozenset({"model"}), True)


def test_the_usage_of_a_run_is_that_of_its_tasks():
    used = Usage(1, 2, 3, Decimal("0.1"))
    state = fold([TaskCompleted(1.0, "a", 1, usage=used), TaskCompleted(1.0, "b", 1, usage=used)])
    assert state.usage == used + used
    assert fold([TaskCompleted(1.0, "a", 1)]).usage is NO_USAGE


def test_the_start_of_a_task_is_that_of_its_first_attempt():
    again = TaskStarted(9.0, "a", "demo.act", attempt=2)
    assert task(STARTED, TaskRetrying(2.0, "a", FAILURE, 9.0), again).started_at == 1.0


def test_an_effect_is_under_way_from_its_start_to_its_outcome():
    started = STARTED._replace(effect="once", memento={"was": 1})
    outcomes = [
        TaskCompleted(2.0, "a", 7),
        TaskFailed(2.0, "a", FAILURE),
        TaskRetrying(2.0, "a", FAILURE, 3.0),
        TaskRecovered(2.0, "a", 0, FAILURE, "value"),
        DoubtSettled(2.0, "a", again=True),
    ]
    assert task(started).effect == "once"
    assert [task(started, outcome).effect for outcome in outcomes] == [""] * len(outcomes)


def test_what_was_kept_before_the_first_effect_is_not_taken_again():
    started = STARTED._replace(effect="once", memento={"was": 1})
    assert task(started, STARTED._replace(attempt=2)).memento == {"was": 1}


def test_an_attempt_that_begins_where_another_never_ended_counts_a_crash():
    resumed = STARTED._replace(at=5.0)
    assert task(STARTED, RunResumed(4.0), resumed).crashes == 1
    assert task(STARTED, TaskRetrying(2.0, "a", FAILURE, 3.0), resumed._replace(attempt=2)).crashes == 0
    assert task(STARTED, TaskCancelled(2.0, "a"), RunResumed(4.0), resumed).crashes == 0


def test_a_failure_is_kept_with_what_was_made_of_it():
    failed = task(TaskFailed(2.0, "a", FAILURE, started_at=1.0, tolerated=True))
    assert (failed.failure, failed.tolerated, failed.attempt, failed.started_at) == (FAILURE, True, 2, 1.0)
    recovered = task(TaskRecovered(2.0, "a", "x", FAILURE, "goto", started_at=1.0, goto="z"))
    assert (recovered.value, recovered.how, recovered.goto, recovered.failure) == ("x", "goto", "z", FAILURE)
    assert task(TaskSkipped(2.0, "a", "no need")).how == "no need"
    assert task(TaskCancelled(2.0, "a", started_at=1.5)).started_at == 1.5


def test_a_failure_that_was_tolerated_is_forgotten_once_the_task_makes_it():
    tolerated = TaskFailed(2.0, "a", FAILURE, tolerated=True)
    assert not task(tolerated, TaskCompleted(3.0, "a", 7)).tolerated
    assert not task(tolerated, TaskRecovered(3.0, "a", 0, FAILURE, "value")).tolerated


def test_a_task_that_waits_knows_until_when():
    retrying = TaskRetrying(2.0, "a", FAILURE, 3.5)
    assert task(STARTED, retrying).resume_at == 3.5
    assert task(STARTED, TimerSet(2.0, "a", 9.0)).resume_at == 9.0
    assert task(STARTED, retrying, STARTED._replace(attempt=2)).resume_at is None


def test_a_doubt_that_is_taken_as_done_has_the_value_that_the_person_gave():
    state = fold(
        [STARTED, TaskInDoubt(2.0, "a", FAILURE), DoubtSettled(3.0, "a", again=False, value={"id": 1})]
    )
    assert (state.tasks["a"].value, state.tasks["a"].ended_at) == ({"id": 1}, 3.0)
    assert state.completed == ["a"]


def test_decisions_are_kept_by_task_and_question():
    state = fold([DecisionMade(1.0, "a", "if", False), DecisionMade(2.0, "a", "items", [1, 2])])
    assert state.decisions == {("a", "if"): False, ("a", "items"): [1, 2]}


def test_completions_are_kept_in_their_order():
    state = fold([TaskCompleted(1.0, "b", 1), TaskSkipped(1.0, "c", ""), TaskCompleted(2.0, "a", 1)])
    assert state.completed == ["b", "a"]


def test_a_run_that_ended_can_be_taken_up_again():
    ended = RunEnded(9.0, "failed", {"x": 1}, FAILURE)
    state = fold([sample_run(), ended])
    assert (state.status, state.ended_at, state.outputs, state.failure) == ("failed", 9.0, {"x": 1}, FAILURE)
    state = fold([sample_run(), ended, RunResumed(10.0)])
    assert (state.status, state.ended_at, state.failure) == ("running", None, None)


def test_the_run_keeps_warnings_cancellation_and_undo():
    state = fold([RunWarned(1.0, "careful"), CancelRequested(2.0, "me"), UndoStarted(3.0, "group")])
    assert (state.warnings, state.cancelled_by, state.undoing) == (["careful"], "me", ["group"])


def test_events_of_actions_change_nothing_but_the_position():
    state = fold([sample_run(), Emitted(2.0, "a", "found", {"n": 1})])
    assert (state.tasks, state.position) == ({}, 2)


def test_progress_shows_the_last_word():
    found = task(TaskProgressed(1.0, "a", "begun"), TaskProgressed(2.0, "a", "half", 0.5))
    assert (found.message, found.fraction) == ("half", 0.5)


def test_what_failed_attempts_consumed_counts_once():
    one = Usage(requests=1, input_tokens=10)
    inner = Failure("bad_output", "no", "g.ask", 1, usage=one)
    last = Failure("bad_output", "no", "g.ask", 2, usage=one)
    state = fold(
        [
            TaskStarted(1.0, "g.ask", "generate"),
            TaskRetrying(2.0, "g.ask", inner, 3.0),
            TaskStarted(3.0, "g.ask", "generate", 2),
            TaskFailed(4.0, "g.ask", last),
            TaskFailed(4.0, "g", last),
        ]
    )
    assert state.usage == one + one
    assert state.tasks["g.ask"].usage == one + one
    assert state.tasks["g"].usage == Usage()


def test_a_retried_success_counts_all_its_attempts():
    one = Usage(requests=1, input_tokens=10)
    state = fold(
        [
            TaskRetrying(2.0, "ask", Failure("bad_output", "no", "ask", 1, usage=one), 3.0),
            TaskCompleted(4.0, "ask", "yes", attempt=2, usage=one),
        ]
    )
    assert state.usage == state.tasks["ask"].usage == one + one


PAID = Usage(1, 10, 5, Decimal("0.03"))
SETTLED_CALL = ModelSettled(2.0, "a", "p:m", 1, PAID, "a list of prices")


def test_a_call_counts_at_once_and_the_outcome_of_its_attempt_counts_it_no_more():
    state = fold(
        [
            STARTED,
            ModelRequested(1.5, "a", "p:m", 1, Decimal("0.10")),
            SETTLED_CALL,
            TaskCompleted(3.0, "a", "text", usage=PAID, model="p:m"),
        ]
    )
    assert state.usage == state.tasks["a"].usage == state.by_model["p:m"] == PAID
    assert state.prices == {"p:m": "a list of prices"}
    assert not state.requested


@pytest.mark.parametrize(
    "ending",
    [
        TaskRetrying(3.0, "a", FAILURE, 4.0),
        TaskFailed(3.0, "a", FAILURE),
        TaskCancelled(3.0, "a"),
        RunResumed(3.0),
    ],
)
def test_an_attempt_that_failed_counts_its_calls_once_and_the_next_one_its_own(ending):
    state = fold(
        [
            STARTED,
            SETTLED_CALL,
            ending,
            TaskStarted(4.0, "a", "demo.act", 2),
            SETTLED_CALL,
            TaskCompleted(5.0, "a", "text", usage=PAID),
        ]
    )
    assert state.usage == PAID + PAID
    assert sum(state.tasks["a"].by_attempt.values(), NO_USAGE) == PAID + PAID


def test_a_call_without_an_answer_counts_whole_once_the_run_is_resumed():
    records = [STARTED, ModelRequested(1.5, "a", "p:m", 1, Decimal("0.10"))]
    assert fold(records).usage == NO_USAGE
    state = fold([*records, RunResumed(9.0), RunResumed(10.0)])
    assert state.usage == Usage(1, 0, 0, Decimal("0.10"), Decimal("0.10"))
    assert state.calls == 1
    assert not state.requested


def test_a_call_that_cost_nothing_leaves_no_trace():
    state = fold(
        [STARTED, ModelRequested(1.5, "a", "p:m", 1, Decimal("0.10")), ModelSettled(2.0, "a", "p:m", 1)]
    )
    assert state.usage == NO_USAGE
    assert not state.requested
    assert not state.by_model
