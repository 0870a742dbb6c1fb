"""Answers are kept and given again: by level, by key, once for all who ask at the same time."""

import asyncio
from decimal import Decimal
from types import MappingProxyType

import pytest
from msgspec.structs import replace

from doubles.valkey import valkey
from orchestrator.core.model import Exchange, Image, ModelRequest, ModelResponse, ToolCall, ToolOffer
from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.errors import ActionError, StoreError
from orchestrator.integrations.redis import RedisAnswers
from orchestrator.models.gateway import Caller, gateway
from orchestrator.models.response_cache import LEASE, REST, ResponseCache, response_key
from orchestrator.state.answer_memory import AnswerMemory
from orchestrator.testing.models import ScriptedModel
from orchestrator.testing.virtual_time import VirtualClock, run_virtual

USED = Usage(requests=1, input_tokens=10, output_tokens=2, cost=Decimal("0.01"))
TOPIC = {"type": "string", "enum": ["guide", "reference"]}
QUESTION = ModelRequest(prompt="What?")


class Named(ScriptedModel):
    """A model with a full name and an address of its own."""

    def __init__(self, *answers: object, name: str = "openai:small", base_url: str = "") -> None:
        super().__init__(*answers, usage=USED)
        self.name = name
        self.base_url = base_url


class SlowModel(Named):
    """Answers after ten seconds."""

    def __init__(self, clock: VirtualClock, *answers: object) -> None:
        super().__init__(*answers)
        self._clock = clock

    async def generate(self, request: ModelRequest) -> ModelResponse:
        await self._clock.sleep(10)
        return await super().generate(request)


class Broken(AnswerMemory):
    """A level that cannot be reached while it is broken."""

    is_broken = True
    asked = 0

    async def get(self, key, *, now):
        self._reach()
        return await super().get(key, now=now)

    async def put(self, key, answer, *, now):
        self._reach()
        await super().put(key, answer, now=now)

    def _reach(self):
        self.asked += 1
        if self.is_broken:
            raise StoreError("it cannot be reached", hint="start it")


