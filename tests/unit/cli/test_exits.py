"""How commands end."""

import json

import pytest

from orchestrator.cli.exits import BROKEN_PIPE, guarded
from orchestrator.errors import (
    CompileError,
    InputError,
    Location,
    OrchestratorError,
    Problem,
    RunInterruptedError,
    SetupError,
    StoreError,
)

PROBLEM = Problem("no such step", Location("f.yaml", 3, 5, 4, "  - abcd"), hint="did you mean `abc`?")


def raising(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SetupError("gone", hint="look"), 2),
        (CompileError([PROBLEM]), 2),
        (InputError([Problem("wrong", path="inputs.a")]), 2),
        (StoreError("disk full"), 1),
        (OrchestratorError("odd"), 1),
        (RunInterruptedError("r"), 130),
        (KeyboardInterrupt(), 130),
        (RuntimeError("a bug"), 1),
    ],
)
def test_every_error_has_its_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(lambda: raising(error)) == code
    assert ("Traceback" in capsys.readouterr().err) == isinstance(error, RuntimeError)


def test_the_code_of_work_that_succeeds_is_its_own() -> None:
    assert guarded(lambda: 3) == 3


def test_a_bug_is_announced_before_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(lambda: raising(RuntimeError("a bug")))
    sentence, _, trace = capsys.readouterr().err.partition("Traceback")
    assert "did not expect" in sentence
    assert "py-orc doctor --json" in sentence
    assert "a bug" in trace


def test_a_problem_is_told_with_its_place_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(lambda: raising(CompileError([PROBLEM])))
    assert capsys.readouterr().err == (
        "f.yaml:3:5: error: no such step\n  3 |   - abcd\n    |     ^^^^\n  → did you mean `abc`?\n"
    )


def test_with_json_the_error_is_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(lambda: raising(CompileError([PROBLEM])), json=True)
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "CompileError"
    assert error["problems"] == [
        {
            "severity": "error",
            "message": "no such step",
            "hint": "did you mean `abc`?",
            "file": "f.yaml",
            "line": 3,
            "column": 5,
            "length": 4,
            "path": None,
        }
    ]


def test_a_reader_that_left_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("orchestrator.cli.exits.let_go", lambda _: None)
    assert guarded(lambda: raising(BrokenPipeError())) == BROKEN_PIPE
    assert capsys.readouterr().err == ""
