"""Providers are asked no more than is allowed; who wants more waits in line, in virtual time."""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.core.provider_limit import ProviderLimit
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.models.gateway import Ask, Caller, gateway
from orchestrator.models.limits import limits
from orchestrator.testing.virtual_time import VirtualClock, run_virtual

FREE = Caller()


class Timed:
    """A model that notes when it is asked, and takes as long and as many tokens as it is told."""

    def __init__(self, clock: VirtualClock, name: str = "openai:small") -> None:
        self.name = name
        self.asked: list[tuple[float, str]] = []
        self.most_at_once = 0
        self.seconds = 0.0
        self.usage = Usage(requests=1)
        self.errors: list[ActionError] = []
        self._clock = clock
        self._now_asked = 0

    async def generate(self, request: ModelRequest) -> ModelResponse:
        self.asked.append((self._clock.monotonic(), request.prompt))
        self._now_asked += 1
        self.most_at_once = max(self.most_at_once, self._now_asked)
        try:
            await self._clock.sleep(self.seconds)
        finally:
            self._now_asked -= 1
        if self.errors:
            raise self.errors.pop(0)
        return ModelResponse(text="ok", model=self.name, usage=self.usage)

    @property
    def times(self) -> list[float]:
        return [round(at, 2) for at, _ in self.asked]


class Setup:
    """A gateway with limits, and a model behind it."""

    def __init__(self, key: str = "openai", **allowed: int) -> None:
        self.clock = VirtualClock()
        self.model = Timed(self.clock)
        self.way: Ask = gateway([limits({key: ProviderLimit(**allowed)}, clock=self.clock)])

    async def ask(self, prompt: str = "What?", model: Timed | None = None, **request: int) -> ModelResponse:
        chosen: Model = model or self.model
        return await self.way(chosen, ModelRequest(prompt=prompt, **request), FREE)

    def run(self, *calls):
        async def together():
            return await asyncio.gather(*calls, return_exceptions=True)

        return run_virtual(together(), self.clock)


def test_requests_beyond_the_minute_wait_for_the_next():
    setup = Setup(requests_per_minute=2)
    setup.run(*[setup.ask() for _ in range(5)])
    assert setup.model.times == [0, 0, 60, 60, 120]


def test_calls_beyond_the_parallel_ones_wait_for_a_place():
    setup = Setup(parallel=2)
    setup.model.seconds = 3
    setup.run(*[setup.ask() for _ in range(5)])
    assert setup.model.times == [0, 0, 3, 3, 6]
    assert setup.model.most_at_once == 2


def test_tokens_are_set_aside_before_and_corrected_after_the_call():
    setup = Setup(tokens_per_minute=2_000)
    setup.model.seconds = 1
    setup.model.usage = Usage(requests=1, input_tokens=100, output_tokens=100)
    setup.run(*[setup.ask(max_tokens=1_500) for _ in range(4)])
    # Each sets 1,502 aside and gives 1,302 back a second later.
    assert setup.model.times == [0, 1, 2, 60]


def test_an_answer_longer_than_expected_holds_the_next_back():
    setup = Setup(tokens_per_minute=2_000)
    setup.model.usage = Usage(requests=1, input_tokens=100, output_tokens=1_900)
    setup.run(setup.ask(max_tokens=10))
    setup.run(setup.ask(max_tokens=10))
    assert setup.model.times == [0, 60]


def test_a_request_larger_than_the_minute_goes_alone():
    setup = Setup(tokens_per_minute=100)
    setup.model.usage = Usage(requests=1, input_tokens=500, output_tokens=500)
    setup.run(*[setup.ask(max_tokens=500) for _ in range(2)])
    assert setup.model.times == [0, 60]


@pytest.mark.parametrize(
    ("key", "names", "shared"),
    [
        ("openai", ("openai:a", "openai:b"), True),
        ("openai", ("openai:a", "openai-chat:a"), True),
        ("openai-chat", ("openai:a", "openai-chat:a"), False),
        ("openai", ("openai:a", "anthropic:a"), False),
        ("openai:a", ("openai:a", "openai:b"), False),
    ],
)
def test_who_shares_a_limit(key, names, shared):
    setup = Setup(key, requests_per_minute=1)
    models = [Timed(setup.clock, name) for name in names]
    setup.run(*[setup.ask(model=model) for model in models])
    assert [model.times for model in models] == [[0], [60 if shared else 0]]


def test_everybody_leaves_a_provider_alone_as_long_as_it_asks_for():
    setup = Setup()
    setup.model.errors = [ActionError("slow down", error_class="rate_limited", retry_after=7)]
    other = Timed(setup.clock, "openai:large")
    elsewhere = Timed(setup.clock, "anthropic:large")
    setup.run(setup.ask())
    setup.run(setup.ask(model=other), setup.ask(model=elsewhere), setup.ask())
    assert (other.times, elsewhere.times, setup.model.times) == ([7], [0], [0, 7])


