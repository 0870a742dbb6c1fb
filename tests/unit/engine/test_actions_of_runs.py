"""What actions of every kind may do to a run, and what they may not."""

import asyncio
import threading

import pytest

from doubles.worker_functions import die, hang, whoami
from orchestrator.core.action import Action, ActionOutcome, ActionSpec, Effect
from orchestrator.core.journal import Emitted, TaskProgressed
from orchestrator.engine import Engine
from orchestrator.errors import ActionError, RunInterruptedError, SetupError
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab


def action(function, *, runs="thread", effect=Effect.READ, **more):
    return Action(
        spec=ActionSpec(name="demo.act", description="", parameters={}, effect=effect, runs=runs),
        function=function,
        **more,
    )


STEP = "- {id: a, action: demo.act%s}"


@pytest.mark.parametrize("runs", ["inline", "async", "thread"])
@pytest.mark.parametrize("effect", ["pure", "read"])
@pytest.mark.parametrize(
    ("error", "error_class", "message"),
    [
        (ValueError("odd"), "bug", "ValueError: odd"),
        (StopIteration(), "bug", "StopIteration"),
        (SystemExit(3), "bug", "SystemExit: 3"),
        (RecursionError("deep"), "bug", "RecursionError: deep"),
        (ActionError("said", error_class="own"), "own", "said"),
        (PermissionError("not yours"), "permission", "not yours"),
        (SetupError("no tool"), "invalid_request", "no tool"),
    ],
)
def test_whatever_an_action_raises_fails_its_task_and_nothing_else(runs, effect, error, error_class, message):
    def act(params, ctx):
        raise error

    async def act_later(params, ctx):
        raise error

    function = act_later if runs == "async" else act
    outcome = lab(STEP % "", action(function, runs=runs, effect=Effect(effect))).run()
    assert outcome.error is None
    assert outcome.state.failure.error_class == error_class
    assert message in outcome.state.failure.message
    assert outcome.left_over == []


@pytest.mark.parametrize("runs", ["inline", "thread"])
def test_what_is_not_data_is_a_bad_output(runs):
    for value in (object(), iter([]), {1.5: 2}, [[object()]], lambda: 1):
        outcome = lab(STEP % "", action(lambda params, ctx, v=value: v, runs=runs)).run()
        assert outcome.state.failure.error_class == "bad_output"


@pytest.mark.parametrize("effect", ["pure", "read"])
@pytest.mark.parametrize("in_place", [True, False])
def test_odd_values_come_back_from_the_journal_as_they_were(effect, in_place):
    value = {
        "big": 10**30,
        "nan": "text",
        "deep": [[[[{"x": None}]]]],
        "text": "\ud800 \x00 ü",
        "$tag": {"$x": 1},
        "long": "x" * 100_000,
    }
    outcome = lab(STEP % "", action(lambda params, ctx: value, runs="inline", effect=Effect(effect))).run(
        in_place=in_place
    )
    assert outcome.state.status == "completed"
    assert outcome.records[-2].value == value


@pytest.mark.parametrize("effect", ["pure", "read"])
def test_what_an_action_does_to_its_parameters_or_its_result_later_changes_nothing(effect):
    kept = []

    def act(params, ctx):
        params["list"].append("mine")
        params["new"] = 1
        result = {"list": [1]}
        kept.append(result)
        return result

    def spoil(params, ctx):
        kept[0]["list"].append("later")

    text = """
- {id: source, action: let, with: {list: [1, 2], fixed: {list: [3]}}}
- {id: a, action: demo.act, with: {list: "{{ steps.source.list }}"}}
- {id: b, needs: a, action: demo.spoil, with: {list: [3]}}
- {id: c, needs: b, action: let, with: {source: "{{ steps.source.list }}", a: "{{ steps.a.list }}"}}
"""
    spoiler = RecordingAction("demo.spoil", spoil, effect=Effect.READ)
    outcome = lab(text, action(act, runs="inline", effect=Effect(effect)), spoiler).run()
    assert outcome.state.tasks["c"].value == {"source": [1, 2], "a": [1]}


def test_fixed_parameters_are_fresh_for_each_call():
    def act(params, ctx):
        params["list"].append(1)
        return len(params["list"])

    outcome = lab("- {id: a, for_each: [1, 2], action: demo.act, with: {list: [0]}}", action(act)).run()
    assert [outcome.state.tasks[f"a[{index}]"].value for index in range(2)] == [2, 2]


def test_an_inline_action_may_tell_more_than_its_value():
    told = ActionOutcome(value=1, warnings=["odd"], labels=frozenset({"x"}), model="m")
    outcome = lab(STEP % "", action(lambda params, ctx: told, runs="inline", effect=Effect.PURE)).run()
    task = outcome.state.tasks["a"]
    assert (task.value, task.labels, task.model, outcome.state.warnings) == (1, {"x"}, "m", ["odd"])


