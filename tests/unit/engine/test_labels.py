"""The marks of values follow whatever is made of them."""

import pytest

from orchestrator.core.action import Effect
from orchestrator.core.graph import build_graph
from orchestrator.core.pipeline import Block, Pipeline
from orchestrator.engine.labels import Reads, reads_of
from orchestrator.engine.scope import Scope
from orchestrator.expressions import compile_template
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab

WEB = "{id: web, action: test.web, with: {value: [1, 2]}}"


@pytest.mark.parametrize(
    "steps",
    [
        "- {id: x, action: let, with: {v: '{{ steps.web }}'}}",
        "- {id: x, for_each: '{{ steps.web }}', action: let, with: {v: '{{ item }}'}}",
        "- {id: x, for_each: '{{ steps.web }}', steps: [{id: i, action: let, with: {v: '{{ item }}'}}]}",
        "- {id: o, for_each: '{{ steps.web }}', as: one, steps: [{id: m, for_each: [1], steps: [{id: x, action: let, with: {v: '{{ one }}'}}]}]}",
        "- {id: x, for_each: [1], action: let, with: {v: 1}, reduce: {as: t, start: '{{ steps.web }}', value: '{{ t }}'}}",
        "- {id: x, steps: [{id: i, action: let, with: {v: 1}}], value: '{{ steps.web }}'}",
        "- {id: x, action: fail, with: {message: no}, on_error: {value: '{{ steps.web }}'}}",
        "- {id: x, action: fail, with: {message: no}, on_error: {steps: [{id: h, action: let, with: {v: '{{ steps.web }}'}}]}}",
        "- {id: e, action: fail, with: {message: '{{ steps.web }}'}, on_error: continue}\n- {id: x, action: let, with: {v: '{{ errors.e.message }}'}}",
        "- {id: y, action: fail, with: {message: '{{ steps.web }}'}, on_error: {steps: [{id: x, action: let, with: {v: '{{ errors.y.message }}'}}]}}",
        "- {id: l, until: '{{ loop.iteration == 2 }}', max_iterations: 3, steps: [{id: p, action: let, with: {v: '{{ steps.web }}'}, if: '{{ loop.iteration == 1 }}'}, {id: x, needs: p, action: let, with: {v: '{{ loop.previous | default(1) }}'}}]}",
        "- {id: x, needs: web, action: test.parent, with: {values: '{{ steps.web }}'}}",
        "- {id: x, if: '{{ false }}', action: let, with: {v: 1}, else: [{id: i, action: let, with: {v: '{{ steps.web }}'}}]}",
    ],
)
@pytest.mark.parametrize("in_place", [True, False])
def test_a_value_carries_the_marks_of_all_that_was_read_for_it_also_after_a_kill(steps, in_place):
    text = f"- {WEB}\n{steps}\n- {{id: last, action: let, with: {{v: '{{{{ steps.LAST }}}}'}}}}"
    top = steps.rsplit("\n", 1)[-1].split("id: ")[1].split(",")[0]
    text = text.replace("LAST", top)
    place = lab(text)
    whole = place.run(in_place=in_place)
    assert whole.state.status in ("completed", "partial"), whole.state.failure
    assert whole.state.tasks["last"].labels == {"web"}
    for kill_at in range(len(whole.records) - 1):
        again = lab(text)
        resumed = again.run(earlier=again.run(kill_at=kill_at, in_place=in_place).records, in_place=in_place)
        assert resumed.state.tasks["last"].labels == {"web"}, kill_at


@pytest.mark.parametrize(
    "steps",
    [
        "- {id: x, needs: web, action: let, with: {v: '{{ status.web }}'}}",
        "- {id: x, needs: web, action: let, with: {v: '{{ run.id }}'}}",
        "- {id: y, for_each: '{{ steps.web }}', steps: [{id: z, for_each: [1], steps: [{id: x, action: let, with: {v: '{{ item }}'}}]}]}",
    ],
)
def test_a_value_that_read_nothing_marked_has_no_marks(steps):
    outcome = lab(f"- {WEB}\n{steps}").run()
    assert {task.labels for path, task in outcome.state.tasks.items() if path.endswith("x")} == {frozenset()}


def test_what_a_child_brings_marks_its_parents_value():
    async def act(params, ctx):
        return await ctx.call("test.web", {"value": 1})

    parent = RecordingAction("demo.parent", act, runs="async", effect=Effect.READ)
    outcome = lab("- {id: p, action: demo.parent}", parent).run()
    assert [task.labels for task in outcome.state.tasks.values()] == [{"web"}, {"web"}]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("{{ steps.a.b + steps['c'] + errors.d.message }}", Reads(("a", "c", "d"))),
        ("{{ inputs.x + item }}", Reads((), ("inputs", "item"))),
        ("{{ status.a ~ run.id }}", Reads()),
        ("{{ steps[item] }}", Reads((), ("item",), all_steps=True)),
        ("{{ errors }}", Reads(all_steps=True)),
    ],
)
def test_what_a_template_reads(text, reads):
    found = reads_of(compile_template(text), None)
    assert (set(found.steps), set(found.names), found.all_steps) == (
        set(reads.steps),
        set(reads.names),
        reads.all_steps,
    )


def test_who_may_read_any_step_reads_all_of_them():
    empty = Block(steps=(), graph=build_graph([]))
    pipeline = Pipeline(name="p", inputs={}, root=empty, outputs={}, document={}, digest="")
    outer = Scope({}, pipeline, needs={})
    inner = outer.child("g.")
    outer.mark("a", frozenset({"web"}))
    inner.mark("b", frozenset({"model"}))
    assert inner.labels_read(Reads(all_steps=True)) == {"web", "model"}
    assert outer.labels_read(Reads(all_steps=True)) == {"web"}
