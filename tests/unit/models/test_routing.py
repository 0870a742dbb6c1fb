"""Which model a request goes to: tables for every strategy, and what holds for all models and requirements."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.model import Image, ModelProfile, ModelRequest, Price
from orchestrator.models.catalogue.entry import Entry
from orchestrator.models.requirements import (
    NO_REQUIREMENTS,
    STRATEGIES,
    TASKS,
    Requirements,
    read_requirements,
)
from orchestrator.models.routing import (
    NO_NEED,
    Candidate,
    Need,
    UnknownHealth,
    cost_objection,
    most_tokens,
    need_of,
    route,
    unfitness,
)


def price(given: str, written: str) -> Price:
    return Price(input=Decimal(given), output=Decimal(written), source="test")


def model(name: str, cost: Price | None = None, *, quality=3, speed=3, weight=None, **profile) -> Candidate:
    entry = Entry(
        name=name,
        quality=quality,
        speed=speed,
        weight=weight,
        profile=ModelProfile(**{"local": False, **profile}),
    )
    return Candidate(entry, cost)


SMALL = model("small", price("0.1", "0.5"), quality=2, speed=5)
MIDDLE = model("middle", price("1", "5"), quality=4, speed=4)
LARGE = model("large", price("10", "50"), quality=5, speed=2)
HERE = model("here", price("0", "0"), quality=1, speed=1, local=True)
MODELS = [SMALL, MIDDLE, LARGE, HERE]


class Known(UnknownHealth):
    """Health of which something is known."""

    def __init__(self, *, broken: str = "", latencies=None) -> None:
        self._broken = broken
        self._latencies = latencies or {}

    def is_open(self, name: str) -> bool:
        return name == self._broken

    def latency(self, name: str) -> float | None:
        return self._latencies.get(name)


def order(
    models=MODELS, wanted=NO_REQUIREMENTS, need=NO_NEED, *, strategy="balanced", health=None, draw=None
):
    routing = route(models, wanted, need, strategy=strategy, health=health or UnknownHealth(), draw=draw)
    return [each.candidate.entry.name for each in routing.ranked]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("cost", ["here", "small", "middle", "large"]),
        ("quality", ["large", "middle", "small", "here"]),
        ("speed", ["small", "middle", "large", "here"]),
        ("balanced", ["middle", "small", "large", "here"]),
        ("local", ["here", "large", "middle", "small"]),
    ],
)
def test_every_strategy_has_an_order_of_its_own(strategy, expected):
    assert order(strategy=strategy) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"quality": 4}, ["large", "middle"]),
        ({"task": "classify"}, ["large", "middle", "small", "here"]),
        ({"task": "code"}, ["large", "middle"]),
        ({"task": "code", "quality": 5}, ["large"]),
        ({"speed": 4}, ["middle", "small"]),
        ({"local": True}, ["here"]),
        ({"local": False, "max_cost": "0.01 USD"}, ["middle", "small"]),
    ],
)
def test_requirements_leave_out_what_does_not_meet_them(wanted, expected):
    requirements, misfits = read_requirements(wanted)
    assert misfits == []
    assert order(wanted=requirements, strategy="quality") == expected


def test_a_model_without_vision_is_not_chosen_for_images():
    eyes = model("eyes", price("99", "99"), vision=True)
    request = ModelRequest(prompt="What is this?", images=(Image("image/png", b"\x89PNG"),))
    assert order([*MODELS, eyes], need=need_of(request), strategy="cost") == ["eyes"]


@pytest.mark.parametrize(
    ("need", "lack"),
    [
        (Need(vision=True), "it cannot see images"),
        (Need(tools=True), "it cannot call tools"),
        (Need(structured=True), "it does not hold itself to a schema"),
        (Need(least_input_tokens=101), "its context is 100 tokens, and the request has more"),
    ],
)
def test_what_a_model_cannot_do_is_said(need, lack):
    assert unfitness(model("m", context=100), NO_REQUIREMENTS, need) == [lack]


def test_a_model_that_fails_comes_last_and_says_so():
    routing = route(MODELS, NO_REQUIREMENTS, NO_NEED, strategy="cost", health=Known(broken="here"))
    assert routing.ranked[-1].candidate.entry.name == "here"
    assert routing.ranked[-1].reason == "it failed of late; the others come first"


def test_an_observed_latency_counts_instead_of_the_tier():
    assert order(strategy="speed", health=Known(latencies={"large": 0.2}))[0] == "large"
    assert order(strategy="speed", health=Known(latencies={"small": 60.0}))[-1] == "small"


def test_work_is_shared_by_weight_before_anything_else():
    one, two = model("one", weight=3.0), model("two", weight=1.0)
    firsts = [order([one, two, *MODELS], draw=lambda at=at: at / 100)[0] for at in range(100)]
    assert (firsts.count("one"), firsts.count("two")) == (75, 25)
    assert order([one, two, SMALL], draw=lambda: 0.9) == ["two", "one", "small"]
    assert order([two, one, SMALL]) == ["one", "two", "small"]


def test_a_weight_of_nothing_takes_no_part():
    assert order([model("rest", weight=0.0), model("one", weight=1.0)], draw=lambda: 0.99)[0] == "one"


@pytest.mark.parametrize(
    ("cost", "need", "limit", "objection"),
    [
        (None, NO_NEED, "1", "its price is not known"),
        (price("0", "0"), NO_NEED, "0.000001", ""),
        (price("1", "10"), Need(output_tokens=100), "0.001", ""),
        (
            price("1", "10"),
            Need(output_tokens=101),
            "0.001",
            "a call with 101 tokens of answer could cost 0.001010 USD",
        ),
        (price("1", "10"), NO_NEED, "0.01", ""),
        (price("1", "10"), NO_NEED, "0.009", "a call with 1000 tokens of answer could cost 0.010000 USD"),
        (price("1", "10"), Need(input_tokens=20_000), "0.01", "a call with 1000 tokens"),
    ],
)
def test_a_call_that_could_cost_too_much_is_objected_to(cost, need, limit, objection):
    assert cost_objection(cost, need, Decimal(limit)).startswith(objection)
    assert bool(cost_objection(cost, need, Decimal(limit))) == bool(objection)


def test_a_request_beyond_a_threshold_has_the_other_price():
    long = Price(input=Decimal(2), output=Decimal(4), source="test")
    tiered = Price(input=Decimal(1), output=Decimal(2), source="test", beyond=(100, long))
    assert tiered.most(99, 10) == Decimal(99 + 20) / 1_000_000
    assert tiered.most(100, 10) == Decimal(200 + 40) / 1_000_000


prices = st.none() | st.builds(
    Price,
    input=st.decimals(0, 100, places=3),
    output=st.decimals(0, 100, places=3),
    source=st.just("drawn"),
)
profiles = st.builds(
    ModelProfile,
    structured=st.booleans(),
    vision=st.booleans(),
    tools=st.booleans(),
    local=st.booleans(),
    context=st.none() | st.integers(1, 10_000),
)
entries = st.builds(
    Entry,
    name=st.sampled_from("abcdefgh"),
    profile=profiles,
    quality=st.integers(1, 5),
    speed=st.integers(1, 5),
    weight=st.none() | st.floats(0, 9),
)
candidates = st.lists(
    st.builds(Candidate, entries, prices), max_size=6, unique_by=lambda each: each.entry.name
)
flags = st.none() | st.booleans()
requirements = st.builds(
    Requirements,
    task=st.sampled_from(["", *TASKS]),
    quality=st.none() | st.integers(1, 5),
    speed=st.none() | st.integers(1, 5),
    context=st.none() | st.integers(1, 10_000),
    max_cost=st.none() | st.decimals(Decimal("0.0001"), 1, places=4),
    local=flags,
    structured=flags,
    tools=flags,
    vision=flags,
)
needs = st.builds(
    Need,
    structured=st.booleans(),
    vision=st.booleans(),
    tools=st.booleans(),
    input_tokens=st.integers(0, 20_000),
    least_input_tokens=st.integers(0, 20_000),
    output_tokens=st.none() | st.integers(1, 5_000),
)
draws = st.none() | st.floats(0, 1, exclude_max=True)


@given(candidates, requirements, needs, st.sampled_from(STRATEGIES), draws, st.randoms(use_true_random=False))
def test_routing_is_one_order_of_exactly_the_fit_models(models, wanted, need, strategy, chance, shuffler):
    draw = None if chance is None else lambda: chance
    health = Known(broken="a", latencies={"b": 1.0})
    routing = route(models, wanted, need, strategy=strategy, health=health, draw=draw)
    chosen = [each.candidate for each in routing.ranked]
    assert {each.entry.name for each in chosen} == {
        each.entry.name for each in models if not unfitness(each, wanted, need)
    }
    assert {each.entry.name for each in chosen}.isdisjoint(routing.unfit)
    assert len(chosen) + len(routing.unfit) == len(models)
    shuffled = models.copy()
    shuffler.shuffle(shuffled)
    assert route(shuffled, wanted, need, strategy=strategy, health=health, draw=draw).ranked == routing.ranked


@given(prices.filter(bool), needs, st.decimals(Decimal("0.0001"), 1, places=4))
def test_an_answer_held_short_keeps_within_the_cost(cost, need, limit):
    length = most_tokens(cost, need, limit)
    if length:
        assert cost.most(need.input_tokens, length) <= limit
        assert cost.most(need.input_tokens, length + 1) > limit


@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["task", "quality", "max_cost", "models"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=9)
        | st.lists(st.text(max_size=3), max_size=2),
    )
)
def test_any_mapping_is_read_or_told_where_it_is_wrong(wish):
    wanted, misfits = read_requirements(wish)
    assert isinstance(wanted, Requirements)
    assert all(misfit.path[0] in wish for misfit in misfits)
