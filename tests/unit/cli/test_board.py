"""Which rows a live tree shows."""

import pytest

from doubles.pipelines import Text, block, pipeline, step
from orchestrator.cli.board import Board, Row
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.journal import (
    DecisionMade,
    Record,
    RunCreated,
    RunEnded,
    RunWarned,
    TaskCompleted,
    TaskFailed,
    TaskProgressed,
    TaskRetrying,
    TaskSkipped,
    TaskStarted,
)
from orchestrator.core.pipeline import ForEach, Pipeline

CREATED = RunCreated(0.0, RunId("r"), "demo", {}, {}, {}, "", {})
BROKEN = Failure("timeout", "too\nlong", "a")
LOOP = ForEach(items=Text("{{ inputs.x }}"), body=block(step("one"), step("two")))


def started(path: str, at: float = 1.0) -> TaskStarted:
    return TaskStarted(at, TaskPath(path), "x")


def done(path: str, at: float = 2.0) -> TaskCompleted:
    return TaskCompleted(at, TaskPath(path), 1)


def board(plan: Pipeline, *records: Record) -> Board:
    watched = Board(plan)
    for position, record in enumerate((CREATED, *records)):
        watched(position, record)
    return watched


def rows(plan: Pipeline, *records: Record, limit: int = 50) -> list[Row]:
    return board(plan, *records).rows(5.0, limit=limit)


def test_every_step_has_a_row_in_the_order_of_the_run() -> None:
    plan = pipeline(block(step("b"), step("a", name="The first"), after={"b": ["a"]}))
    assert rows(plan, started("a")) == [Row(0, "The first", "running", "", 4.0), Row(0, "b", "pending", "")]


@pytest.mark.parametrize(
    ("record", "status", "detail", "seconds"),
    [
        (done("a"), "completed", "", 0.0),
        (
            TaskCompleted(2.0, TaskPath("a"), 1, started_at=1.0, model="m", cached=True),
            "completed",
            "m · from the cache",
            1.0,
        ),
        (TaskFailed(2.0, TaskPath("a"), BROKEN, started_at=1.0), "failed", "too long", 1.0),
        (
            TaskRetrying(2.0, TaskPath("a"), Failure("timeout", "slow", "a", attempt=2), 9.0),
            "retrying",
            "attempt 2 · slow",
            None,
        ),
        (TaskSkipped(2.0, TaskPath("a"), "no need"), "skipped", "no need", None),
        (TaskProgressed(2.0, TaskPath("a"), "half way", 0.5), "running", "50% half way", None),
    ],
)
def test_a_row_says_how_it_stands(record: Record, status: str, detail: str, seconds: float | None) -> None:
    assert rows(pipeline(block(step("a"))), record) == [Row(0, "a", status, detail, seconds)]


def test_a_running_loop_counts_its_items_and_shows_what_acts() -> None:
    plan = pipeline(block(step("all", LOOP)))
    items = DecisionMade(0.0, TaskPath("all"), "items", [1, 2, 3])
    shown = rows(
        plan,
        started("all"),
        items,
        done("all[0].one"),
        done("all[0].two"),
        done("all[1].one"),
        started("all[1].two", 3.0),
    )
    assert shown == [Row(0, "all", "running", "1/3", 4.0), Row(1, "all[1].two", "running", "", 2.0)]


def test_a_loop_over_one_action_counts_its_tasks() -> None:
    plan = pipeline(block(step("all", ForEach(items=Text("{{ x }}"), body=step("x").body))))  # type: ignore[arg-type]
    shown = rows(plan, started("all"), DecisionMade(0.0, TaskPath("all"), "items", [1, 2]), done("all[0]"))
    assert shown[0].detail == "1/2"


def test_children_of_a_finished_step_fold_away() -> None:
    plan = pipeline(block(step("all", LOOP)))
    assert len(rows(plan, started("all"), started("all[0].one"), done("all"))) == 1


def test_many_children_are_summed_up() -> None:
    plan = pipeline(block(step("all", LOOP)))
    shown = rows(plan, started("all"), *(started(f"all[{n}].one") for n in range(20)))
    assert len(shown) == 1 + 8 + 1
    assert shown[-1].title == "… and 12 more"


def test_what_is_neither_running_nor_wrong_gives_way() -> None:
    plan = pipeline(block(*(step(f"s{n}") for n in range(20))))
    shown = rows(plan, *(done(f"s{n}") for n in range(10)), started("s10"), limit=6)
    assert len(shown) == 6
    assert "s10" in [row.title for row in shown]
    assert shown[-1].title == "… 15 more steps"


def test_warnings_are_counted_and_the_end_is_known() -> None:
    watched = board(pipeline(block(step("a"))), RunWarned(1.0, "careful"), RunEnded(2.0, "completed", {}))
    assert watched.warnings() == 1
    assert watched.is_over