def test_a_model_with_limits_of_its_own_belongs_to_its_provider_all_the_same():
    setup = Setup("openai:large", parallel=1)
    large = Timed(setup.clock, "openai:large")
    large.errors = [ActionError("slow down", error_class="rate_limited", retry_after=7)]
    setup.run(setup.ask(model=large))
    setup.run(setup.ask(), setup.ask(model=large))
    assert (setup.model.times, large.times) == ([7], [0, 7])


def test_those_already_in_line_wait_too_when_the_provider_asks_to_slow_down():
    setup = Setup(parallel=1)
    setup.model.seconds = 1
    setup.model.errors = [ActionError("slow down", error_class="rate_limited", retry_after=9)]
    setup.run(*[setup.ask() for _ in range(3)])
    assert setup.model.times == [0, 10, 11]


def test_nobody_waits_in_line_for_a_provider_that_asks_for_more_than_a_minute():
    setup = Setup(parallel=1)
    setup.model.seconds = 1
    setup.model.errors = [ActionError("slow down", error_class="rate_limited", retry_after=3_600)]
    found = setup.run(*[setup.ask() for _ in range(3)])
    assert [error.error_class for error in found] == ["rate_limited"] * 3
    assert found[2].retry_after == 3_600
    assert found[2].message == (
        "openai asked to be left alone for another 3600 s\n→ try again later, or name a model of another provider"
    )
    assert setup.model.times == [0]


def test_other_failures_hold_nobody_back():
    setup = Setup()
    setup.model.errors = [ActionError("busy", error_class="transient", retry_after=7)]
    setup.run(setup.ask())
    setup.run(setup.ask())
    assert setup.model.times == [0, 0]


def test_the_line_is_served_in_order_even_when_a_small_request_comes_behind_a_large_one():
    setup = Setup(tokens_per_minute=1_000)
    setup.run(
        setup.ask("first", max_tokens=600),
        setup.ask("large", max_tokens=900),
        setup.ask("small", max_tokens=1),
    )
    assert [prompt for _, prompt in setup.model.asked] == ["first", "large", "small"]


@pytest.mark.parametrize("leaves", [0, 1])
def test_who_is_cancelled_leaves_the_line_to_the_others(leaves):
    setup = Setup(parallel=1)
    setup.model.seconds = 10

    async def scenario() -> None:
        first = asyncio.ensure_future(setup.ask("running"))
        await asyncio.sleep(0)
        waiting = [asyncio.ensure_future(setup.ask(prompt)) for prompt in ("a", "b")]
        await setup.clock.sleep(1)
        waiting[leaves].cancel()
        await asyncio.gather(first, *waiting, return_exceptions=True)

    run_virtual(scenario(), setup.clock)
    assert [prompt for _, prompt in setup.model.asked] == ["running", "ab"[1 - leaves]]
    assert setup.model.times == [0, 10]


def test_a_call_that_was_cancelled_gives_its_place_back():
    setup = Setup(parallel=1)
    setup.model.seconds = 99

    async def scenario() -> None:
        with pytest.raises(TimeoutError):
            async with setup.clock.timeout(5):
                await setup.ask()
        setup.model.seconds = 0
        await setup.ask()

    run_virtual(scenario(), setup.clock)
    assert setup.model.times == [0, 5]


def test_what_a_budget_stopped_was_not_sent_and_does_not_count():
    setup = Setup(requests_per_minute=1, tokens_per_minute=2_000)
    setup.model.errors = [ActionError("no money", error_class="budget")]
    setup.run(setup.ask())
    setup.run(setup.ask())
    assert setup.model.times == [0, 0]


def test_tokens_of_a_failed_call_count_as_they_were_used():
    setup = Setup(tokens_per_minute=2_000)
    used = Usage(requests=1, input_tokens=10)
    setup.model.errors = [ActionError("nonsense", error_class="bad_output", usage=used)]
    setup.run(setup.ask(max_tokens=1_500))
    setup.run(setup.ask(max_tokens=1_500))
    assert setup.model.times == [0, 0]


def test_no_limit_costs_no_wait():
    setup = Setup("anthropic", parallel=1)
    setup.run(*[setup.ask() for _ in range(50)])
    assert Counter(setup.model.times) == {0: 50}


@settings(max_examples=60)
@given(
    rate=st.integers(1, 5),
    parallel=st.integers(1, 4),
    arrivals=st.lists(st.floats(0, 200), min_size=1, max_size=25),
    seconds=st.floats(0, 40),
)
def test_no_minute_ever_holds_more_than_is_allowed_and_everybody_is_served_in_order(
    rate, parallel, arrivals, seconds
):
    setup = Setup(requests_per_minute=rate, parallel=parallel)
    setup.model.seconds = seconds

    async def come(number: int, at: float) -> None:
        await setup.clock.sleep(at)
        await setup.ask(str(number))

    arrivals.sort()
    setup.run(*[come(number, at) for number, at in enumerate(arrivals)])
    begun = [at for at, _ in setup.model.asked]
    assert len(begun) == len(arrivals)
    assert all(later - earlier >= 60 for earlier, later in zip(begun, begun[rate:], strict=False))
    assert setup.model.most_at_once <= parallel
    in_order = [arrivals[int(prompt)] for _, prompt in setup.model.asked]
    assert all(earlier <= later for earlier, later in pairwise(in_order))
