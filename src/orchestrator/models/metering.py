"""The layer of money: what a call may cost at most is set aside before it is sent, and put right by the answer."""

from asyncio import to_thread
from collections.abc import Callable, Iterator
from decimal import Decimal
from json import dumps
from typing import NamedTuple

from msgspec.structs import replace

from orchestrator.core.model import Model, ModelProfile, ModelRequest, ModelResponse, Price
from orchestrator.core.purse import Hold
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.models.gateway import Ask, Caller, Layer

PER_PART = 64
"""Tokens that a provider may put around each part of a conversation."""
PER_CALL = 256
"""Tokens that a provider may put around a request as a whole: what it says of tools and schemas."""
PER_IMAGE = 50_000
"""More tokens than any provider counts for a picture."""

_UNSENT = frozenset({"rate_limited", "permission", "invalid_request", "transient", "budget"})
"""Errors of calls that no provider charges: they were refused, or never got there."""


class Terms(NamedTuple):
    """What is known of a model that its cost depends on."""

    price: Price | None
    profile: ModelProfile


class Most(NamedTuple):
    """What a call may cost at most."""

    cost: Decimal | None
    """US dollars; None where nobody knows."""
    basis: str
    """Where the price comes from; else what is not known."""


def metered(terms_of: Callable[[Model], Terms]) -> Layer:
    """Return the layer; `terms_of` may be slow for a model that does not say its price."""
    known: dict[str, Terms] = {}

    async def terms_for(model: Model) -> Terms:
        if model.name not in known:
            is_quick = model.profile.price is not None or model.profile.local
            known[model.name] = terms_of(model) if is_quick else await to_thread(terms_of, model)
        return known[model.name]

    def layer(ask: Ask) -> Ask:
        async def ask_and_pay(model: Model, request: ModelRequest, caller: Caller) -> ModelResponse:
            terms = await terms_for(model)
            most = most_of(request, terms)
            hold = await caller.purse.hold(model.name, most.cost, basis=most.basis)
            try:
                response = await ask(model, request, caller)
            except ActionError as error:
                await _pay_for_failure(hold, error)
                raise
            except BaseException:
                await hold.doubt()
                raise
            return await _paid(hold, response, terms.price)

        return ask_and_pay

    return layer


def most_of(request: ModelRequest, terms: Terms) -> Most:
    """Return what a request may cost at most."""
    price, profile = terms
    if price is None:
        return Most(None, "it has no price")
    if not price.input and not price.output and price.beyond is None:
        return Most(Decimal(0), price.source)
    longest = request.max_tokens or profile.max_output or profile.context
    if longest is None:
        return Most(None, "nobody knows how long its answer may be (`max_tokens` would say it)")
    return Most(dearest(price, input_bound(request, profile), longest), price.source)


def dearest(price: Price, input_tokens: int, output_tokens: int) -> Decimal:
    """Return the most that a call with at most so many tokens may cost, in whatever tier of the price."""
    cost = price.most(input_tokens, output_tokens)
    if price.beyond is None or input_tokens < price.beyond[0]:
        return cost
    below = replace(price, beyond=None).most(min(input_tokens, price.beyond[0]), output_tokens)
    return max(below, dearest(price.beyond[1], input_tokens, output_tokens))


def input_bound(request: ModelRequest, profile: ModelProfile) -> int:
    """Return more tokens than a request has: no token is shorter than a byte, and no request longer than the context."""
    sizes = [len(text.encode(errors="surrogatepass")) + PER_PART for text in _texts(request)]
    bound = sum(sizes) + PER_CALL + PER_IMAGE * len(request.images)
    return bound if profile.context is None else min(bound, profile.context)


def _texts(request: ModelRequest) -> Iterator[str]:
    yield request.prompt
    yield request.system
    for answer, wrong in request.repair:
        yield answer
        yield wrong
    for exchange in request.exchanges:
        yield exchange.text
        yield from exchange.results
        for call in exchange.calls:
            yield call.name + dumps(call.arguments, default=str)
    for tool in request.tools:
        yield tool.name + tool.description + dumps(tool.parameters, default=str)
    if request.schema is not None:
        yield dumps(request.schema, default=str) * 2  # once for the provider, once for the model


async def _pay_for_failure(hold: Hold, error: ActionError) -> None:
    if isinstance(error.usage, Usage) and error.usage.requests:
        await hold.settle(error.usage)
    elif error.error_class in _UNSENT:
        await hold.release()
    else:
        await hold.doubt()


async def _paid(hold: Hold, response: ModelResponse, price: Price | None) -> ModelResponse:
    """Settle an answer; its cost follows from its tokens where the model does not say it."""
    usage = response.usage
    if usage.cost is None and price is not None and (usage.input_tokens or usage.output_tokens):
        usage = replace(usage, cost=price.most(usage.input_tokens, usage.output_tokens))
    elif usage.cost is None and price is not None and (price.input or price.output):
        await hold.doubt()  # it was charged, and nobody says for how much
        return response
    await hold.settle(usage)
    return replace(response, usage=usage)
