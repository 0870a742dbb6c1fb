"""The action `generate` holds models to `output` and goes along the chain."""

import asyncio
from collections.abc import Coroutine, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest

from orchestrator.core.action import ActionContext, ActionOutcome, Effect
from orchestrator.core.model import ModelRequest, ModelResponse
from orchestrator.core.purse import OpenPurse
from orchestrator.core.schema import compile_schema
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.models.asking import LONGEST_ANSWER
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.generate import generate_action
from orchestrator.models.selection import Selector
from orchestrator.testing.models import ScriptedModel

TOPIC = {"type": "string", "enum": ["guide", "reference"]}
ONE = Usage(requests=1, input_tokens=10, output_tokens=2, cost=Decimal("0.01"))


def generate(
    *models: ScriptedModel,
    model: object = None,
    output: Mapping[str, object] | None = None,
    **parameters: object,
) -> ActionOutcome:
    """Call the action with these models handed in; without `model` they are a chain."""
    action = generate_action(Selector(builtin=BuiltinModel(), models=models))
    wish = [each.name for each in models] if model is None else model
    context = cast(
        "ActionContext", SimpleNamespace(model=wish, output=output, run_id="r", task="t", purse=OpenPurse())
    )
    return asyncio.run(action.function({"prompt": "What?", **parameters}, context))


def test_text_comes_back_with_model_and_usage():
    outcome = generate(ScriptedModel("an answer", usage=ONE))
    asked = {
        "model": "scripted:script",
        "level": "primary",
        "reason": "named in the file",
        "outcome": "answered",
        "confidence": "high",
    }
    assert outcome == ActionOutcome(value="an answer", usage=ONE, model="scripted:script", route=[asked])


def test_the_parameters_reach_the_model():
    model = ScriptedModel({"a": 1})
    generate(model, output={"type": "object"}, system="Be brief.", max_tokens=9.0, temperature=0)
    assert model.requests == [
        ModelRequest(
            prompt="What?", system="Be brief.", schema={"type": "object"}, max_tokens=9, temperature=0.0
        )
    ]


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (TOPIC, "guide", "guide"),
        (TOPIC, '"guide"', "guide"),
        ({"type": "integer"}, " 42\n", 42),
        ({"type": "string"}, "42", "42"),
        ({"type": ["null", "string"]}, "null", None),
        ({"type": "object"}, '{"a": [1]}', {"a": [1]}),
        ({"type": "object"}, 'Here you are:\n```json\n{"a": 1}\n```\nBye.', {"a": 1}),
        ({"type": "array"}, "The list: [1, 2], as asked", [1, 2]),
        ({"type": "object"}, '{"a": 1} and more', {"a": 1}),
        ({"type": "string"}, "{not JSON}", "{not JSON}"),
    ],
)
def test_data_is_read_from_the_text_of_an_answer(schema, text, value):
    outcome = generate(ScriptedModel(text), output=schema)
    assert outcome.value == value
    assert type(outcome.value) is type(value)


def test_an_answer_that_does_not_fit_is_shown_again_with_what_is_wrong():
    model = ScriptedModel("novel", "gide", "guide", usage=ONE)
    outcome = generate(model, output=TOPIC)
    assert outcome.value == "guide"
    assert outcome.usage == ONE + ONE + ONE
    assert [request.repair for request in model.requests] == [
        (),
        (("novel", '"novel" is not allowed, only "guide" or "reference"'),),
        (
            ("novel", '"novel" is not allowed, only "guide" or "reference"'),
            ("gide", '"gide" is not allowed, only "guide" or "reference" (did you mean "guide"?)'),
        ),
    ]


def test_the_third_answer_that_does_not_fit_is_the_last():
    model = ScriptedModel("a", "b", {"no": 1}, usage=ONE)
    with pytest.raises(ActionError) as caught:
        generate(model, output=TOPIC)
    error = caught.value
    assert error.error_class == "bad_output"
    assert "scripted:script gave no answer that fits `output`, in 3 tries" in error.message
    assert "it answered: {'no': 1}" in error.message
    assert error.usage == ONE + ONE + ONE
    assert len(model.requests) == 3


