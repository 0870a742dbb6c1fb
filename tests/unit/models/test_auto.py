"""Deciding open values: what a model is shown, how it is held to the type, and when nobody is asked."""

import asyncio
from decimal import Decimal

import pytest

from orchestrator.core.lock import LockedAnswer, NoLock
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.models.auto import Answerer, OpenQuestion, locked_answer
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.gateway import Caller
from orchestrator.models.selection import Selector
from orchestrator.testing.models import ScriptedModel

ONE = Usage(requests=1)
ABOUT = {"pipeline": "digest: Sums up.", "step": "a", "action": "generate", "beside": {"prompt": "Sum up."}}


def question(**changes):
    given = {
        "question": "enough for a page",
        "schema": {"type": "integer", "minimum": 50, "maximum": 800},
        "at": "a.with.max_tokens",
        "file": "digest.yaml",
        "place": "digest.yaml:7:9",
        "about": ABOUT,
        "early": True,
    }
    return OpenQuestion.of({**given, **changes})


def ask(asked, *answers, lock=None, wish=None, usage=ONE):
    model = ScriptedModel(*answers, usage=usage)
    answerer = Answerer(Selector(builtin=BuiltinModel(), models=[model] if answers else []), lock=lock)
    return asyncio.run(answerer.answer(asked, wish, Caller())), model


def test_the_model_sees_the_question_and_what_is_known_about_the_place():
    outcome, model = ask(question(), 300)
    (request,) = model.requests
    assert outcome.value == 300
    assert request.prompt == "enough for a page"
    assert request.schema == {"type": "integer", "minimum": 50, "maximum": 800}
    assert request.system == (
        "The author of a workflow left a value open for you to decide. Decide it from the question and from what is known"
        " about\nthe place where the value stands. Answer with the value alone.\nWhat is known about the place, as JSON:\n"
        '{\n "pipeline": "digest: Sums up.",\n "step": "a",\n "action": "generate",\n "beside": {\n  "prompt": "Sum up."\n }\n}'
    )


def test_an_answer_out_of_range_is_asked_again_with_the_reason_and_then_fails_at_the_tag():
    outcome, model = ask(question(), 900, 20, "51")
    assert outcome.value == 51
    assert [wrong for _, wrong in model.requests[-1].repair] == [
        "900 is out of range: at most 800 is allowed",
        "20 is out of range: at least 50 is allowed",
    ]
    with pytest.raises(
        ActionError, match=r"`<AUTO>` of a.with.max_tokens \(digest.yaml:7:9\): .*900 is out of range"
    ) as caught:
        ask(question(), 900, 900, 900)
    assert caught.value.error_class == "bad_output"
    assert caught.value.usage == Usage(requests=3)


def test_a_tag_without_a_question_asks_for_the_best_value():
    assert (
        ask(question(question=""), 300)[1].requests[0].prompt
        == "What is the best value for a.with.max_tokens?"
    )


def test_the_built_in_model_decides_nothing_from_nothing():
    with pytest.raises(ActionError, match="cannot be decided: no model is configured"):
        ask(question())
    outcome, _ = ask(question(default=100))
    assert outcome.value == 100
    assert "no model is configured" in outcome.warnings[0]


def test_the_built_in_model_reads_a_text_that_the_run_brings():
    late = question(
        question="Is it urgent or normal? This is urgent: the house burns.",
        early=False,
        schema={"enum": ["urgent", "normal"]},
    )
    assert ask(late)[0].value == "urgent"


class Frozen(NoLock):
    """A lock that asks nobody."""

    frozen = True


def test_a_frozen_lock_gives_what_it_has_and_else_refuses():
    lock = Frozen()
    with pytest.raises(
        ActionError, match="is not in the lock, or what it was decided from has changed"
    ) as caught:
        ask(question(), 1, lock=lock)
    assert caught.value.error_class == "invalid_request"
    assert ask(question(default=60), 1, lock=lock)[0].value == 60
    lock.keep("digest.yaml", locked_answer(question(), ask(question(), 300)[0]))
    outcome, model = ask(question(), 1, lock=lock)
    assert (outcome.value, outcome.usage, model.requests) == (300, Usage(), [])


def test_a_late_value_is_no_matter_of_the_lock():
    lock = Frozen()
    assert ask(question(early=False), 300, lock=lock)[0].value == 300
    assert lock.find("digest.yaml", "a.with.max_tokens", question().context) is None


def test_items_that_ask_the_same_wait_for_one_answer():
    model = ScriptedModel(300)
    answerer = Answerer(Selector(builtin=BuiltinModel(), models=[model]))

    async def all_at_once():
        return await asyncio.gather(*[answerer.answer(question(), None, Caller()) for _ in range(20)])

    assert {outcome.value for outcome in asyncio.run(all_at_once())} == {300}
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    "change",
    [{"question": "enough for a page."}, {"schema": {"type": "integer"}}, {"about": {**ABOUT, "step": "b"}}],
)
def test_each_thing_that_was_shown_makes_the_answer_stale_when_it_changes(change):
    assert question(**change).context != question().context


@pytest.mark.parametrize("change", [{"place": "digest.yaml:8:9"}, {"file": "other.yaml"}, {"at": "b.with.x"}])
def test_what_was_not_shown_leaves_it_fresh(change):
    assert question(**change).context == question().context


def test_what_an_answer_cost_stands_in_the_lock():
    outcome, _ = ask(question(), 300, usage=Usage(requests=1, cost=Decimal("0.0012")))
    kept = locked_answer(question(), outcome)
    assert kept == LockedAnswer(
        at="a.with.max_tokens", question="enough for a page", value=300, model="scripted:script",
        context=question().context, cost=Decimal("0.0012"),
    )  # fmt: skip
