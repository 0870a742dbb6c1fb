"""How much each provider is asked: requests and tokens in a minute, calls at a time; who wants more waits in line.

A minute is any sixty seconds, not those of the clock on the wall. Tokens are set aside by an estimate before a call and
corrected by what the provider counted after it. Invariants:

- in no sixty seconds do more requests begin than are allowed, nor more tokens as far as they were known by then;
- a line is served in order of arrival, so a large request is not passed by small ones for ever;
- a provider that asks to slow down (`rate_limited` with a time) is left alone by everybody until then.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

from orchestrator.core.clock import Clock
from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.core.provider_limit import NO_LIMIT, ProviderLimit
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError, NotAskedError
from orchestrator.models.gateway import Ask, Caller, Layer
from orchestrator.models.token_estimate import input_tokens

MINUTE = 60.0
LONGEST_QUIET = 60.0
"""Seconds that a line waits for a provider that asked to slow down; for more, calls fail so that a chain can go on."""
USUAL_ANSWER = 1_000
"""Tokens set aside for an answer without `max_tokens`."""

_LEAST_WAIT = 0.001  # so that time passes however the rest of a minute is rounded
_FOR_EVER = float("inf")


def limits(allowed: Mapping[str, ProviderLimit], *, clock: Clock) -> Layer:
    """Return the layer that keeps to what is allowed.

    Args:
        allowed: By provider, or by the full name of a model that has a limit of its own. `openai` means `openai-chat` too:
            they are two protocols of one account.
    """
    lines: dict[str, _Line] = {}
    accounts: dict[str, _Account] = {}

    def line_of(name: str) -> _Line:
        provider = name.partition(":")[0]
        account = provider.removesuffix("-chat")
        key = next((each for each in (name, provider) if each in allowed), account)
        if key not in lines:
            lines[key] = _Line(
                allowed.get(key, NO_LIMIT), accounts.setdefault(account, _Account(account)), clock
            )
        return lines[key]

    def layer(ask: Ask) -> Ask:
        async def limited(model: Model, request: ModelRequest, caller: Caller) -> ModelResponse:
            line = line_of(model.name)
            call = await line.enter(input_tokens(request) + (request.max_tokens or USUAL_ANSWER))
            try:
                response = await ask(model, request, caller)
                line.count(call, response.usage)
            except ActionError as error:
                line.learn(call, error)
                raise
            finally:
                line.leave()
            return response

        return limited

    return layer


class _Call:
    """A call of the last minute."""

    __slots__ = ("at", "tokens")

    def __init__(self, at: float, tokens: float) -> None:
        self.at = at
        self.tokens = tokens


class _Account:
    """What all calls to one provider share, whatever limits they have."""

    __slots__ = ("name", "quiet_until")

    def __init__(self, name: str) -> None:
        self.name = name
        self.quiet_until = 0.0
        """Until when it asked to be left alone."""


class _Line:
    """The calls under one limit: those of the last minute, those under way, those that wait."""

    def __init__(self, limit: ProviderLimit, account: _Account, clock: Clock) -> None:
        self._account = account
        self._requests = limit.requests_per_minute or _FOR_EVER
        self._tokens = limit.tokens_per_minute or _FOR_EVER
        self._places = limit.parallel or _FOR_EVER
        self._clock = clock
        self._recent = deque[_Call]()
        self._recent_tokens = 0.0
        self._under_way = 0
        self._waiting = deque[asyncio.Event]()

    async def enter(self, tokens: float) -> _Call:
        """Take a place, waiting in line for it; raises ActionError when the provider wants to be left alone for long."""
        wanted = min(tokens, self._tokens)  # a request larger than a whole minute goes alone
        if self._waiting or self._pause(wanted) > 0:
            await self._stand_in_line(wanted)
        self._under_way += 1
        call = _Call(self._clock.monotonic(), wanted)
        self._recent.append(call)
        self._recent_tokens += wanted
        return call

    def leave(self) -> None:
        """Give the place back."""
        self._under_way -= 1
        self._wake_first()

    def count(self, call: _Call, usage: Usage) -> None:
        """Put what the provider counted in the place of the estimate."""
        if usage.input_tokens or usage.output_tokens:
            self._correct(call, float(usage.input_tokens + usage.output_tokens))

    def learn(self, call: _Call, error: ActionError) -> None:
        """Note what a failure tells about the provider, and about what was used."""
        if error.error_class == "rate_limited" and error.retry_after is not None:
            until = self._clock.monotonic() + error.retry_after
            self._account.quiet_until = max(self._account.quiet_until, until)
        if error.error_class == "budget":  # it was stopped on the way
            self._correct(call, 0.0)
            with suppress(ValueError):
                self._recent.remove(call)
        elif isinstance(error.usage, Usage):
            self.count(call, error.usage)

    async def _stand_in_line(self, tokens: float) -> None:
        changed = asyncio.Event()
        self._waiting.append(changed)
        try:
            while (pause := self._pause(tokens) if self._waiting[0] is changed else _FOR_EVER) > 0:
                changed.clear()
                with suppress(TimeoutError):
                    async with self._clock.timeout(None if pause == _FOR_EVER else max(pause, _LEAST_WAIT)):
                        await changed.wait()
        finally:
            self._waiting.remove(changed)
            self._wake_first()

    def _pause(self, tokens: float) -> float:
        """Return the seconds until a call may begin, for ever when that depends on another one's end."""
        now = self._clock.monotonic()
        while self._recent and now - self._recent[0].at >= MINUTE:
            self._recent_tokens -= self._recent.popleft().tokens
        quiet = self._account.quiet_until - now
        if quiet > LONGEST_QUIET:
            raise NotAskedError(
                f"{self._account.name} asked to be left alone for another {quiet:.0f} s\n"
                "→ try again later, or name a model of another provider",
                error_class="rate_limited",
                retry_after=quiet,
            )
        if self._under_way >= self._places:
            return _FOR_EVER
        return max(quiet, self._until_requests_fit(now), self._until_tokens_fit(now, tokens))

    def _until_requests_fit(self, now: float) -> float:
        if len(self._recent) < self._requests:
            return 0.0
        return MINUTE - (now - self._recent[len(self._recent) - int(self._requests)].at)

    def _until_tokens_fit(self, now: float, tokens: float) -> float:
        too_many = self._recent_tokens + tokens - self._tokens
        pause = 0.0
        for call in self._recent:
            if too_many <= 0:
                break
            too_many -= call.tokens
            pause = MINUTE - (now - call.at)
        return pause

    def _correct(self, call: _Call, tokens: float) -> None:
        if self._recent and call.at >= self._recent[0].at:  # else its minute is over
            self._recent_tokens += tokens - call.tokens
        call.tokens = tokens

    def _wake_first(self) -> None:
        if self._waiting:
            self._waiting[0].set()
