"""Where the parameters of a task came from."""

import pytest

from doubles.pipelines import Text, block, pipeline, step
from orchestrator.app.derived import Derived
from orchestrator.app.origins import Origin, TaskOrigins, known_task, origins_of
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.journal import (
    DecisionMade,
    Record,
    RunCreated,
    TaskCompleted,
    TaskFailed,
    TaskSkipped,
    TaskStarted,
)
from orchestrator.core.pipeline import ForEach, Pipeline
from orchestrator.core.run_state import RunState, fold
from orchestrator.errors import UserError


def case(parameters: dict[str, object], *records: Record, **more: object) -> tuple[RunState, Pipeline]:
    """Return a run with a loop `each` whose step `use` has these parameters, and steps `a`, `b` beside it."""
    use = {"id": "use", "action": "let", "with": parameters, **more}
    document = {
        "steps": [
            {"id": "a"},
            {"id": "b"},
            {"id": "each", "for_each": "{{ x }}", "as": "path", "steps": [{"id": "text"}, use]},
        ]
    }
    created = RunCreated(
        5.0, RunId("r1"), "demo", document, {}, {"who": "you", "deep": {"list": [1, 2]}}, "", {}
    )
    body = block(step("text"), step("use"))
    plan = pipeline(
        block(step("a"), step("b"), step("each", ForEach(items=Text("{{ x }}"), name="path", body=body))),
        document=document,
    )
    items = DecisionMade(6.0, TaskPath("each"), "items", ["x.md", "y.md"])
    return fold((created, items, TaskStarted(7.0, TaskPath("each[1].use"), "let"), *records)), plan


def origins(text: str, *records: Record) -> tuple[Origin, ...]:
    return origins_of(*case({"p": text}, *records), "each[1].use", "p").fields[0].origins


DONE = TaskCompleted(6.0, TaskPath("a"), {"items": ["first"]}, model="m")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("{{ inputs.who }}", Origin("inputs.who", "input of the run", True, "you")),
        ("{{ inputs.deep.list[1] }}", Origin("inputs.deep.list[1]", "input of the run", True, 2)),
        ("{{ inputs.token }}", Origin("inputs.token", "secret, or input of an inner pipeline", False)),
        ("{{ steps.a['items'][0] }}", Origin("steps.a.items[0]", "result of a by m", True, "first")),
        ("{{ steps.a.gone }}", Origin("steps.a.gone", "result of a by m", False)),
        ("{{ steps.text.content }}", Origin("steps.text.content", "result of each[1].text", True, "hello")),
        ("{{ status.a }}", Origin("status.a", "task a", True, "completed")),
        ("{{ path }}", Origin("path", "item 1 of the loop", True, "y.md")),
        ("{{ run.id }}", Origin("run.id", "the run", True, "r1")),
        ("{{ loop.index }}", Origin("loop.index", "a name of the loop or block", False)),
        ("{{ steps.later }}", Origin("steps.later", "step later, of which nothing is recorded", False)),
    ],
)
def test_each_reference_is_looked_up_where_the_task_stood(text: str, origin: Origin) -> None:
    text_done = TaskCompleted(6.5, TaskPath("each[1].text"), {"content": "hello"})
    other_item = TaskCompleted(6.5, TaskPath("each[0].text"), {"content": "wrong item"})
    assert origins(text, DONE, other_item, text_done) == (origin,)


def test_failures_skips_and_made_up_values_say_what_they_are() -> None:
    failed = TaskFailed(6.0, TaskPath("a"), Failure("timeout", "slow", "a"), tolerated=True)
    (origin,) = origins("{{ errors.a.message }}", failed)
    assert isinstance(origin.value, dict)
    assert origin.value["message"] == "slow"
    assert "skipped" in origins("{{ steps.b }}", TaskSkipped(6.0, TaskPath("b"), "no"))[0].source


def test_the_value_of_a_container_is_made_of_its_inner_tasks() -> None:
    inner = TaskCompleted(6.0, TaskPath("a.x"), [7])
    derived = TaskCompleted(6.0, TaskPath("a"), None, derived=True)
    (origin,) = origins("{{ steps.a.x[0] }}", inner, derived)
    assert origin == Origin("steps.a.x[0]", "result of a, made of 1 inner task", True, 7)
    found = origins_of(*case({}, inner, derived), "a")
    assert found.made == Derived(value={"x": [7]}, tasks=1)
    assert found.as_data()["value"] == {"x": [7]}


def test_a_chain_that_is_read_twice_is_told_once() -> None:
    assert len(origins("{{ inputs.who }} and {{ inputs.who }}")) == 1


def test_every_field_is_told_conditions_included() -> None:
    state, plan = case(
        {"p": "{{ path }}", "n": {"m": ["{{ inputs.who }}"]}, "fixed": 3}, **{"if": "inputs.who == 'you'"}
    )
    found = origins_of(state, plan, "use")
    assert [(field.field, field.written) for field in found.fields] == [
        ("if", "inputs.who == 'you'"),
        ("p", "{{ path }}"),
        ("n.m[0]", "{{ inputs.who }}"),
        ("fixed", "3"),
    ]
    assert found.fields[0].origins[0].value == "you"
    assert [field.field for field in origins_of(state, plan, "use", "n").fields] == ["n.m[0]"]


def test_the_document_is_plain_data() -> None:
    found = origins_of(*case({"p": "{{ inputs.who }}"}), "each[1].use")
    assert found.as_data() == {
        "task": "each[1].use",
        "does": "let",
        "fields": {
            "p": {
                "written": "{{ inputs.who }}",
                "origins": [
                    {"name": "inputs.who", "source": "input of the run", "known": True, "value": "you"}
                ],
            }
        },
    }


def test_unknown_tasks_and_fields_are_answered_with_the_nearest() -> None:
    state, plan = case({"prompt": "x"}, DONE)
    with pytest.raises(UserError, match=r"did you mean `each\[1\]\.use`"):
        origins_of(state, plan, "each[1].us")
    with pytest.raises(UserError, match="did you mean `prompt`"):
        origins_of(state, plan, "use", "promt")
    with pytest.raises(UserError, match="it has no tasks yet"):
        known_task(RunState(), "x")


def test_a_step_that_ran_often_names_its_tasks() -> None:
    state, _ = case({}, TaskStarted(8.0, TaskPath("each[0].use"), "let"))
    with pytest.raises(UserError, match=r"it ran as each\[1\]\.use, each\[0\]\.use"):
        known_task(state, "use")


def test_a_task_of_no_known_step_has_no_fields() -> None:
    state, plan = case({}, TaskStarted(8.0, TaskPath("ghost"), "let"))
    assert origins_of(state, plan, "ghost") == TaskOrigins(TaskPath("ghost"), "an unknown step", ())
