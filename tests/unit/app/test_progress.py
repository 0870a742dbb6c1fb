"""How far a run is."""

from doubles.pipelines import Text, block, pipeline, step
from orchestrator.app.progress import Progress, ProgressTracker
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.journal import (
    CancelRequested,
    DecisionMade,
    Emitted,
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
from orchestrator.core.pipeline import ForEach, Loop, Pipeline

CREATED = RunCreated(0.0, RunId("r"), "demo", {}, {}, {}, "/w", {})
TWO = pipeline(block(step("a"), step("b")))
BROKEN = Failure("timeout", "too long", "a")


def done(path: str, at: float = 1.0) -> TaskCompleted:
    return TaskCompleted(at, TaskPath(path), None)


def told(plan: Pipeline, *records: Record) -> list[Progress]:
    updates: list[Progress] = []
    tracker = ProgressTracker(plan, updates.append)
    for position, record in enumerate(records):
        tracker(position, record)
    return updates


def test_a_run_is_told_as_this_list() -> None:
    updates = told(
        TWO,
        CREATED,
        TaskStarted(1.0, TaskPath("a"), "x"),
        done("a", 2.0),
        done("b", 3.0),
        RunEnded(4.0, "completed", {}),
    )
    assert [(one.at, one.stage, one.percentage, one.message, one.status) for one in updates] == [
        (0.0, "starting", 0.0, "demo created", "running"),
        (1.0, "running", 0.0, "a started", "running"),
        (2.0, "running", 50.0, "a completed", "running"),
        (3.0, "running", 99.0, "b completed", "running"),
        (4.0, "ended", 100.0, "run completed", "completed"),
    ]


def test_every_kind_of_news_has_its_words() -> None:
    a = TaskPath("a")
    records = [
        TaskFailed(1.0, a, BROKEN),
        TaskRetrying(1.0, a, BROKEN, 2.0),
        TaskProgressed(1.0, a, "half", 0.5),
        TaskProgressed(1.0, a, ""),
        TaskRecovered(1.0, a, 0, BROKEN, "value"),
        TaskSkipped(1.0, a, "no"),
        TaskCancelled(1.0, a),
        TaskInDoubt(1.0, a, BROKEN),
        TimerSet(1.0, a, 9.0),
        DecisionMade(1.0, a, "items", [1, 2]),
        RunWarned(1.0, "careful"),
        CancelRequested(1.0, "me"),
        UndoStarted(1.0, ""),
    ]
    assert [one.message for one in told(TWO, *records)] == [
        "a failed: too long",
        "a failed (timeout), trying again",
        "a: half",
        "a",
        "a recovered",
        "a skipped",
        "a cancelled",
        "a needs a decision",
        "a waits",
        "a: 2 items",
        "careful",
        "cancel requested",
        "undoing the run",
    ]


def test_what_people_would_not_see_is_not_told() -> None:
    assert (
        told(TWO, DecisionMade(1.0, TaskPath("a"), "if", value=True), Emitted(1.0, TaskPath("a"), "x")) == []
    )


def test_a_loop_advances_item_by_item() -> None:
    each = ForEach(items=Text("{{ inputs.x }}"), body=block(step("one"), step("two")))
    plan = pipeline(block(step("all", each)))
    items = DecisionMade(0.0, TaskPath("all"), "items", [1, 2])
    updates = told(
        plan,
        items,
        done("all[0].one"),
        done("all[0].two"),
        done("all[1].one"),
        done("all[1].two"),
        done("all"),
    )
    assert [one.percentage for one in updates] == [0.0, 25.0, 50.0, 75.0, 99.0, 99.0]


def test_more_rounds_than_expected_never_pass_the_share_of_their_loop() -> None:
    loop = Loop(condition=Text("{{ x }}"), until=True, max_iterations=9, body=block(step("try")))
    plan = pipeline(block(step("again", loop), step("rest")))
    updates = told(plan, done("again#1.try"), done("again#2.try"), done("again#3.try"), done("again"))
    assert [one.percentage for one in updates] == [50.0, 50.0, 50.0, 50.0]


def test_what_a_task_says_of_itself_counts_and_never_falls() -> None:
    a = TaskPath("a")
    fractions = [0.5, 0.2, 7.0, -1.0]
    updates = told(TWO, *(TaskProgressed(1.0, a, "at it", fraction) for fraction in fractions))
    assert [one.percentage for one in updates] == [25.0, 25.0, 50.0, 50.0]


def test_the_end_is_told_exactly_once() -> None:
    ended = RunEnded(2.0, "failed", {}, BROKEN)
    updates = told(TWO, CREATED, ended, ended, RunWarned(3.0, "late"))
    assert [one.stage for one in updates] == ["starting", "ended"]
    assert updates[-1].status == "failed"


def test_a_resume_opens_a_new_round_that_ends_once_more() -> None:
    ended = RunEnded(2.0, "waiting", {})
    updates = told(TWO, CREATED, done("a"), ended, RunResumed(3.0), done("b"), RunEnded(4.0, "completed", {}))
    assert [(one.stage, one.status) for one in updates][2:] == [
        ("ended", "waiting"),
        ("running", "running"),
        ("running", "running"),
        ("ended", "completed"),
    ]


def test_a_receiver_that_raises_harms_nobody() -> None:
    heard: list[Progress] = []

    def broken(_: Progress) -> None:
        raise RuntimeError("receiver")

    tracker = ProgressTracker(TWO, broken, heard.append)
    for position, record in enumerate((CREATED, RunEnded(1.0, "completed", {}))):
        tracker(position, record)
    assert [one.stage for one in heard] == ["starting", "ended"]
    assert [str(error) for error in tracker.errors] == ["receiver", "receiver"]


def test_a_new_process_takes_up_where_the_records_end() -> None:
    heard: list[Progress] = []
    tracker = ProgressTracker(TWO, heard.append).replay((CREATED, done("a")))
    assert heard == []
    assert tracker.latest is not None
    assert tracker.latest.percentage == 50.0
    tracker(2, RunResumed(5.0))
    assert heard[0].percentage == 50.0


def test_stages_follow_a_cancelled_run() -> None:
    updates = told(
        TWO, CREATED, done("a"), CancelRequested(2.0), UndoStarted(3.0, ""), RunEnded(4.0, "cancelled", {})
    )
    assert [one.stage for one in updates] == ["starting", "running", "cancelling", "undoing", "ended"]