def test_threads_tell_how_far_they_are_and_nothing_after_they_were_given_up():
    told, late = threading.Event(), threading.Event()
    done = threading.Event()

    def act(params, ctx):
        ctx.progress("begun", 0.5)
        ctx.emit("hello", {"n": 1})
        told.set()
        late.wait(10)
        ctx.progress("too late")
        ctx.emit("too late", {})
        done.set()
        return ctx.cancelled

    async def give_up(control):
        while not told.is_set():  # noqa: ASYNC110 — a real thread sets it
            await asyncio.sleep(0)
        control.engine.interrupt_now()
        while control.state.tasks["a"].status != "cancelled":  # noqa: ASYNC110 — the engine's turn
            await asyncio.sleep(0)
        late.set()
        while not done.is_set():  # noqa: ASYNC110 — a real thread sets it
            await asyncio.sleep(0)

    outcome = lab(STEP % "", action(act)).run(during=give_up)
    assert isinstance(outcome.error, RunInterruptedError)
    assert [record.message for record in outcome.of(TaskProgressed)] == ["begun"]
    assert [record.name for record in outcome.of(Emitted)] == ["hello"]


def test_what_cannot_be_kept_is_refused_where_it_is_told_or_becomes_a_warning():
    async def act(params, ctx):
        ctx.emit("bad", {"x": object()})

    assert lab(STEP % "", action(act, runs="async")).run().state.failure.error_class == "bad_output"


def test_an_action_knows_where_it_is():
    def act(params, ctx):
        assert ctx.clock.now() > 0
        assert 0 <= ctx.randomness.random() < 1
        return [
            ctx.run_id,
            ctx.task,
            ctx.attempt,
            ctx.idempotency_key,
            ctx.workspace,
            ctx.model,
            ctx.output,
            ctx.cancelled,
        ]

    outcome = lab(
        "- {id: a, for_each: [1], action: demo.act, model: auto, output: {type: array}}", action(act)
    ).run()
    assert outcome.state.tasks["a[0]"].value == [
        "0197-run", "a[0]", 1, "0197-run/a[0]/1", "/nowhere", "auto", {"type": "array"}, False,
    ]  # fmt: skip


def test_an_action_in_a_process_runs_elsewhere_and_dies_alone():
    for function, effect, status in (
        (whoami, Effect.READ, "completed"),
        (die, Effect.READ, "failed"),
        (die, Effect.ONCE, "in_doubt"),
    ):
        outcome = lab(STEP % ", with: {n: 1}", action(function, runs="process", effect=effect)).run()
        assert outcome.statuses() == {"a": status}
        assert outcome.left_over == []


def test_a_process_that_takes_too_long_is_killed(tmp_path):
    started = tmp_path / "started"
    place = lab(STEP % f", with: {{started: '{started}'}}, timeout: 5s", action(hang, runs="process"))
    outcome = place.run(patience=0.01)
    assert outcome.state.failure.error_class == "timeout"


def test_two_runs_on_one_engine_never_see_each_other():
    from orchestrator.core.ids import RunId
    from orchestrator.core.run_state import fold
    from orchestrator.state.memory import MemoryStore
    from orchestrator.testing import SeededRandomness, VirtualClock, run_virtual
    from scenarios.lab import created

    text = """
max_parallel: 1
inputs: {n: {type: integer, default: 0}}
steps:
- {id: a, action: test.slow, with: {seconds: 1, value: "{{ inputs.n }}"}}
- {id: b, action: test.slow, with: {seconds: 1, value: "{{ steps.a }}"}}
outputs: {run: "{{ run.id }}", b: "{{ steps.b }}"}
"""
    place, clock = lab(text), VirtualClock()

    async def both():
        store, pipeline = MemoryStore(), place.compile(place.table)
        engine = Engine(place.table, clock=clock, randomness=SeededRandomness(1))

        async def one(number):
            record = created(pipeline, clock)._replace(run_id=RunId(f"run-{number}"), inputs={"n": number})
            journal = await store.create(record)
            return await engine.run(pipeline, fold([record]), journal)

        states = await asyncio.gather(*(one(number) for number in range(5)))
        await engine.close()
        return states

    states = run_virtual(both(), clock)
    assert [state.outputs for state in states] == [{"run": f"run-{n}", "b": n} for n in range(5)]
    assert clock.monotonic() == 2


@pytest.mark.parametrize(("most", "limit"), [(3, "max_parallel: 3\n"), (2, "")])
def test_limits_are_never_exceeded_and_always_used(most, limit):
    acting, peak = set(), []

    async def act(params, ctx):
        acting.add(ctx.task)
        peak.append(len(acting))
        await ctx.clock.sleep(1)
        acting.discard(ctx.task)

    resources = "" if limit else ", resources: {gpu: 1}"
    text = f"{limit}steps:\n- {{id: a, for_each: '{{{{ range(20) | list }}}}', action: demo.act{resources}}}\n- {{id: g, steps: [{{id: b, action: demo.act{resources}}}]}}"
    outcome = lab(text, action(act, runs="async")).run()
    assert outcome.state.status == "completed"
    assert max(peak) == most
    assert outcome.left_over == []


def test_an_action_that_is_missing_when_the_run_goes_on_stops_it_without_ending_it():
    place = lab("- {id: a, steps: [{id: b, action: demo.act}]}", action(lambda params, ctx: 1))
    broken = place.run(kill_at=1)
    compiled = place.compile(place.table)
    del place.table.actions["demo.act"]
    place.compile = lambda table: compiled
    outcome = place.run(earlier=broken.records)
    assert isinstance(outcome.error, SetupError)
    assert outcome.state.status == "running"
    assert outcome.left_over == []
