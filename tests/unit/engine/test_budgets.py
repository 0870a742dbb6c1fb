"""Budgets of runs, steps, days and projects: what may be spent is set aside before each call."""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.priced_model import PricedModel
from orchestrator.core.journal import ModelRequested, ModelSettled, RunWarned, TaskStarted
from orchestrator.engine import Treasury
from orchestrator.errors import ActionError
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.gateway import gateway
from orchestrator.models.generate import generate_action
from orchestrator.models.metering import Terms, metered
from orchestrator.models.selection import Selector
from orchestrator.state.memory import MemoryLedger
from scenarios.lab import lab

MANY = """
budget: 0.10 USD
steps:
- id: ask
  for_each: "{{ range(200) | list }}"
  max_parallel: 50
  action: generate
  with: {prompt: hello, max_tokens: 500}
  on_error: continue
"""
ONE = "steps: [{id: ask, action: generate, with: {prompt: hello, max_tokens: 500}%s}]%s"


class LazyClock:
    """Sleeps on the clock of whatever loop runs."""

    async def sleep(self, seconds):
        """Let virtual time pass."""
        await asyncio.sleep(seconds)


def place_with(text, *models):
    by_name = [*models]
    selector = Selector(builtin=BuiltinModel(), models=by_name, default=by_name[0].name)
    way = gateway([metered(lambda model: Terms(model.profile.price, model.profile))])
    return lab(text.replace("\\n", "\n"), generate_action(selector, way))


def priced(**more):
    return PricedModel(LazyClock(), **more)


def dollars_of(records):
    return sum((record.usage.cost or 0 for record in records), Decimal(0))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_two_hundred_branches_never_spend_more_than_the_budget_together(seed):
    model = priced(seed=seed)
    outcome = place_with(MANY, model).run(max_parallel=50)
    assert outcome.error is None
    assert Decimal("0.08") < model.charged <= Decimal("0.10")
    assert outcome.state.usage.cost == model.charged == dollars_of(outcome.of(ModelSettled))
    assert outcome.state.by_model["vendor:priced"] == outcome.state.usage
    assert outcome.state.usage.requests == model.calls
    failed = [task.failure for task in outcome.state.tasks.values() if task.status == "failed"]
    assert failed
    assert {failure.error_class for failure in failed} == {"budget"}
    assert not outcome.state.requested


def test_a_call_that_could_pass_the_budget_is_not_sent_and_names_what_to_raise():
    model = priced()
    outcome = place_with(ONE % ("", "\nbudget: 0.001 USD"), model).run()
    failure = outcome.state.failure
    assert (outcome.state.status, failure.error_class, model.calls) == ("failed", "budget", 0)
    assert "the budget of the run is 0.001 USD" in failure.message
    assert "raise `budget` at the top of the file (at least 0.0" in failure.message
    assert not outcome.of(ModelRequested)


def test_the_budget_of_a_step_holds_for_all_that_is_inside_it():
    text = """
steps:
- id: group
  budget: 0.012 USD
  steps:
  - {id: one, action: generate, with: {prompt: a, max_tokens: 500}}
  - {id: two, needs: one, action: generate, with: {prompt: b, max_tokens: 1000}}
- {id: outside, needs: group, action: generate, with: {prompt: c, max_tokens: 1000}}
"""
    outcome = place_with(text, priced()).run()
    assert outcome.statuses()["group.one"] == "completed"
    assert outcome.state.tasks["group.two"].failure.error_class == "budget"
    assert "the budget of step `group`" in outcome.state.failure.message


def test_the_run_warns_once_when_most_of_the_budget_is_spent():
    model = priced()
    outcome = place_with(MANY.replace("200", "40"), model).run()
    warnings = [record.message for record in outcome.of(RunWarned) if "80%" in record.message]
    assert warnings == ["80% of the budget of the run (0.10 USD) are spent"]


def test_a_model_without_a_price_is_refused_under_a_budget_and_asked_without_one():
    model = priced(price=None)
    model._answer, model.profile = "x", model.profile

    async def free(request):
        from orchestrator.core.model import ModelResponse
        from orchestrator.core.usage import Usage

        return ModelResponse(text="x", model=model.name, usage=Usage(1, 2, 3))

    model.generate = free
    refused = place_with(ONE % ("", "\nbudget: 1 USD"), model).run()
    assert "nobody knows what a call of vendor:priced may cost" in refused.state.failure.message
    asked = place_with(ONE % ("", ""), model).run()
    assert asked.state.status == "completed"
    assert asked.of(ModelRequested)[0].most is None


