"""What a person may say about tasks in doubt."""

from pathlib import Path

import pytest

from orchestrator.app.doubts import read_doubts
from orchestrator.app.inputs import Written
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.runs import Doubts
from orchestrator.core.action import Effect
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.run_state import RunState, TaskState
from orchestrator.core.status import TaskStatus
from orchestrator.errors import UserError
from orchestrator.testing import RecordingAction
from orchestrator.tools.registry import ToolRegistry

RESULTS: dict[str, dict[str, object]] = {
    "t.any": {},
    "t.text": {"type": "string"},
    "t.number": {"type": "integer"},
    "t.nothing": {"type": "null"},
    "t.receipt": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
}
TOOLS = [
    RecordingAction(name, None, effect=Effect.ONCE, result=result).action for name, result in RESULTS.items()
]
OUTER = """\
name: outer
steps:
  - {id: any, action: t.any}
  - {id: text, action: t.text}
  - {id: number, action: t.number}
  - {id: nothing, action: t.nothing}
  - {id: receipt, action: t.receipt}
  - {id: typed, action: t.any, output: {type: boolean}}
  - {id: each, for_each: "{{ [1, 2] }}", action: t.number}
  - {id: group, steps: [{id: inside, action: t.number}]}
  - {id: sub, action: pipeline.run, with: {file: inner.yaml}}
on_failure:
  - {id: tell, action: t.text}
"""
INNER = """\
name: inner
steps:
  - {id: text, action: t.number}
"""


def read(folder: Path, doubts: Doubts, status: TaskStatus = "in_doubt") -> Doubts:
    (folder / "outer.yaml").write_text(OUTER)
    (folder / "inner.yaml").write_text(INNER)
    with Orchestrator("memory:", workspace=folder, tools=TOOLS, environ={}) as orc:
        pipeline = orc.compile(folder / "outer.yaml")
    tasks = {
        TaskPath(path): TaskState(status=status, effect="once") for path in (*doubts.done, *doubts.again)
    }
    state = RunState(run_id=RunId("r1"), tasks=tasks)
    return read_doubts(state, doubts, pipeline, ToolRegistry(TOOLS, plugins=False))


@pytest.mark.parametrize(
    ("task", "text", "value"),
    [
        ("any", "5", 5),
        ("any", "by hand", "by hand"),
        ("any", "NaN", "NaN"),
        ("text", "5", "5"),
        ("text", '"5"', "5"),
        ("text", '{"a": 1}', '{"a": 1}'),
        ("number", "5", 5),
        ("receipt", '{"id": 7}', {"id": 7}),
        ("typed", "true", True),
        ("nothing", "null", None),
        ("each[1]", "5", 5),
        ("group.inside", "5", 5),
        ("sub.text", "5", 5),
        ("~on_failure.tell", "5", "5"),
        ("text/1-abc", "5", 5),
        ("text~undo", "5", 5),
        ("gone", "5", 5),
    ],
)
def test_a_written_value_is_what_the_task_may_give(
    tmp_path: Path, task: str, text: str, value: object
) -> None:
    assert read(tmp_path, Doubts(done={task: Written(text)})).done == {task: value}


@pytest.mark.parametrize(
    ("task", "value", "told"),
    [
        ("number", Written("many"), 'number cannot have this result: expected an integer, not "many"'),
        ("number", "5", 'number cannot have this result: expected an integer, not "5"'),
        ("number", None, "number needs its result: expected an integer, not null"),
        ("typed", Written("5"), "typed cannot have this result: expected true or false, not 5"),
        ("nothing", Written("5"), "nothing cannot have this result: expected null, not 5"),
        (
            "receipt",
            Written('{"id": "x"}'),
            'receipt cannot have this result: id: expected an integer, not "x"',
        ),
        ("each[1]", Written("x"), 'each[1] cannot have this result: expected an integer, not "x"'),
        ("sub.text", Written("x"), 'sub.text cannot have this result: expected an integer, not "x"'),
    ],
)
def test_a_value_that_the_task_cannot_give_is_refused(
    tmp_path: Path, task: str, value: object, told: str
) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, Doubts(done={task: value}))
    first, hint = str(caught.value).split("\n")
    assert first == told
    assert hint == f"  → say what it gave, as JSON or text: py-orc resume r1 --done '{task}=VALUE'"


def test_a_task_without_a_declared_result_needs_no_value(tmp_path: Path) -> None:
    assert read(tmp_path, Doubts(done={"any": None, "nothing": None})).done == {"any": None, "nothing": None}


def test_a_task_whose_process_died_while_it_acted_is_in_doubt_already(tmp_path: Path) -> None:
    assert read(tmp_path, Doubts(done={"number": 1}), "running").done == {"number": 1}
    assert read(tmp_path, Doubts(frozenset({"number"})), "running").again == {"number"}


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, Doubts(done={"number": None, "typed": 5}))
    assert "number needs its result" in str(caught.value)
    assert "typed cannot have this result" in str(caught.value)


@pytest.mark.parametrize("status", ["completed", "cancelled", "failed"])
def test_what_is_settled_is_not_in_doubt(tmp_path: Path, status: TaskStatus) -> None:
    with pytest.raises(
        UserError, match=r"any of run r1 is not in doubt\n  → no task of this run is in doubt\."
    ):
        read(tmp_path, Doubts(done={"any": 1}), status)
