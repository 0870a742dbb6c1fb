"""Values of containers, made of their inner tasks."""

from collections.abc import Mapping

from orchestrator.app.derived import Derived, derived_value
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.journal import (
    DecisionMade,
    Record,
    RunCreated,
    TaskCompleted,
    TaskFailed,
    TaskRecovered,
    TaskSkipped,
)
from orchestrator.core.run_state import fold

BROKEN = Failure("failed", "no", "x")


def done(path: str, value: object = None, *, derived: bool = False) -> TaskCompleted:
    return TaskCompleted(1.0, TaskPath(path), value, derived=derived)


def made(path: str, *records: Record, step: Mapping[str, object] | None = None) -> Derived:
    document = {"steps": [step or {"id": path}]}
    created = RunCreated(0.0, RunId("r"), "demo", document, {}, {}, "", {})
    return derived_value(fold((created, *records)), TaskPath(path))


def test_a_group_is_worth_the_values_of_its_steps_in_the_order_of_their_completion() -> None:
    found = made("g", done("g.b", 2), done("g.a", 1), done("other", 3), done("g", derived=True))
    assert found == Derived(value={"b": 2, "a": 1}, tasks=2)


def test_a_loop_is_worth_its_items_in_order() -> None:
    items = DecisionMade(0.5, TaskPath("d"), "items", ["x", "y", "z"])
    found = made("d", items, done("d[2].t", "two"), done("d[0].t", "zero"), done("d[1].t", "one"))
    assert found.value == [{"t": "zero"}, {"t": "one"}, {"t": "two"}]


def test_a_loop_over_one_action_is_worth_the_results_themselves() -> None:
    found = made("d", DecisionMade(0.5, TaskPath("d"), "items", ["x", "y"]), done("d[0]", 0), done("d[1]", 1))
    assert found.value == [0, 1]


def test_an_empty_loop_is_an_empty_list() -> None:
    assert made("d", DecisionMade(0.5, TaskPath("d"), "items", []), done("d", derived=True)).value == []


def test_iterations_stand_in_order_beyond_nine() -> None:
    records = [done(f"r#{number}.n", number) for number in range(11, 0, -1)]
    assert made("r", *records).value == [{"n": number} for number in range(1, 12)]


def test_containers_in_containers_are_worth_what_they_hold() -> None:
    records = (done("g.in[0].x", 1), done("g.in[1].x", 2), done("g.in", derived=True), done("g.y", 3))
    assert made("g", *records).value == {"in": [{"x": 1}, {"x": 2}], "y": 3}


def test_what_has_no_value_is_left_out_of_a_group_and_null_in_a_loop() -> None:
    records = (
        done("g.a", 1),
        TaskSkipped(1.0, TaskPath("g.b"), "no"),
        TaskFailed(1.0, TaskPath("g.c"), BROKEN, tolerated=True),
        TaskRecovered(1.0, TaskPath("g.d"), 4, BROKEN, "value"),
    )
    assert made("g", *records).value == {"a": 1, "d": 4}
    assert made("d", TaskFailed(1.0, TaskPath("d[0]"), BROKEN, tolerated=True), done("d[1]", 1)).value == [
        None,
        1,
    ]


def test_undo_earlier_attempts_and_calls_of_an_action_are_no_part_of_the_value() -> None:
    assert made("g", done("g.a", 1), done("g.a~undo", 9), done("g~2.a", 9), done("g.a/1", 9)).value == {
        "a": 1
    }


def test_what_a_template_made_of_the_inner_values_is_not_guessed() -> None:
    for key, value in (("reduce", {"as": "t"}), ("value", "{{ steps.x }}")):
        found = made("d", done("d[0]", 1), done("d", derived=True), step={"id": "d", key: value})
        assert not found.known
        assert (
            found.why == f"its `{key}` made it of 1 inner task, and the journal does not keep what came out"
        )
    found = made("p", done("p.x", 1), done("p", derived=True), step={"id": "p", "action": "pipeline.run"})
    assert found.why.startswith("the outputs of the file that it ran")
    inner = made(
        "g",
        done("g.d[0]", 1),
        done("g.d", derived=True),
        step={"id": "g", "steps": [{"id": "d", "reduce": {}}]},
    )
    assert not inner.known


def test_data_with_an_id_is_no_step():
    from orchestrator.app.written_steps import NOTHING, written_step

    document = {
        "steps": [
            {"id": "a", "action": "let", "with": {"steps": [{"id": "b", "value": 7}], "rows": [{"id": "c"}]}},
            {"id": "g", "steps": [{"id": "b", "action": "let"}], "else": [{"id": "x"}]},
            {
                "id": "s",
                "switch": 1,
                "cases": [{"case": 1, "steps": [{"id": "y"}]}],
                "default": [{"id": "z"}],
            },
            {
                "id": "t",
                "switch": 1,
                "cases": {"1": [{"id": "v"}]},
                "on_error": [{"match": "m", "steps": [{"id": "h"}]}],
            },
        ],
        "on_failure": [{"id": "f", "on_error": {"steps": [{"id": "k"}]}}],
    }
    assert written_step(document, "b") == {"id": "b", "action": "let"}
    assert written_step(document, "c") is NOTHING
    for step in ("x", "y", "z", "v", "h", "f", "k"):
        assert written_step(document, step)["id"] == step