def test_many_misfits_are_cut_in_the_question_back():
    schema = {"type": "array", "items": {"type": "integer"}}
    model = ScriptedModel(["x"] * 12, [1])
    generate(model, output=schema)
    wrong = model.requests[1].repair[0][1]
    assert wrong.startswith('0: expected an integer, not "x"; 1: ')
    assert wrong.endswith("; and 2 more")


def test_the_next_model_of_the_chain_answers_and_a_warning_says_why():
    limited = ScriptedModel(ActionError("slow down", error_class="rate_limited"), name="first")
    wrong = ScriptedModel("x", "y", "z", name="second", usage=ONE)
    good = ScriptedModel("guide", name="third", usage=ONE)
    outcome = generate(limited, wrong, good, output=TOPIC)
    assert (outcome.value, outcome.model) == ("guide", "scripted:third")
    assert outcome.usage == Usage(requests=4, input_tokens=40, output_tokens=8, cost=Decimal("0.04"))
    assert outcome.warnings[0] == "scripted:first did not answer: slow down"
    assert outcome.warnings[1].startswith("scripted:second did not answer: scripted:second gave no answer")


def test_when_the_whole_chain_fails_every_attempt_is_listed():
    first = ScriptedModel(ActionError("no such model", error_class="invalid_request"), name="first")
    second = ScriptedModel(ActionError("slow", error_class="rate_limited", retry_after=4), name="second")
    with pytest.raises(ActionError) as caught:
        generate(first, second)
    error = caught.value
    assert error.message == (
        "no model of the chain answered:\n"
        "  scripted:first: no such model (invalid_request)\n"
        "  scripted:second: slow (rate_limited)"
    )
    assert (error.error_class, error.retry_after) == ("rate_limited", 4)


def test_a_chain_that_cannot_pass_by_itself_keeps_the_class_of_its_last_model():
    first = ScriptedModel(ActionError("key", error_class="permission"), name="first")
    second = ScriptedModel(ActionError("gone", error_class="invalid_request"), name="second")
    with pytest.raises(ActionError) as caught:
        generate(first, second)
    assert (caught.value.error_class, caught.value.retry_after) == ("invalid_request", None)


def test_the_error_of_a_single_model_is_its_own():
    error = ActionError("slow", error_class="rate_limited", retry_after=2, details="d")
    with pytest.raises(ActionError) as caught:
        generate(ScriptedModel(error))
    assert (caught.value.message, caught.value.retry_after, caught.value.details) == ("slow", 2, "d")


@pytest.mark.parametrize(
    ("raised", "error_class"),
    [(TimeoutError("late"), "timeout"), (ConnectionResetError("gone"), "transient")],
)
def test_plain_network_errors_of_a_users_model_are_classified(raised, error_class):
    with pytest.raises(ActionError) as caught:
        generate(ScriptedModel(raised))
    assert caught.value.error_class == error_class
    assert "scripted:script: " in caught.value.message


def test_a_defect_of_a_model_stays_a_defect():
    with pytest.raises(KeyError):
        generate(ScriptedModel(KeyError("bug")), ScriptedModel("x", name="other"))


@pytest.mark.parametrize("answer", ["", "  \n", "\x1b[0m"])
def test_an_empty_answer_is_bad_output(answer):
    with pytest.raises(ActionError) as caught:
        generate(ScriptedModel(answer))
    assert caught.value.error_class == "bad_output"


def test_an_empty_answer_to_a_schema_is_asked_for_again():
    model = ScriptedModel("", "guide")
    assert generate(model, output=TOPIC).value == "guide"
    assert model.requests[1].repair[0][1] == "the answer is empty"


def test_control_sequences_and_hidden_reordering_are_taken_out():
    dirty = "a\x1b[31mred\x1b[0m\x1b]0;title\x07 \x00\u202eb\u2066c\r\nd\te\x9b2Jf\u200e"
    clean = "ared bc\nd\tef\u200e"
    assert generate(ScriptedModel(dirty)).value == clean
    schema = {"type": "object"}
    assert generate(ScriptedModel({"k\x07": [dirty, 1]}), output=schema).value == {"k": [clean, 1]}


