"""Events, logs, files, joined actions: small parts of the app."""

import asyncio
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from doubles.pipelines import Actions, Text, block, call, pipeline, step
from orchestrator.app.actions import JoinedActions
from orchestrator.app.event import event_of
from orchestrator.app.files import MAX_BYTES, read_pipeline_text, tools_file
from orchestrator.app.inputs_file import read_inputs_file
from orchestrator.app.inventory import called_actions, changed_actions
from orchestrator.app.loader import FileLoader
from orchestrator.app.logs import JsonLog
from orchestrator.core.action import Action
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.journal import (
    Record,
    RunCreated,
    RunEnded,
    TaskCompleted,
    TaskFailed,
    TaskRetrying,
    TaskStarted,
)
from orchestrator.core.pipeline import ErrorRule, ForEach, Switch, Undo
from orchestrator.core.usage import Usage
from orchestrator.errors import CompileError, InputError, SetupError, StoreError

A = TaskPath("a")
BROKEN = Failure("timeout", "hunter2 was slow", "a")


def test_an_event_is_plain_data_with_its_position_and_name() -> None:
    record = TaskCompleted(1.5, A, (1, 2), started_at=1.0, usage=Usage(requests=1), labels=frozenset({"web"}))
    assert event_of(7, record) == {
        "position": 7,
        "event": "task_completed",
        "at": "1970-01-01T00:00:01.500Z",
        "task": "a",
        "value": [1, 2],
        "started_at": "1970-01-01T00:00:01.000Z",
        "attempt": 1,
        "usage": {"requests": 1, "input_tokens": 0, "output_tokens": 0, "cost": None},
        "model": "",
        "labels": ["web"],
        "cached": False,
        "derived": False,
        "route": [],
    }


def test_documents_are_too_long_for_an_event() -> None:
    created = RunCreated(0.0, RunId("r"), "demo", {"steps": []}, {}, {}, "", {})
    assert "document" not in event_of(0, created)


def logged(level: str, *records: Record) -> list[dict[str, object]]:
    stream = io.StringIO()
    log = JsonLog(RunId("r1"), {"token": "hunter2"}, level=level, stream=stream)
    for position, record in enumerate(records):
        log(position, record)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_log_line_is_json_with_ids_and_masked_secrets() -> None:
    (line,) = logged("info", TaskFailed(1.0, A, BROKEN))
    assert (line["run_id"], line["task"], line["event"], line["level"]) == ("r1", "a", "task_failed", "error")
    assert line["timestamp"] == "1970-01-01T00:00:01.000Z"
    assert line["failure"] == {
        "class": "timeout",
        "message": "••• was slow",
        "step": "a",
        "attempt": 1,
        "retryable": False,
    }


@pytest.mark.parametrize(
    ("record", "level"),
    [
        (TaskStarted(0, A, "x"), "debug"),
        (TaskCompleted(0, A, 1), "info"),
        (TaskRetrying(0, A, BROKEN, 1.0), "warning"),
        (TaskFailed(0, A, BROKEN, tolerated=True), "warning"),
        (TaskFailed(0, A, BROKEN), "error"),
        (RunEnded(0, "completed", {}), "info"),
        (RunEnded(0, "failed", {}), "error"),
    ],
)
def test_a_record_is_logged_from_its_level_on(record: Record, level: str) -> None:
    levels = ["debug", "info", "warning", "error"]
    heard = [one for one in levels if logged(one, record)]
    assert heard == levels[: levels.index(level) + 1]


def test_joined_actions_ask_for_tools_only_when_they_must() -> None:
    asked: list[str] = []

    def tools() -> Actions:
        asked.append("tools")
        return Actions(http__get="read")

    made: list[str] = []

    def make() -> Action:
        made.append("generate")
        found = Actions(generate="read").find("generate")
        assert found is not None
        return found

    let = Actions(let="pure").find("let")
    assert let is not None
    joined = JoinedActions({"let": let}, tools, made={"generate": make})
    assert joined.find("let") is let
    assert joined.find("generate") is joined.find("generate")
    assert (asked, made) == ([], ["generate"])
    assert joined.find("http.get") is not None
    assert joined.find("gone") is None
    names: Sequence[str] = joined.names()
    assert names == ["generate", "http.get", "let"]


