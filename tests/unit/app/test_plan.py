"""What a pipeline will do, said before it runs."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from doubles.pipelines import Actions, Text, block, call, pipeline, step
from orchestrator.app.plan import plan_of
from orchestrator.core.action import Action, Effect, Params, Touch
from orchestrator.core.pipeline import ErrorRule, ForEach, InputSpec, Loop, Switch, Undo
from orchestrator.core.policy import Retry


class Touching(Actions):
    """Actions that say which path they touch."""

    def find(self, name: str) -> Action | None:
        action = super().find(name)
        return action and replace(action, touches=_touches)


def _touches(parameters: Params) -> Sequence[Touch]:
    return (Touch(kind="read", what=str(parameters.get("path", "…"))),)


ACTIONS = Actions(let="pure", http__get="read", http__post="once")


def test_levels_say_what_runs_together() -> None:
    plan = plan_of(pipeline(block(step("a"), step("b"), step("c"), after={"c": ["a", "b"]})), ACTIONS)
    assert [[one.path for one in level] for level in plan.root.levels] == [["a", "b"], ["c"]]


def test_a_step_says_how_it_behaves() -> None:
    body = step(
        "a",
        call("http.get"),
        condition=Text("{{ inputs.go }}"),
        retry=Retry(attempts=3),
        undo=Undo(call=None),
        model="m",
    )
    assert plan_of(pipeline(block(body)), ACTIONS).as_data()["levels"] == [
        [
            {
                "id": "a",
                "does": "http.get",
                "if": "inputs.go",
                "effect": "read",
                "model": "m",
                "attempts": 3,
                "undo": True,
            }
        ]
    ]


def test_the_file_may_know_the_effect_better() -> None:
    plan = plan_of(pipeline(block(step("a", call("http.post"), effect=Effect.IDEMPOTENT))), ACTIONS)
    assert plan.root.levels[0][0].effect == "idempotent"


def test_an_action_that_nobody_has_shows_no_effect() -> None:
    assert plan_of(pipeline(block(step("a", call("gone.act")))), ACTIONS).root.levels[0][0].effect == ""


def test_loops_say_their_bounds_and_branches_their_names() -> None:
    plan = plan_of(
        pipeline(
            block(
                step(
                    "each",
                    ForEach(items=Text("{{ inputs.x }}"), name="path", batch=2, body=block(step("in"))),
                ),
                step(
                    "again",
                    Loop(condition=Text("{{ steps.t.ok }}"), until=True, max_iterations=4, body=call()),
                ),
                step(
                    "which",
                    Switch(
                        value=Text("{{ inputs.k }}"),
                        cases=(("one", block(step("c1"))),),
                        default=block(step("d")),
                    ),
                ),
                step(
                    "else_",
                    otherwise=block(step("e")),
                    on_error=(ErrorRule(match="timeout", handler=block(step("h"))),),
                ),
            )
        ),
        ACTIONS,
    )
    each, again, which, other = plan.root.levels[0]
    assert (each.does, each.repeats, list(each.blocks)) == (
        "for_each",
        "each 2 × path in inputs.x",
        ["steps"],
    )
    assert (again.does, again.repeats, again.bound) == ("let", "until steps.t.ok, at most 4 times", 4)
    assert (which.does, list(which.blocks)) == ("switch inputs.k", ["case one", "default"])
    assert list(other.blocks) == ["else", "on error timeout"]
    assert [one.path for one in plan.root.steps()] == [
        "each", "each.in", "again", "which", "which.c1", "which.d", "else_", "else_.e", "else_.h",
    ]  # fmt: skip


def test_what_a_step_touches_is_shown_as_far_as_it_is_known() -> None:
    document = {
        "steps": [
            {"id": "a", "with": {"path": "notes.md", "more": [1, {"x": "y"}]}},
            {"id": "b", "with": {"path": "{{ inputs.p }}"}},
        ]
    }
    plan = plan_of(pipeline(block(step("a"), step("b"), step("c")), document=document), Touching(let="read"))
    assert [one.touches[0].what for one in plan.root.levels[0]] == ["notes.md", "…", "…"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("{{ inputs.p }}", "docs"),
        ("{{ inputs.p }}/{{ inputs.name | upper }}.md", "docs/A.md"),
        ("{{ inputs.gone }}", "…"),
        ("{{ inputs.p }}/{{ steps.a }}", "…"),
        ("{{ inputs }}", "…"),
        ("{{ inputs.p | fail_at }}", "…"),
        ("{{ inputs.p.deep.er }}", "…"),
    ],
)
def test_what_reads_only_known_inputs_is_known(path: str, shown: str) -> None:
    document = {"steps": [{"id": "a", "with": {"path": path}}]}
    plan = plan_of(
        pipeline(block(step("a")), document=document), Touching(let="read"), inputs={"p": "docs", "name": "a"}
    )
    assert plan.root.levels[0][0].touches[0].what == shown


def test_the_document_names_inputs_outputs_and_what_follows_a_failure() -> None:
    spec = InputSpec(name="who", type="string", schema={}, required=False, default="you")
    plan = plan_of(
        pipeline(
            block(step("a")),
            inputs={"who": spec},
            outputs={"x": Text("1")},
            on_failure=block(step("tell")),
            max_parallel=2,
        ),
        ACTIONS,
    )
    data = plan.as_data()
    assert data["inputs"] == {"who": {"type": "string", "required": False, "default": "you"}}
    assert data["outputs"] == ["x"]
    assert data["max_parallel"] == 2
    assert data["on_failure"] == [[{"id": "tell", "does": "let", "effect": "pure"}]]