def test_the_reservation_is_written_before_the_request_and_settled_before_the_outcome():
    outcome = place_with(ONE % ("", ""), priced()).run()
    kinds = [type(record).__name__ for record in outcome.records]
    order = ["TaskStarted", "ModelRequested", "ModelSettled", "TaskCompleted"]
    assert [kind for kind in kinds if kind in order] == order
    assert outcome.of(ModelSettled)[0].price == "a list of prices"
    assert outcome.of(ModelRequested)[0].most >= outcome.of(ModelSettled)[0].usage.cost


def test_killed_between_reservation_and_answer_the_call_counts_whole_and_is_sent_again():
    model = priced()
    place = place_with(ONE % ("", "\nbudget: 0.012 USD"), model)
    whole = place.run()
    settled = next(at for at, record in enumerate(whole.records) if isinstance(record, ModelSettled))
    broken = place.run(kill_at=settled - 1)
    (request,) = broken.of(ModelRequested)
    resumed = place.run(earlier=broken.records)
    assert resumed.state.status == "completed"
    usage = resumed.state.usage
    assert usage.uncertain == request.most
    assert usage.cost == request.most + resumed.of(ModelSettled)[0].usage.cost
    assert usage.requests == 2
    again = next(at for at, record in enumerate(resumed.records) if isinstance(record, ModelSettled))
    third = place.run(earlier=resumed.records[:again], later=1.0)
    assert third.state.status == "failed", "both reservations count against the budget now"
    assert third.state.failure.error_class == "budget"


def test_a_call_that_is_cancelled_counts_whole_because_it_may_have_been_charged():
    outcome = place_with(ONE % (", timeout: 0.05", ""), priced()).run()
    (request,) = outcome.of(ModelRequested)
    assert outcome.state.failure.error_class == "timeout"
    assert outcome.state.usage.uncertain == outcome.state.usage.cost == request.most


@pytest.mark.parametrize(
    ("error_class", "cost"), [("rate_limited", None), ("transient", None), ("timeout", "whole")]
)
def test_what_a_failed_call_costs_depends_on_whether_it_can_have_been_charged(error_class, cost):
    model = priced()

    async def fail(_request):
        raise ActionError("no", error_class=error_class)

    model.generate = fail
    outcome = place_with(ONE % ("", ""), model).run()
    most = outcome.of(ModelRequested)[0].most
    assert outcome.state.usage.cost == (most if cost else None)
    assert outcome.of(TaskStarted)


def test_a_fallback_does_not_pass_a_limit_unless_it_may():
    text = ONE % (", model: [vendor:dear, vendor:cheap]", "\nbudget: {amount: 0.003 USD%s}")
    dear = priced(name="vendor:dear")
    cheap_price = dear.profile.price.__class__(input=Decimal("0.1"), output=Decimal(1), source="list")
    cheap = priced(name="vendor:cheap", price=cheap_price)
    dear.profile = dear.profile.__class__(price=dear.profile.price, local=False, max_output=1000)
    stopped = place_with(text % "", dear, cheap).run()
    assert (stopped.state.failure.error_class, dear.calls, cheap.calls) == ("budget", 0, 0)
    degraded = place_with(text % ", degrade: true", dear, cheap).run()
    assert (degraded.state.status, dear.calls, cheap.calls) == ("completed", 0, 1)


@pytest.mark.parametrize("word", ["day", "project"])
def test_runs_share_the_budget_of_the_day_and_the_project(word):
    ledger = MemoryLedger()
    model = priced()
    place = place_with(MANY.replace("budget: 0.10 USD", ""), model)
    for _ in range(2):
        treasury = Treasury(ledger, **{word: Decimal("0.05")})
        outcome = place.run(treasury=treasury)
        assert outcome.error is None
    assert Decimal("0.04") < model.charged <= Decimal("0.05")
    failures = [task.failure.message for task in outcome.state.tasks.values() if task.failure]
    assert f"the budget of the {word} is 0.05 USD" in failures[0]
    assert f"raise `{word}` under `[budget]` in py-orc.toml" in failures[0]
    assert asyncio.run(ledger.total("project")) == model.charged
