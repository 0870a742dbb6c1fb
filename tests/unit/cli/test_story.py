"""A run told in lines."""

import io
from decimal import Decimal

import pytest

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
