"""What a pipeline may cost, before it runs."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.priced_model import PRICE, PricedModel
from orchestrator.app.bill import step_path
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.compiler import build
from orchestrator.testing import VirtualClock, run_virtual


def priced(clock, **more):
    return PricedModel(clock, **more)


class AtOnce:
    """Time that a model does not take."""

    async def sleep(self, _seconds):
        """Return at once."""


def bill(text, tmp_path, *models, inputs=None):
    file = tmp_path / "file.yaml"
    file.write_text(f"name: p\n{text}")
    with Orchestrator("memory:", models=models or (priced(AtOnce()),), environ={}) as orchestrator:
        return orchestrator.bill(file, inputs)


ASK = "action: generate, with: {prompt: hello, max_tokens: 100}"
ONE = PRICE.most(5 + 2 * 64 + 256, 100)


@pytest.mark.parametrize(
    ("text", "upper"),
    [
        ("steps: [{id: a, %s}]" % ASK, ONE),
        ("steps: [{id: a, %s, retry: 3}]" % ASK, 3 * ONE),
        ("steps: [{id: a, %s}, {id: b, %s}]" % (ASK, ASK), 2 * ONE),
        ("steps: [{id: a, for_each: [1, 2, 3, 4], %s}]" % ASK, 4 * ONE),
        ("steps: [{id: a, for_each: [1, 2, 3], batch: 2, %s}]" % ASK, 2 * ONE),
        ('steps: [{id: a, until: "false", max_iterations: 5, %s}]' % ASK, 5 * ONE),
        ("steps: [{id: a, if: true, %s, else: [{id: b, %s}, {id: c, %s}]}]" % (ASK, ASK, ASK), 2 * ONE),
        (
            "steps: [{id: a, switch: '{{ 1 }}', cases: {x: [{id: b, %s}]}, default: [{id: c, %s}, {id: d, %s}]}]"
            % (ASK, ASK, ASK),
            2 * ONE,
        ),
        ("steps: [{id: a, %s, on_error: {steps: [{id: b, %s}]}}]" % (ASK, ASK), 2 * ONE),
        ("steps: [{id: a, %s}]\non_failure: [{id: b, %s}]" % (ASK, ASK), 2 * ONE),
        ("steps: [{id: a, %s}]\nbudget: 0.0001 USD" % ASK, Decimal("0.0001")),
        ("steps: [{id: a, for_each: '{{ inputs.many }}', %s}]\ninputs: {many: {type: array}}" % ASK, 2 * ONE),
        ("steps: [{id: a, action: let, with: {x: 1}}]", 0),
        ("steps: [{id: a, %s, model: builtin}]" % ASK, 0),
    ],
)
def test_the_bound_counts_everything_that_can_be_asked(text, upper, tmp_path):
    found = bill(text, tmp_path, inputs={"many": [1, 2]} if "inputs" in text else None)
    assert found.total.upper == upper
    assert found.total.lower <= upper


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "steps: [{id: s, action: let, with: {x: [1]}}, {id: a, for_each: '{{ steps.s.x }}', %s}]" % ASK,
            "a: how many items",
        ),
        ("steps: [{id: a, %s, model: {quality: 1}}]" % ASK, "a: which model it asks"),
        (
            "steps: [{id: a, %s, model: 'openai:nobody-knows-it'}]" % ASK,
            "a: nobody knows the price of openai:nobody-knows-it",
        ),
    ],
)
def test_what_has_no_bound_names_the_step_that_makes_it_so(text, why, tmp_path):
    found = bill(text, tmp_path)
    assert found.total.upper is None
    assert found.total.unbounded[0].startswith(why)
    assert found.as_data()["upper"] is None
    capped = bill(f"{text}\nbudget: 2 USD", tmp_path)
    assert (capped.total.upper, capped.total.unbounded) == (2, ())


@pytest.mark.parametrize(
    ("task", "step"),
    [
        ("a", "a"),
        ("a[3].b", "a.b"),
        ("a#2.b[0]", "a.b"),
        ("a~2.b", "a.b"),
        ("~on_failure.n", "n"),
        ("a/with.x", "a"),
    ],
)
def test_a_task_belongs_to_the_step_that_the_file_names(task, step):
    assert step_path(task) == step


def _steps(draw, builder, depth, names):
    for _ in range(draw(st.integers(1, 2))):
        name = f"s{next(names)}"
        kind = draw(st.sampled_from(["ask", "ask", "group", "each", "loop", "switch"] if depth else ["ask"]))
        inside = lambda inner, d=depth: _steps(draw, inner, d - 1, names)  # noqa: E731
        if kind == "group":
            builder.group(name, inside)
        elif kind == "each":
            builder.for_each(name, list(range(draw(st.integers(0, 3)))), steps=inside)
        elif kind == "loop":
            builder.loop(name, max_iterations=draw(st.integers(1, 3)), until="false", steps=inside)
        elif kind == "switch":
            builder.switch(
                name, draw(st.sampled_from(["{{ 'x' }}", "{{ 'y' }}"])), cases={"x": inside}, default=inside
            )
        else:
            options = {"model": ["vendor:a", "vendor:b"], "on_error": "continue"}
            if draw(st.booleans()):
                options["output"] = {"type": "object", "required": ["n"]}
            if draw(st.booleans()):
                options["retry"] = {"attempts": draw(st.integers(1, 3)), "on": ["bad_output"], "backoff": 0}
            builder.step(
                name,
                "generate",
                options,
                prompt="x" * draw(st.integers(1, 200)),
                max_tokens=draw(st.integers(1, 500)),
            )


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_no_run_ever_costs_more_than_the_bound(data):
    from itertools import count

    builder = build("generated")
    _steps(data.draw, builder, 2, count())
    models = [
        priced(
            AtOnce(), name=f"vendor:{name}", seed=data.draw(st.integers(0, 99)), fails=0.5, answer='{"n": 1}'
        )
        for name in "ab"
    ]

    async def run():
        orchestrator = Orchestrator("memory:", models=models, environ={}, clock=clock)
        quoted = await orchestrator.abill(builder)
        result = await orchestrator.arun(builder)
        again = await orchestrator.abill(builder)
        await orchestrator.aclose()
        return quoted, result, again

    clock = VirtualClock()
    quoted, result, again = run_virtual(run(), clock)
    charged = sum(model.charged for model in models)
    assert (result.cost or 0) == charged
    assert charged <= quoted.total.upper
    if result.status == "completed":
        assert abs(again.expected - charged) < Decimal("0.000001")
        assert again.runs == 1
