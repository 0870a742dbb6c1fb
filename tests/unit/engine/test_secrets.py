"""A secret reaches the action that needs it and no record at all."""

import pytest

from orchestrator.core.action import Action, ActionOutcome, ActionSpec, Effect
from orchestrator.errors import ActionError
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab

CANARY = "hunter2-canary"
STEP = """
inputs: {token: {type: secret}}
steps:
- {id: use, action: demo.use, with: {token: "Bearer {{ inputs.token }}"}%s}
- {id: after, needs: use, action: fail, with: {message: over}}
"""


def place(action, more=""):
    return lab(STEP % more, action, secrets={"token": CANARY})


def assert_nothing_leaked(outcome):
    assert CANARY not in repr(outcome.records)
    assert CANARY not in repr(outcome.state)


def raising(error):
    def act(params, ctx):
        raise error

    return act


def talk(params, ctx):
    ctx.progress(f"asking with {params['token']}")
    ctx.emit("asked", {"with": [params["token"]], params["token"]: 1})
    return ActionOutcome(
        value={"echo": params["token"], params["token"]: 1}, warnings=[f"odd: {params['token']}"]
    )


@pytest.mark.parametrize(
    "answer",
    [
        talk,
        raising(ValueError(f"cannot use {CANARY}")),
        raising(ActionError(f"cannot use {CANARY}", details={"sent": CANARY})),
        raising(ActionError("odd details", details={"sent": {CANARY: object()}})),
        raising(KeyError(CANARY)),
        raising(OSError(2, "no", CANARY)),
        lambda params, ctx: params["token"].encode(),
        lambda params, ctx: {params["token"]},
    ],
)
def test_what_the_action_says_is_masked_wherever_it_goes(answer):
    action = RecordingAction("demo.use", answer, effect=Effect.READ)
    outcome = place(action).run()
    assert action.parameters == [{"token": f"Bearer {CANARY}"}]
    assert_nothing_leaked(outcome)


def test_it_is_masked_in_what_threads_say():
    spec = ActionSpec(name="demo.use", description="", parameters={}, effect=Effect.READ, runs="thread")
    outcome = place(Action(spec=spec, function=talk)).run()
    assert "•••" in repr(outcome.records)
    assert_nothing_leaked(outcome)


def test_it_is_masked_in_parameters_that_do_not_fit():
    action = RecordingAction(
        "demo.use", parameters={"type": "object", "properties": {"token": {"enum": ["x"]}}}
    )
    outcome = place(action).run()
    assert outcome.state.status == "failed"
    assert_nothing_leaked(outcome)


def test_it_is_masked_in_a_child_call():
    async def act(params, ctx):
        return await ctx.call("test.echo", {"value": params["token"]})

    action = RecordingAction("demo.use", act, runs="async", effect=Effect.READ)
    outcome = place(action).run()
    assert outcome.state.tasks["use"].value == "Bearer •••"
    assert_nothing_leaked(outcome)


def test_what_a_way_back_needs_is_kept_without_it_and_gets_it_again():
    undone = []
    spec = ActionSpec(name="demo.use", description="", parameters={}, effect=Effect.IDEMPOTENT, runs="async")

    async def act(params, ctx):
        return None

    action = Action(
        spec=spec,
        function=act,
        prepare=lambda params, ctx: {"was": [f"{params['token']} and {params['token']}", 1]},
        revert=lambda params, memento, ctx: undone.append(memento),
    )
    outcome = place(action, ", undo: true").run()
    assert undone == [{"was": [f"Bearer {CANARY} and Bearer {CANARY}", 1]}]
    assert_nothing_leaked(outcome)


@pytest.mark.parametrize("in_place", [True, False])
def test_an_inline_action_gets_it_as_any_other(in_place):
    action = RecordingAction("demo.use", lambda params, ctx: len(params["token"]))
    outcome = place(action).run(in_place=in_place)
    assert outcome.state.tasks["use"].value == len(f"Bearer {CANARY}")


def test_a_result_is_not_reused_for_another_secret():
    action = RecordingAction("demo.use", 1, effect=Effect.READ)
    keys = []

    class Cache:
        async def get(self, key, *, now):
            keys.append(key)

        async def put(self, key, result, *, expires):
            pass

    for secret in ("one", "two", "one"):
        room = lab(STEP % ", cache: true", action, secrets={"token": secret})
        room.run(cache=Cache())
    assert keys[0] == keys[2] != keys[1]
    assert not any("one" in key for key in keys)
