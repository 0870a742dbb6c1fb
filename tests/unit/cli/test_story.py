"""A run told in lines."""

import io
from collections.abc import Sequence
from decimal import Decimal

import pytest

from doubles.pipelines import Text, block, pipeline, step
from orchestrator.cli.story import Story, tell
from orchestrator.cli.terminal import Paper
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
    TaskUndone,
    TimerSet,
    UndoStarted,
)
from orchestrator.core.pipeline import ForEach, Pipeline
from orchestrator.core.usage import Usage

A = TaskPath("a")
BROKEN = Failure("timeout", "too\nlong", "a")


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (RunCreated(0, RunId("r"), "demo", {}, {}, {}, "", {}), ("run", "r of demo")),
        (RunResumed(0), ("resumed", "")),
        (RunWarned(0, "careful"), ("warning", "careful")),
        (CancelRequested(0, "me"), ("cancelling", "asked by me")),
        (CancelRequested(0), ("cancelling", "")),
        (TaskStarted(0, A, "http.get"), ("started", "a  http.get")),
        (TaskStarted(0, A, "http.get", attempt=2), ("started", "a  http.get · attempt 2")),
        (TaskRetrying(0, A, BROKEN, 2.0), ("retrying", "a in 2.0 s: too long")),
        (TaskCompleted(2, A, 1, started_at=1), ("completed", "a  1.0 s")),
        (
            TaskCompleted(0, A, 1, cached=True, model="m", usage=Usage(cost=Decimal("0.01"))),
            ("completed", "a  m · from the cache · $0.01"),
        ),
        (TaskCompleted(0, A, None, derived=True), None),
        (TaskRecovered(0, A, 1, BROKEN, "value"), ("recovered", "a by its `value`: too long")),
        (TaskFailed(0, A, BROKEN), ("failed", "a: too long")),
        (TaskSkipped(0, A, "no"), ("skipped", "a  no")),
        (TaskCancelled(0, A), ("cancelled", "a")),
        (TaskInDoubt(0, A, BROKEN), ("in doubt", "a: too long")),
        (TaskProgressed(0, A, "at it", 0.5), ("working", "a: 50% at it")),
        (TaskProgressed(0, A, "at it"), ("working", "a: at it")),
        (TimerSet(0, A, 60), ("waiting", "a for 1 m 00 s")),
        (Emitted(0, A, "found"), ("event", "a: found")),
        (UndoStarted(0, ""), ("undoing", "the run")),
        (TaskUndone(0, A), ("undone", "a")),
        (RunEnded(0, "completed", {}), None),
        (DecisionMade(0, A, "if", value=True), None),
    ],
)
def test_every_record_has_its_line(record: Record, told: tuple[str, str] | None) -> None:
    assert tell(record) == told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_colours_but_never_what_others_slip_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    Story(Paper(stream))(0, RunWarned(0, "evil\x1b]0;title\x07 \x1b[2J text"))
    assert "\x1b[33mwarning" in stream.getvalue()
    assert "evil text" in stream.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    stream = Terminal()
    Story(Paper(stream))(0, RunWarned(0, "careful"))
    assert "\x1b" not in stream.getvalue()


def test_a_pipe_gets_plain_lines_one_per_event() -> None:
    stream = io.StringIO()
    story = Story(Paper(stream))
    for record in (TaskStarted(0, A, "x"), DecisionMade(0, A, "if", value=True), TaskCompleted(0, A, 1)):
        story(0, record)
    assert [line[9:] for line in stream.getvalue().splitlines()] == ["started    a  x", "completed  a"]


def loop(items: int, *, steps: int = 1) -> tuple[Pipeline, DecisionMade]:
    body = block(*(step(f"s{number}") for number in range(steps)))
    each = step("a", ForEach(items=Text("{{ x }}"), name="item", body=body))
    return pipeline(block(each)), DecisionMade(0, A, "items", list(range(items)))


def told(plan: Pipeline, *records: Record, earlier: Sequence[Record] = ()) -> list[str]:
    stream = io.StringIO()
    story = Story(Paper(stream), plan, earlier=earlier)
    for position, record in enumerate(records):
        story(position, record)
    return [line[9:] for line in stream.getvalue().splitlines()]


def items_done(items: range, *, steps: int = 1) -> list[Record]:
    done: list[Record] = []
    for item in items:
        for number in range(steps):
            path = TaskPath(f"a[{item}].s{number}")
            done += [TaskStarted(0, path, "x"), TaskCompleted(0, path, 1)]
    return done


def test_a_small_loop_is_told_item_by_item() -> None:
    plan, decided = loop(20)
    assert len(told(plan, decided, *items_done(range(20)))) == 40


def test_a_big_loop_is_told_by_tenths() -> None:
    plan, decided = loop(1000, steps=2)
    lines = told(plan, TaskStarted(0, A, "for_each"), decided, *items_done(range(1000), steps=2))
    assert lines == [
        "started    a  for_each",
        "items      a: 0 of 1,000",
        *(f"items      a: {tenth * 100:,} of 1,000" for tenth in range(1, 11)),
    ]


def test_what_goes_wrong_in_a_big_loop_is_told_always() -> None:
    plan, decided = loop(100)
    inner = TaskPath("a[7].s0")
    lines = told(
        plan,
        decided,
        TaskStarted(0, inner, "x"),
        TaskRetrying(0, inner, BROKEN, 2.0),
        TaskInDoubt(0, inner, BROKEN),
        RunWarned(0, "careful", inner),
        TaskFailed(0, inner, BROKEN),
        TaskRecovered(0, TaskPath("a[8].s0"), 1, BROKEN, "value"),
    )
    assert [line.split()[0] for line in lines] == [
        "items",
        "retrying",
        "in",
        "warning",
        "failed",
        "recovered",
    ]


def test_a_resumed_loop_goes_on_counting_where_it_was() -> None:
    plan, decided = loop(100)
    earlier = [decided, *items_done(range(45))]
    assert told(plan, *items_done(range(45, 61)), earlier=earlier) == [
        "items      a: 50 of 100",
        "items      a: 60 of 100",
    ]
