"""A model that keeps failing is left alone for a while, and tried again with one call."""

import asyncio

import pytest

from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.core.purse import OverBudgetError
from orchestrator.errors import ActionError
from orchestrator.models.gateway import Caller, gateway
from orchestrator.models.health import Health
from orchestrator.testing.models import ScriptedModel
from orchestrator.testing.virtual_time import VirtualClock, run_virtual

NAME = "scripted:script"
GOOD = "an answer"


def down(error_class: str = "transient", retry_after: float | None = None) -> ActionError:
    return ActionError("no", error_class=error_class, retry_after=retry_after)


class Asked:
    """A model behind its breaker, in virtual time."""

    def __init__(self, *answers: object, **options: float) -> None:
        self.clock = VirtualClock()
        self.health = Health(self.clock, **options)
        self.model: Model = ScriptedModel(*answers)
        self._ask = gateway([self.health.guard, self.health.measure])

    def __call__(self, times: int = 1) -> list[str]:
        return [self._once() for _ in range(times)]

    def _once(self) -> str:
        async def asking() -> ModelResponse:
            return await self._ask(self.model, ModelRequest(prompt="What?"), Caller())

        try:
            return run_virtual(asking(), self.clock).text
        except ActionError as error:
            return error.error_class

    @property
    def calls(self) -> int:
        return len(self.model.requests)

    def refusal(self) -> ActionError:
        async def asking() -> ModelResponse:
            return await self._ask(self.model, ModelRequest(prompt="What?"), Caller())

        with pytest.raises(ActionError) as caught:
            run_virtual(asking(), self.clock)
        return caught.value


@pytest.mark.parametrize("error_class", ["transient", "rate_limited", "timeout"])
def test_failures_in_a_row_open_it_and_no_more_calls_are_made(error_class):
    asked = Asked(*[down(error_class)] * 5)
    assert asked(5) == [error_class] * 5
    assert asked.health.is_open(NAME)
    assert asked(2) == ["transient"] * 2
    assert asked.calls == 5


@pytest.mark.parametrize("error_class", ["invalid_request", "permission", "bad_output", "budget"])
def test_a_model_that_refuses_is_not_a_model_that_fails(error_class):
    asked = Asked(*[down(error_class)] * 9)
    asked(9)
    assert asked.calls == 9
    assert not asked.health.is_open(NAME)


def test_the_refusal_says_what_happened_and_when_to_come_back():
    asked = Asked(*[down()] * 5)
    asked(5)
    asked.clock.advance(10)
    refusal = asked.refusal()
    assert (refusal.error_class, refusal.retry_after) == ("transient", 20.0)
    assert refusal.message == (
        "scripted:script is left alone for 20 s: it failed 5 times in a row, the last time with: no\n"
        "→ try again later, or name another model behind it"
    )


def test_after_the_pause_one_good_answer_closes_it():
    asked = Asked(*[down()] * 5, GOOD, GOOD, down(), GOOD)
    asked(5)
    asked.clock.advance(30)
    assert not asked.health.is_open(NAME)
    assert asked(4) == [GOOD, GOOD, "transient", GOOD]


def test_after_the_pause_one_failure_opens_it_again():
    asked = Asked(*[down()] * 6, GOOD)
    asked(5)
    asked.clock.advance(30)
    assert asked(2) == ["transient"] * 2
    assert asked.calls == 6
    asked.clock.advance(30)
    assert asked() == [GOOD]


def test_a_refused_request_closes_it_too_because_somebody_answered():
    asked = Asked(*[down()] * 5, down("invalid_request"), GOOD)
    asked(5)
    asked.clock.advance(30)
    assert asked(2) == ["invalid_request", GOOD]


def test_it_stays_open_as_long_as_the_other_side_asks_for():
    asked = Asked(*[down("rate_limited", 90)] * 5, GOOD)
    asked(5)
    asked.clock.advance(89)
    assert asked() == ["transient"]
    asked.clock.advance(1)
    assert asked() == [GOOD]


def test_an_answer_in_between_begins_the_count_anew():
    asked = Asked(*[*[down()] * 4, GOOD] * 3)
    asked(15)
    assert asked.calls == 15


def test_failures_far_apart_do_not_add_up():
    asked = Asked(*[down()] * 9)
    for _ in range(9):
        asked()
        asked.clock.advance(16)
    assert asked.calls == 9


