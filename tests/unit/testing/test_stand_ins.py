import asyncio
from types import SimpleNamespace

import pytest

import orchestrator.testing
from orchestrator.core.action import Effect
from orchestrator.core.journal import RunResumed, RunWarned
from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.testing import (
    ActionTable,
    RecordingAction,
    ScriptedModel,
    SeededRandomness,
    collect,
    recording_tool,
)

CONTEXT = SimpleNamespace(task="a", attempt=2, idempotency_key="k")


def ask(model, prompt="?"):
    return asyncio.run(model.generate(ModelRequest(prompt=prompt)))


def test_every_public_name_is_there():
    assert all(hasattr(orchestrator.testing, name) for name in orchestrator.testing.__all__)


def test_seeded_chance_repeats_itself_and_differs_by_seed():
    def draw(seed):
        randomness = SeededRandomness(seed)
        return [randomness.random() for _ in range(3)], randomness.bytes(100)

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    numbers = [SeededRandomness(seed).random() for seed in range(200)]
    assert all(0 <= number < 1 for number in numbers)
    assert 0.4 < sum(numbers) / 200 < 0.6
    assert len(draw(1)[1]) == 100


def test_seeded_chance_is_the_same_everywhere():
    assert SeededRandomness(7).bytes(4).hex() == "8c57eaea"


def test_a_recording_action_remembers_its_calls():
    act = RecordingAction("demo.act", {"ok": True}, effect=Effect.ONCE, labels=["web"])
    assert act.action.function({"x": 1}, CONTEXT) == {"ok": True}
    assert act.action.function({"x": 2}, CONTEXT) == {"ok": True}
    assert (act.count, act.parameters) == (2, [{"x": 1}, {"x": 2}])
    assert (act.calls[0].task, act.calls[0].attempt, act.calls[0].idempotency_key) == ("a", 2, "k")
    assert (act.action.spec.effect, act.action.spec.labels) == (Effect.ONCE, {"web"})


def test_a_recording_action_gives_its_answers_in_order():
    act = RecordingAction("demo.act", ActionError("busy"), lambda parameters, _: parameters["x"] + 1, "last")
    with pytest.raises(ActionError, match="busy"):
        act.action.function({}, CONTEXT)
    assert act.action.function({"x": 1}, CONTEXT) == 2
    assert [act.action.function({}, CONTEXT) for _ in range(2)] == ["last", "last"]


def test_without_answers_a_recording_action_gives_back_its_parameters():
    parameters = {"x": 1}
    result = RecordingAction("demo.act").action.function(parameters, CONTEXT)
    assert result == parameters
    assert result is not parameters


def test_an_asynchronous_recording_action_can_be_awaited():
    async def later(parameters, _context):
        await asyncio.sleep(0)
        return parameters["x"]

    act = RecordingAction("demo.act", later, "plain", runs="async")

    async def main():
        return [await act.action.function({"x": number}, CONTEXT) for number in range(2)]

    assert asyncio.run(main()) == [0, "plain"]


def test_a_table_finds_actions_by_name():
    act = RecordingAction("demo.act")
    table = ActionTable.of(act, RecordingAction("demo.other").action)
    assert table.find("demo.act") is act.action
    assert table.find("demo.missing") is None
    assert table.names() == ["demo.act", "demo.other"]


def test_a_recording_tool_has_an_action_per_keyword():
    source, actions = recording_tool("mail", send={"id": 7}, fetch=["a"])
    assert source.names() == ["mail.send", "mail.fetch"]
    assert source.find("mail.send").function({}, CONTEXT) == {"id": 7}
    assert (actions["send"].count, actions["fetch"].count) == (1, 0)


def test_a_collector_keeps_records_and_positions():
    observer = collect()
    observer(4, RunWarned(1.0, "careful"))
    observer(5, RunResumed(2.0))
    assert observer.kinds == ["RunWarned", "RunResumed"]
    assert observer.of(RunWarned) == [RunWarned(1.0, "careful")]
    assert observer.positions == [4, 5]


def test_a_scripted_model_answers_in_order_and_says_what_it_is():
    whole = ModelResponse(text="whole", model="other:name")
    model = ScriptedModel("text", {"n": 1}, [1], whole, lambda request: request.prompt, usage=Usage(1, 2, 3))
    responses = [ask(model, f"q{number}") for number in range(5)]
    assert [(response.text, response.value) for response in responses] == [
        ("text", None),
        ("", {"n": 1}),
        ("", [1]),
        ("whole", None),
        ("q4", None),
    ]
    assert [request.prompt for request in model.requests] == ["q0", "q1", "q2", "q3", "q4"]
    assert responses[0].model == model.name == "scripted:script"
    assert responses[0].usage == Usage(1, 2, 3)
    assert responses[3] is whole


def test_a_scripted_model_fails_as_told_and_when_it_is_asked_too_often():
    model = ScriptedModel(ActionError("slow down", error_class="rate_limited"), name="limited")
    with pytest.raises(ActionError, match="slow down"):
        ask(model)
    with pytest.raises(AssertionError, match=r"scripted:limited has 1 answers and was asked again: 'why\?'"):
        ask(model, "why?")


def test_a_scripted_model_can_do_what_a_test_says_and_knows_that_it_was_closed():
    profile = ModelProfile(vision=True)
    model = ScriptedModel(profile=profile)
    assert model.profile is profile
    assert ScriptedModel().profile.structured
    asyncio.run(model.close())
    assert model.is_closed