class Shared(AnswerMemory):
    """A level that several caches share, with claims in virtual time."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock
        self.claims: dict[str, tuple[str, float]] = {}

    async def claim(self, key: str, owner: str, *, seconds: float) -> bool:
        now = self._clock.monotonic()
        held = self.claims.get(key)
        if held and held[0] != owner and held[1] > now:
            return False
        self.claims[key] = (owner, now + seconds)
        return True

    async def release(self, key: str, owner: str) -> None:
        if self.claims.get(key, ("", 0))[0] == owner:
            del self.claims[key]


def cache_of(*levels, clock=None, **options) -> ResponseCache:
    return ResponseCache(levels or (AnswerMemory(),), clock=clock or VirtualClock(), **options)


def ask(cache, model, *requests, clock=None):
    """Ask one after the other; an error stands for its class."""
    way = gateway([cache.layer])

    async def asking():
        found = []
        for request in requests:
            try:
                found.append(await way(model, request, Caller()))
            except ActionError as error:
                found.append(error.error_class)
        return found

    return run_virtual(asking(), clock)


def at_once(cache, model, count, clock):
    way = gateway([cache.layer])

    async def asking():
        calls = (way(model, QUESTION, Caller(task=str(number))) for number in range(count))
        return await asyncio.gather(*calls, return_exceptions=True)

    return run_virtual(asking(), clock)


def test_an_equal_question_is_answered_without_a_call_and_costs_nothing():
    model = Named("yes")
    first, second = ask(cache_of(), model, QUESTION, QUESTION)
    assert (first.text, first.usage, first.origin) == ("yes", USED, "")
    assert (second.text, second.usage, second.origin, second.model) == (
        "yes",
        NO_USAGE,
        "cache",
        first.model,
    )
    assert len(model.requests) == 1


def test_data_warnings_and_tool_calls_come_back_as_they_were():
    response = ModelResponse(
        text="x",
        value={"a": [1, None, "é"]},
        model="openai:small",
        warnings=("hm",),
        calls=(ToolCall("1", "search", {"q": "x"}),),
    )
    first, second = ask(cache_of(), Named(response), QUESTION, QUESTION)
    assert second == replace(first, origin="cache")


FULL = ModelRequest(
    prompt="p",
    system="s",
    schema=TOPIC,
    max_tokens=5,
    temperature=0.5,
    images=(Image("image/png", b"\x89"),),
    tools=(ToolOffer("t", "d", {"type": "object"}),),
    exchanges=(Exchange((ToolCall("1", "t", {}),), ("r",)),),
    repair=(("a", "b"),),
)


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "q"},
        {"system": ""},
        {"schema": {"type": "string"}},
        {"schema": None},
        {"max_tokens": 6},
        {"temperature": 0.0},
        {"temperature": None},
        {"images": (Image("image/png", b"\x88"),)},
        {"images": (Image("image/gif", b"\x89"),)},
        {"tools": ()},
        {"exchanges": (Exchange((ToolCall("1", "t", {}),), ("other",)),)},
        {"repair": ()},
    ],
    ids=str,
)
def test_the_key_covers_the_whole_request(change):
    model = Named()
    assert response_key(model, FULL) == response_key(Named(), replace(FULL))
    assert response_key(model, FULL) != response_key(model, replace(FULL, **change))


def test_every_field_of_a_request_is_tried_above():
    tried = {
        "prompt",
        "system",
        "schema",
        "max_tokens",
        "temperature",
        "images",
        "tools",
        "exchanges",
        "repair",
    }
    assert set(ModelRequest.__struct_fields__) == tried


def test_the_key_covers_model_and_address():
    keys = {
        response_key(model, FULL)
        for model in (
            Named(),
            Named(name="openai:large"),
            Named(base_url="http://a"),
            Named(base_url="http://b"),
        )
    }
    assert len(keys) == 4


def test_who_asks_does_not_matter():
    way = gateway([cache_of().layer])
    model = Named("yes")

    async def asking():
        for run in "ab":
            await way(model, QUESTION, Caller(run_id=run, task=f"{run}.x"))

    run_virtual(asking())
    assert len(model.requests) == 1


def test_the_kind_of_a_mapping_does_not_matter_but_what_is_no_data_has_no_key():
    plain = replace(FULL, schema={"type": "object", "default": {"a": 1}})
    proxied = replace(
        FULL, schema=MappingProxyType({"type": "object", "default": MappingProxyType({"a": 1})})
    )
    assert response_key(Named(), plain) == response_key(Named(), proxied) is not None
    assert response_key(Named(), replace(FULL, schema={"default": object()})) is None


def test_what_cannot_be_written_down_is_asked_every_time():
    request = ModelRequest(prompt="\ud800")
    assert response_key(Named(), request) is None
    assert [each.text for each in ask(cache_of(), Named("a", "b"), request, request)] == ["a", "b"]


@pytest.mark.parametrize(
    ("request_", "bad"),
    [
        (QUESTION, "  "),
        (replace(QUESTION, schema=TOPIC), "neither"),
        (replace(QUESTION, schema={"type": 7}), "anything"),
        (QUESTION, ModelResponse(text="x", value=(1, 2), model="m")),
        (QUESTION, ModelResponse(text="x", value=object(), model="m")),
    ],
)
def test_bad_answers_and_those_that_would_come_back_otherwise_are_not_kept(request_, bad):
    model = Named(bad, "guide", "guide")
    ask(cache_of(), model, request_, request_)
    assert len(model.requests) == 2


def test_failures_are_not_kept():
    model = Named(ActionError("down", error_class="transient"), "yes")
    found = ask(cache_of(), model, QUESTION, QUESTION)
    assert (found[0], found[1].text) == ("transient", "yes")


def test_answers_are_forgotten_after_their_time():
    clock = VirtualClock()
    cache, model = cache_of(clock=clock, ttl=60), Named("old", "new")
    found = []
    for _ in range(3):
        found += [each.text for each in ask(cache, model, QUESTION, clock=clock)]
        clock.advance(59)
    assert found == ["old", "old", "new"]


def test_levels_are_asked_in_order_and_a_hit_moves_up():
    near, middle, far = AnswerMemory(), AnswerMemory(), AnswerMemory()
    key = response_key(Named(), QUESTION)
    ask(cache_of(far), Named("yes"), QUESTION)
    (found,) = ask(cache_of(near, middle, far), Named(), QUESTION)
    assert (found.text, found.origin) == ("yes", "cache")

    async def kept():
        return [await level.get(key, now=0) for level in (near, middle, far)]

    first, second, third = run_virtual(kept())
    assert first == second == third
    assert first.tags == ("openai", "openai:small")


def test_an_answer_goes_into_every_level():
    levels = [AnswerMemory(), AnswerMemory()]
    ask(cache_of(*levels), Named("yes"), QUESTION)
    for level in levels:
        assert ask(cache_of(level), Named(), QUESTION)[0].text == "yes"


@pytest.mark.parametrize(
    ("tag", "asked_again"),
    [("", ["openai:small", "openai:large", "google:x"]), ("openai", ["openai:small", "openai:large"]), ("openai:large", ["openai:large"])],
)  # fmt: skip
def test_answers_are_forgotten_by_provider_or_model(tag, asked_again):
    cache = cache_of(AnswerMemory(), AnswerMemory())
    models = [Named("1", "2", name=name) for name in ("openai:small", "openai:large", "google:x")]
    for model in models:
        ask(cache, model, QUESTION)
    assert run_virtual(cache.clear(tag)) == len(asked_again)
    for model in models:
        ask(cache, model, QUESTION)
    assert [model.name for model in models if len(model.requests) == 2] == asked_again


def test_equal_questions_at_the_same_time_are_asked_once():
    clock = VirtualClock()
    model = SlowModel(clock, "yes")
    found = at_once(cache_of(clock=clock), model, 5, clock)
    assert [each.text for each in found] == ["yes"] * 5
    assert sum((each.usage for each in found), NO_USAGE) == USED
    assert clock.monotonic() == 10


def test_all_who_wait_get_the_failure_but_what_it_used_is_counted_once():
    clock = VirtualClock()
    model = SlowModel(clock, ActionError("busy", error_class="transient", retry_after=3, usage=USED))
    found = at_once(cache_of(clock=clock), model, 3, clock)
    assert [(error.error_class, error.retry_after) for error in found] == [("transient", 3)] * 3
    assert [error.usage for error in found] == [USED, None, None]


def test_who_waits_asks_by_itself_when_the_failure_was_about_the_first():
    clock = VirtualClock()
    model = SlowModel(clock, ActionError("no money", error_class="budget"), "yes")
    first, *others = at_once(cache_of(clock=clock), model, 3, clock)
    assert first.error_class == "budget"
    assert [each.text for each in others] == ["yes", "yes"]
    assert len(model.requests) == 2


def test_who_waits_asks_by_itself_when_the_first_gives_up():
    clock = VirtualClock()
    model = SlowModel(clock, "yes")
    way = gateway([cache_of(clock=clock).layer])

    async def scenario():
        first, second, third = (asyncio.ensure_future(way(model, QUESTION, Caller())) for _ in range(3))
        await clock.sleep(5)
        first.cancel()
        second.cancel()
        return (await third).text

    assert run_virtual(scenario(), clock) == "yes"
    assert clock.monotonic() == 15


def test_a_level_that_cannot_be_reached_costs_a_warning_and_is_left_alone_for_a_while():
    clock = VirtualClock()
    broken = Broken()
    cache, model = cache_of(broken, AnswerMemory(), clock=clock), Named("yes", "no")
    first, second = ask(cache, model, QUESTION, QUESTION, clock=clock)
    assert (first.warnings, second.warnings) == (("it cannot be reached\n  → start it",), ())
    assert (second.text, second.origin, broken.asked) == ("yes", "cache", 1)
    broken.is_broken = False
    clock.advance(REST)
    ask(cache, model, QUESTION, QUESTION, clock=clock)
    assert (broken.asked, len(model.requests)) == (4, 1)


def test_a_level_that_fails_while_it_keeps_costs_no_answer():
    class Full(AnswerMemory):
        async def put(self, key, answer, *, now):
            raise StoreError("it is full")

    (found,) = ask(cache_of(Full()), Named("yes"), QUESTION)
    assert (found.text, found.warnings) == ("yes", ("it is full",))


def test_what_is_damaged_is_asked_anew():
    class Damaged(AnswerMemory):
        async def get(self, key, *, now):
            found = await super().get(key, now=now)
            return found and replace(found, content=b"{")

    model = Named("a", "b")
    assert [each.text for each in ask(cache_of(Damaged()), model, QUESTION, QUESTION)] == ["a", "b"]


# -- between processes -------------------------------------------------------------------------------------------------------


def processes(clock, shared, *models):
    """Ask one question from as many processes as there are models."""
    ways = [
        gateway(
            [ResponseCache([AnswerMemory(), shared], clock=clock, shared=shared, owner=str(number)).layer]
        )
        for number, _ in enumerate(models)
    ]

    async def asking():
        calls = (way(model, QUESTION, Caller()) for way, model in zip(ways, models, strict=True))
        return await asyncio.gather(*calls, return_exceptions=True)

    return run_virtual(asking(), clock)


def test_processes_that_share_a_level_ask_once():
    clock = VirtualClock()
    shared = Shared(clock)
    models = [SlowModel(clock, "yes") for _ in range(3)]
    found = processes(clock, shared, *models)
    assert [each.text for each in found] == ["yes"] * 3
    assert sum(len(model.requests) for model in models) == 1
    assert shared.claims == {}


def test_another_process_goes_on_after_a_failure():
    clock = VirtualClock()
    first = SlowModel(clock, ActionError("down", error_class="transient"))
    found = processes(clock, Shared(clock), first, SlowModel(clock, "yes"))
    assert (found[0].error_class, found[1].text) == ("transient", "yes")


def test_a_claim_is_renewed_while_a_call_takes_long():
    clock = VirtualClock()

    class Long(SlowModel):
        async def generate(self, request):
            await clock.sleep(LEASE * 3)
            return await super().generate(request)

    models = [Long(clock, "yes"), Long(clock, "yes")]
    processes(clock, Shared(clock), *models)
    assert [len(model.requests) for model in models] == [1, 0]


def test_the_claim_of_a_process_that_died_ends_by_itself():
    clock = VirtualClock()
    shared = Shared(clock)
    shared.claims[response_key(Named(), QUESTION)] = ("dead", LEASE)
    (found,) = processes(clock, shared, Named("yes"))
    assert found.text == "yes"
    assert clock.monotonic() == pytest.approx(LEASE, abs=0.2)


@pytest.mark.parametrize("fails", ["claim", "release"])
def test_claims_that_cannot_be_made_hold_nobody_up(fails):
    clock = VirtualClock()

    class Lost(Shared):
        async def claim(self, key, owner, *, seconds):
            if fails == "claim":
                raise StoreError("lost")
            return True

        async def release(self, key, owner):
            raise StoreError("lost")

    (found,) = processes(clock, Lost(clock), Named("yes"))
    assert found.text == "yes"


def test_a_claim_that_is_lost_while_others_wait_lets_them_ask():
    clock = VirtualClock()

    class Lost(Shared):
        calls = 0

        async def claim(self, key, owner, *, seconds):
            self.calls += 1
            if self.calls > 2:  # the first claims, the second is refused, then the connection is gone
                raise StoreError("lost")
            return await super().claim(key, owner, seconds=seconds)

    class Long(SlowModel):
        async def generate(self, request):
            await clock.sleep(LEASE)
            return await super().generate(request)

    models = [Long(clock, "yes"), Long(clock, "yes too")]
    found = processes(clock, Lost(clock), *models)
    assert [each.text for each in found] == ["yes", "yes too"]


def test_two_processes_ask_once_through_a_real_redis():
    from orchestrator.app.machine import SystemClock

    clock = SystemClock()

    class Waiting(Named):
        async def generate(self, request):
            began.set()
            await go_on.wait()
            return await super().generate(request)

    began, go_on = asyncio.Event(), asyncio.Event()

    async def scenario(url):
        levels = [RedisAnswers(url), RedisAnswers(url)]
        caches = [ResponseCache([level], clock=clock, shared=level, owner=str(id(level))) for level in levels]
        model = Waiting("yes")
        first = asyncio.ensure_future(gateway([caches[0].layer])(model, QUESTION, Caller()))
        await began.wait()
        second = asyncio.ensure_future(gateway([caches[1].layer])(model, QUESTION, Caller()))
        go_on.set()
        found = [(await first).origin, (await second).origin]
        for cache in caches:
            await cache.close()
        return found, len(model.requests)

    with valkey() as url:
        assert asyncio.run(scenario(url)) == (["", "cache"], 1)


def test_a_redis_that_dies_in_the_middle_costs_a_warning_and_nothing_else():
    from orchestrator.app.machine import SystemClock

    async def scenario():
        model = Named("one", "two", "three")
        with valkey() as url:
            level = RedisAnswers(url)
            cache = ResponseCache([level], clock=SystemClock(), shared=level, owner="me")
            way = gateway([cache.layer])
            found = [await way(model, QUESTION, Caller()), await way(model, QUESTION, Caller())]
        other = replace(QUESTION, prompt="Who?")
        found += [await way(model, other, Caller()), await way(model, other, Caller())]
        await cache.close()
        return found

    found = asyncio.run(scenario())
    assert [each.text for each in found] == ["one", "one", "two", "three"]
    assert [len(each.warnings) for each in found] == [0, 0, 1, 0]
    assert "the answers in Redis cannot be used" in found[2].warnings[0]