def test_an_answer_beyond_all_measure_is_cut():
    outcome = generate(ScriptedModel("x" * (LONGEST_ANSWER + 5)))
    assert outcome.value == "x" * LONGEST_ANSWER
    assert outcome.warnings == (f"the answer was cut at {LONGEST_ANSWER} characters",)


def test_an_answer_is_never_rendered():
    assert generate(ScriptedModel("{{ secrets.KEY }}")).value == "{{ secrets.KEY }}"


def test_a_dated_name_of_the_same_model_is_the_same_model():
    answer = ModelResponse(text="x", model="scripted:script-2027-01-01")
    outcome = generate(ScriptedModel(answer))
    assert (outcome.model, outcome.warnings) == ("scripted:script-2027-01-01", ())


def test_another_model_than_the_named_one_is_an_error():
    answer = ModelResponse(text="x", model="scripted:other", usage=ONE)
    with pytest.raises(ActionError, match="scripted:script was asked, but scripted:other answered"):
        generate(ScriptedModel(answer))


def test_another_model_is_a_warning_where_any_will_do():
    answer = ModelResponse(text="x", model="scripted:other")
    outcome = generate(ScriptedModel(answer), model="auto")
    assert outcome.model == "scripted:other"
    assert outcome.warnings == ("scripted:script was asked, but scripted:other answered",)


def test_a_model_that_does_not_exist_is_a_wrong_request():
    with pytest.raises(ActionError) as caught:
        generate(ScriptedModel("x"), model="scripted:scrip")
    assert caught.value.error_class == "invalid_request"
    assert "did you mean scripted:script?" in caught.value.message


def fingerprint(*models: ScriptedModel, model: object) -> object:
    action = generate_action(Selector(builtin=BuiltinModel(), models=models))
    assert action.fingerprint is not None
    context = cast(
        "ActionContext", SimpleNamespace(model=model, output=None, run_id="r", task="t", purse=OpenPurse())
    )
    return asyncio.run(
        cast("Coroutine[object, object, object]", action.fingerprint({"prompt": "What?"}, context))
    )


def test_a_reused_answer_is_one_of_the_models_that_would_be_asked_now():
    configured = ScriptedModel(name="real")
    assert fingerprint(model="auto") == ["builtin:extractive"]
    assert fingerprint(configured, model="auto") == ["scripted:real"]
    assert fingerprint(configured, model=["scripted:real", "builtin"]) == [
        "scripted:real",
        "builtin:extractive",
    ]
    with pytest.raises(ActionError, match="there is no model"):
        fingerprint(model="nobody")


def test_a_wrong_output_schema_is_a_wrong_request():
    model = ScriptedModel("x")
    with pytest.raises(ActionError, match="`output` cannot be read: the schema is wrong at type") as caught:
        generate(model, output={"type": "strng"})
    assert caught.value.error_class == "invalid_request"
    assert model.requests == []


def test_the_action_says_what_it_is():
    action = generate_action(Selector(builtin=BuiltinModel()))
    spec = action.spec
    assert (spec.name, spec.effect, spec.runs, spec.labels) == (
        "generate",
        Effect.READ,
        "async",
        frozenset({"model"}),
    )
    assert action.touches is not None
    assert [touch.kind for touch in action.touches({})] == ["model"]


@pytest.mark.parametrize(
    ("parameters", "fits"),
    [
        ({"prompt": "x"}, True),
        ({"prompt": "x", "system": "y", "max_tokens": 5, "temperature": 0.5}, True),
        ({}, False),
        ({"prompt": ""}, False),
        ({"prompt": "x", "max_tokens": 0}, False),
        ({"prompt": "x", "temperature": 3}, False),
        ({"prompt": "x", "modle": "auto"}, False),
    ],
)
def test_the_parameters_are_checked(parameters, fits):
    spec = generate_action(Selector(builtin=BuiltinModel())).spec
    assert (compile_schema(spec.parameters)(parameters) == []) is fits