def test_models_fail_each_for_itself():
    asked = Asked(*[down()] * 5)
    asked(5)
    asked.model = ScriptedModel(GOOD, name="other")
    assert asked() == [GOOD]


class SlowModel(ScriptedModel):
    """Takes its time."""

    def __init__(self, clock: VirtualClock, *seconds: float, failing: int = 0) -> None:
        super().__init__(*[down()] * failing, *[GOOD] * 99)
        self._clock = clock
        self._seconds = iter(seconds)

    async def generate(self, request: ModelRequest) -> ModelResponse:
        await self._clock.sleep(next(self._seconds))
        return await super().generate(request)


def test_while_one_call_tries_the_others_are_refused():
    asked = Asked()
    asked.model = SlowModel(asked.clock, *[0] * 5, 9, 9, failing=5)
    asked(5)
    asked.clock.advance(30)

    async def at_once() -> list[str]:
        calls = (asked._ask(asked.model, ModelRequest(prompt="What?"), Caller()) for _ in range(3))
        found = await asyncio.gather(*calls, return_exceptions=True)
        return [
            each.text if isinstance(each, ModelResponse) else f"in {each.retry_after:g} s" for each in found
        ]

    assert run_virtual(at_once(), asked.clock) == [GOOD, "in 1 s", "in 1 s"]
    assert asked() == [GOOD]


def test_a_try_that_was_given_up_leaves_the_next_one_to_try():
    asked = Asked()
    asked.model = SlowModel(asked.clock, *[0] * 5, 99, 0, failing=5)
    asked(5)
    asked.clock.advance(30)

    async def given_up() -> None:
        async with asked.clock.timeout(1):
            await asked._ask(asked.model, ModelRequest(prompt="What?"), Caller())

    with pytest.raises(TimeoutError):
        run_virtual(given_up(), asked.clock)
    assert asked() == [GOOD]


def test_a_late_failure_of_an_earlier_call_does_not_lengthen_the_pause():
    asked = Asked()
    asked.model = SlowModel(asked.clock, 25, *[0] * 9, failing=6)

    async def scenario() -> str:
        late = asyncio.ensure_future(asked._ask(asked.model, ModelRequest(prompt="What?"), Caller()))
        await asked.clock.sleep(0)
        for _ in range(5):
            with pytest.raises(ActionError):
                await asked._ask(asked.model, ModelRequest(prompt="What?"), Caller())
        with pytest.raises(ActionError):
            await late
        await asked.clock.sleep(5)
        return (await asked._ask(asked.model, ModelRequest(prompt="What?"), Caller())).text

    assert run_virtual(scenario(), asked.clock) == GOOD


def test_latency_is_a_moving_average_of_answers():
    asked = Asked()
    asked.model = SlowModel(asked.clock, 2, 4, 4)
    assert asked.health.latency(NAME) is None
    found = []
    for _ in range(3):
        asked()
        found.append(asked.health.latency(NAME))
    assert found == pytest.approx([2.0, 2.4, 2.72])


def test_failures_tell_nothing_about_latency():
    asked = Asked(down())
    asked()
    assert asked.health.latency(NAME) is None


def test_a_late_answer_to_an_earlier_call_does_not_close_it():
    asked = Asked()

    class SlowFirst(ScriptedModel):
        async def generate(self, request: ModelRequest) -> ModelResponse:
            if request.prompt == "slow":
                await asked.clock.sleep(10)
                return ModelResponse(text=GOOD, model=self.name)
            return await super().generate(request)

    asked.model = SlowFirst(*[down()] * 5)

    async def scenario() -> bool:
        late = asyncio.ensure_future(asked._ask(asked.model, ModelRequest(prompt="slow"), Caller()))
        await asked.clock.sleep(0)
        for _ in range(5):
            with pytest.raises(ActionError):
                await asked._ask(asked.model, ModelRequest(prompt="What?"), Caller())
        assert (await late).text == GOOD
        return asked.health.is_open(asked.model.name)

    assert run_virtual(scenario(), asked.clock)


def test_what_was_never_sent_tells_nothing_about_the_model():
    asked = Asked()
    asked.model = ScriptedModel(*[down()] * 5, OverBudgetError("too dear"), GOOD)
    asked(5)
    asked.clock.advance(30)
    with pytest.raises(OverBudgetError):
        run_virtual(asked._ask(asked.model, ModelRequest(prompt="What?"), Caller()), asked.clock)
    assert asked() == [GOOD]  # still half-open: the next call tries
