"""Which of the models that are there a request goes to: those that fit, the best one first.

Routing is a pure function: the same models, requirements, health and draw give the same order, and a model that does not fit
is never in it. Fit ones with an open breaker come last, those that share the work by weight first, all others by strategy.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import log2
from typing import NamedTuple, Protocol

from msgspec import Struct

from orchestrator.core.misfit import shown
from orchestrator.core.model import ModelProfile, ModelRequest, Price
from orchestrator.models.catalogue.entry import Entry
from orchestrator.models.requirements import FLAGS, Requirements, Strategy
from orchestrator.models.token_estimate import input_tokens

LIKELY_ANSWER = 1_000
"""Tokens of an answer that `max_cost` must leave room for where the step sets no `max_tokens`."""
_SURELY = 2
"""The estimate errs upwards: a request surely has this part of it."""
_USUAL_SECONDS = {1: 30.0, 2: 12.0, 3: 6.0, 4: 3.0, 5: 1.0}
"""What a tier of speed is compared with where an observed latency is known."""


class Health(Protocol):
    """How models have done of late."""

    def is_open(self, name: str) -> bool:
        """Return whether the breaker of a model is open: it failed so often that it is left alone."""
        ...

    def latency(self, name: str) -> float | None:
        """Return the seconds that its answers took of late; None where nobody knows."""
        ...


class UnknownHealth:
    """Nothing is known: every model counts as well."""

    def is_open(self, name: str) -> bool:
        """Return False."""
        del name
        return False

    def latency(self, name: str) -> float | None:
        """Return None."""
        del name


class Need(Struct, frozen=True, kw_only=True):
    """What a request needs of the model that gets it."""

    structured: bool = False
    vision: bool = False
    tools: bool = False
    input_tokens: int = 0
    """An estimate, rather too high."""
    least_input_tokens: int = 0
    output_tokens: int | None = None
    """The longest answer that the step allows; None where it does not say."""


NO_NEED = Need()


class Candidate(NamedTuple):
    """A model that may be chosen."""

    entry: Entry
    price: Price | None


class Ranked(NamedTuple):
    """A model that fits, and why it stands where it does."""

    candidate: Candidate
    reason: str


class Routing(NamedTuple):
    """The outcome of a choice."""

    ranked: Sequence[Ranked]
    """The best first."""
    unfit: Mapping[str, Sequence[str]]
    """What each of the others lacks."""


def need_of(request: ModelRequest) -> Need:
    """Return what a request needs."""
    tokens = input_tokens(request)
    return Need(
        structured=request.schema is not None,
        vision=bool(request.images),
        tools=bool(request.tools),
        input_tokens=tokens,
        least_input_tokens=tokens // _SURELY,
        output_tokens=request.max_tokens,
    )


def abilities_lacking(profile: ModelProfile, need: Need) -> list[str]:
    """Return why a model cannot be given a request at all, whatever it costs."""
    lacking = ["it cannot see images"] if need.vision and not profile.vision else []
    if need.tools and not profile.tools:
        lacking.append("it cannot call tools")
    if need.structured and not profile.structured:
        lacking.append("it does not hold itself to a schema")
    if profile.context is not None and need.least_input_tokens > profile.context:
        lacking.append(f"its context is {profile.context} tokens, and the request has more")
    return lacking


def most_tokens(price: Price, need: Need, max_cost: Decimal) -> int | None:
    """Return how long an answer may be so that a call keeps within a cost; None where any length is free."""
    room = max_cost - price.most(need.input_tokens, 0)
    each = price.most(need.input_tokens, 1) - price.most(need.input_tokens, 0)
    if not each:
        return None if room >= 0 else 0
    return max(0, int(room / each))


def cost_objection(price: Price | None, need: Need, max_cost: Decimal) -> str:
    """Return why a call could cost more than it may; empty when it cannot, given an answer held short enough."""
    if price is None:
        return f"its price is not known, and a call may cost {max_cost} USD at most"
    affordable = most_tokens(price, need, max_cost)
    wanted = need.output_tokens or LIKELY_ANSWER
    if affordable is None or affordable >= wanted:
        return ""
    most = price.most(need.input_tokens, wanted)
    return f"a call with {wanted} tokens of answer could cost {most:.6f} USD, and {max_cost} USD is the most it may"


def unfitness(candidate: Candidate, wanted: Requirements, need: Need) -> list[str]:
    """Return everything for which a model is not to be chosen."""
    entry, profile = candidate.entry, candidate.entry.profile
    lacking = abilities_lacking(profile, need)
    for flag in FLAGS:
        has, asked = bool(getattr(profile, flag)), getattr(wanted, flag)
        if asked is not None and has != asked:
            lacking.append(f"{flag} is {shown(has)}")
    if wanted.context is not None and profile.context is None:
        lacking.append("its context is not known")
    elif wanted.context is not None and (profile.context or 0) < wanted.context:
        lacking.append(f"its context is {profile.context}")
    if entry.quality < wanted.tier:
        why = f", task {wanted.task} asks for {wanted.tier}" if wanted.task and not wanted.quality else ""
        lacking.append(f"its quality is {entry.quality}{why}")
    if wanted.speed is not None and entry.speed < wanted.speed:
        lacking.append(f"its speed is {entry.speed}")
    if wanted.max_cost is not None and (objection := cost_objection(candidate.price, need, wanted.max_cost)):
        lacking.append(objection)
    return list(dict.fromkeys(lacking))


def route(
    candidates: Sequence[Candidate],
    wanted: Requirements,
    need: Need,
    *,
    strategy: Strategy,
    health: Health,
    draw: Callable[[], float] | None = None,
) -> Routing:
    """Return the models that fit, in the order in which to ask them.

    `draw` gives a number in [0, 1) for sharing work by weight; without it the heaviest model comes first.
    """
    lacking = {each.entry.name: unfitness(each, wanted, need) for each in candidates}
    fit = [each for each in candidates if not lacking[each.entry.name]]
    order = sorted(fit, key=lambda each: _rank(each, strategy, health))
    well = [each for each in order if not health.is_open(each.entry.name)]
    ailing = [each for each in order if health.is_open(each.entry.name)]
    sharing = _shared([each for each in well if each.entry.weight], draw)
    ranked = [Ranked(each, f"its share is {each.entry.weight:g}") for each in sharing]
    ranked += [Ranked(each, _praise(each, strategy, health)) for each in well if each not in sharing]
    ranked += [Ranked(each, "it failed of late; the others come first") for each in ailing]
    return Routing(ranked, {name: lacks for name, lacks in lacking.items() if lacks})


def _shared(candidates: Sequence[Candidate], draw: Callable[[], float] | None) -> list[Candidate]:
    """Return models in an order drawn by their weights, each drawn from those that are left."""
    left = list(candidates)
    order: list[Candidate] = []
    while left:
        weights = [each.entry.weight or 0.0 for each in left]
        chosen = weights.index(max(weights)) if draw is None else _drawn(weights, draw())
        order.append(left.pop(chosen))
    return order


def _drawn(weights: Sequence[float], chance: float) -> int:
    mark, reached = chance * sum(weights), 0.0
    for index, weight in enumerate(weights):
        reached += weight
        if mark < reached:
            return index
    return len(weights) - 1


def _rank(candidate: Candidate, strategy: Strategy, health: Health) -> tuple[float | Decimal | str, ...]:
    """Return what sorts the better model first; the name decides between equals."""
    entry = candidate.entry
    cost, seconds = _blended(candidate.price), _seconds(entry, health)
    match strategy:
        case "cost":
            return cost, -entry.quality, seconds, entry.name
        case "quality":
            return -entry.quality, cost, seconds, entry.name
        case "speed":
            return seconds, cost, -entry.quality, entry.name
        case "local":
            return not entry.profile.local, -entry.quality, cost, entry.name
        case "balanced":
            return -_balance(entry, cost, seconds), cost, entry.name


def _balance(entry: Entry, cost: float, seconds: float) -> float:
    """Return points: one tier of quality counts as much as answers four times as quick, or a quarter of the price."""
    return 2 * entry.quality - log2(seconds + 0.5) - log2(1 + min(cost, 1_000.0) / 0.25)


def _blended(price: Price | None) -> float:
    """Return dollars per million tokens for the usual three tokens in to one out; infinite where unknown."""
    return float("inf") if price is None else float(3 * price.input + price.output) / 4


def _seconds(entry: Entry, health: Health) -> float:
    observed = health.latency(entry.name)
    return _USUAL_SECONDS[entry.speed] if observed is None else observed


def _praise(candidate: Candidate, strategy: Strategy, health: Health) -> str:
    entry, price = candidate.entry, candidate.price
    told = "price unknown" if price is None else f"{price.input:f}/{price.output:f} USD per million tokens"
    observed = health.latency(entry.name)
    quick = f"speed {entry.speed}" if observed is None else f"{observed:.1f} s of late"
    place = ", local" if strategy == "local" and entry.profile.local else ""
    return f"ranked by {strategy}: quality {entry.quality}, {quick}, {told}{place}"