def test_every_call_of_a_pipeline_is_known_wherever_it_stands() -> None:
    inner = pipeline(block(step("x", call("inner.act"))))
    plan = pipeline(
        block(
            step("each", ForEach(items=Text("x"), body=call("each.act"))),
            step(
                "which",
                Switch(
                    value=Text("x"),
                    cases=(("a", block(step("c", call("case.act")))),),
                    default=block(step("d", call("default.act"))),
                ),
            ),
            step("group", block(step("g", call("group.act"), undo=Undo(call=call("undo.act"))))),
            step(
                "e",
                otherwise=block(step("f", call("else.act"))),
                on_error=(ErrorRule(handler=block(step("h", call("handler.act")))),),
            ),
        ),
        on_failure=block(step("t", call("tell.act"))),
        pipelines={"inner.yaml": inner},
    )
    names = {"each", "case", "default", "group", "undo", "else", "handler", "tell", "inner"}
    assert called_actions(plan) == {"let", *(f"{name}.act" for name in names)}


def test_an_action_that_is_gone_is_a_change() -> None:
    assert changed_actions({"a": "1", "b": ""}, Actions(b="pure")) == ["a is gone"]


def test_a_pipeline_file_is_read_or_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "digest.yaml").write_bytes(b"\xef\xbb\xbfname: d\n")
    assert read_pipeline_text(tmp_path / "digest.yaml") == "name: d\n"
    cases = {
        "digst.yaml": "did you mean `digest.yaml`",
        ".": "is a folder",
        "no/x.yaml": "does not exist either",
    }
    for name, told in cases.items():
        with pytest.raises(SetupError, match=told):
            read_pipeline_text(tmp_path / name)
    (tmp_path / "bad.yaml").write_bytes(b"\xff")
    with pytest.raises(SetupError, match="not UTF-8"):
        read_pipeline_text(tmp_path / "bad.yaml")
    (tmp_path / "big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(SetupError, match="larger than"):
        read_pipeline_text(tmp_path / "big.yaml")


def test_a_file_that_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        read_pipeline_text(tmp_path / ("x" * 300))


def test_an_empty_folder_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="py-orc init"):
        read_pipeline_text(tmp_path / "pipeline.yaml")


def test_tools_stand_beside_the_file(tmp_path: Path) -> None:
    assert tools_file(str(tmp_path / "p.yaml")) is None
    (tmp_path / "tools.py").touch()
    assert tools_file(str(tmp_path / "p.yaml")) == (tmp_path / "tools.py").resolve()
    assert tools_file("") is None


def test_an_inputs_file_is_read_as_strictly_as_a_pipeline(tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text("on: yes\nn: 1\n")
    assert read_inputs_file(str(tmp_path / "in.yaml")) == {"on": "yes", "n": 1}
    assert read_inputs_file("stdin", text='{"a": [1]}') == {"a": [1]}
    with pytest.raises(InputError, match="must be a mapping"):
        read_inputs_file("stdin", text="[1]")
    with pytest.raises(CompileError, match="stdin:2:1"):
        read_inputs_file("stdin", text="a: 1\na: 2\n")


INNER = "name: inner\nsteps: [{id: a, action: let, with: {x: 1}}]\noutputs: {x: '{{ steps.a.x }}'}\n"


def test_a_file_named_at_run_time_is_compiled_kept_and_restored(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.yaml").write_text(INNER)
    loader = FileLoader(Actions(let="pure"), tmp_path)

    async def scenario() -> None:
        found = await loader.load("inner.yaml", relative_to=str(tmp_path / "sub" / "main.yaml"))
        assert (await loader.restore(loader.keep(found))).digest == found.digest
        assert (await loader.load("sub/inner.yaml", relative_to="")).name == "inner"
        with pytest.raises(SetupError, match="outside the workspace"):
            await loader.load("../../inner.yaml", relative_to=str(tmp_path / "sub" / "main.yaml"))

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["a\0b.yaml", ".py-orc/orc.db", "pipe.yaml"])
def test_a_file_named_at_run_time_is_an_ordinary_one_outside_the_store(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    loader = FileLoader(Actions(let="pure"), tmp_path)
    with pytest.raises(SetupError):
        asyncio.run(loader.load(name, relative_to=""))


@pytest.mark.parametrize(
    "change", [{"file": 3}, {"document": []}, {"documents": None}], ids=lambda change: next(iter(change))
)
def test_a_choice_of_a_file_that_was_damaged_is_told(tmp_path: Path, change: dict[str, object]) -> None:
    kept = {"file": "p.yaml", "document": {}, "documents": {}, **change}
    with pytest.raises(StoreError, match="which pipeline file was chosen"):
        asyncio.run(FileLoader(Actions(let="pure"), tmp_path).restore(kept))
