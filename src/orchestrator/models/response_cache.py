"""Answers of models are kept and given again: a layer of the gateway over levels, the nearest first.

The key covers all that changes an answer: the model's name, the address it is asked at, and the whole request. Who asks does
not belong to it, so runs share answers. Invariants:

- an answer found in one level is put into all that lie nearer;
- one process asks a model once for equal requests at the same time, and so do processes that share a level;
- only good answers are kept: not empty, and fitting the schema where one was asked for;
- a level that cannot be reached costs calls and a warning, never an answer.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import cast

from msgspec import DecodeError, ValidationError
from msgspec.json import Decoder, encode
from msgspec.structs import replace

from orchestrator.core.clock import Clock
from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.core.response_cache import AnswerLevel, KeptAnswer, SharedLevel
from orchestrator.core.schema import compile_schema
from orchestrator.core.usage import NO_USAGE
from orchestrator.errors import ActionError, StoreError
from orchestrator.models.answer import read_answer
from orchestrator.models.gateway import Ask, Caller

LEASE = 30.0
"""Seconds that a claim outlives the process that made it."""
POLL = 0.1
"""Seconds between two looks for the answer that another process has claimed."""
REST = 30.0
"""Seconds that a level which cannot be reached is left alone."""

_VERSION = 1
"""Part of every key: grows when what is kept changes its meaning."""
_OF_THE_CALLER = frozenset({"budget", "permission", "bug"})
"""Failures that are about who asks: others who wait for the same answer ask themselves."""
_DECODER = Decoder(ModelResponse)


class ResponseCache:
    """The kept answers of all models.

    Args:
        levels: The nearest first.
        shared: The one of them that processes share, where there is one.
        ttl: Seconds after which answers are forgotten; None keeps them.
        owner: What this process calls itself where it claims a question; no other may be called so.
    """

    def __init__(
        self,
        levels: Sequence[AnswerLevel],
        *,
        clock: Clock,
        shared: SharedLevel | None = None,
        ttl: float | None = None,
        owner: str = "",
    ) -> None:
        self._levels = levels
        self._shared = shared
        self._clock = clock
        self._ttl = ttl
        self._owner = owner
        self._flights: dict[str, asyncio.Future[ModelResponse | ActionError | None]] = {}
        """Questions under way, each with what its answer will be; None when whoever asked gave up."""
        self._resting: dict[int, float] = {}
        """Until when levels that could not be reached are left alone, by their place."""
        self._troubles: list[str] = []
        """What the next answer warns of."""

    def layer(self, ask: Ask) -> Ask:
        """Give a kept answer, or ask and keep the answer."""

        async def remembered(model: Model, request: ModelRequest, caller: Caller) -> ModelResponse:
            key = response_key(model, request)
            if key is None:
                return await ask(model, request, caller)
            while (flight := self._flights.get(key)) is not None:
                found = await asyncio.shield(flight)
                if isinstance(found, ModelResponse):
                    return _given_again(found)
                if found is not None:
                    raise _told_again(found)
            return await self._fly(key, model, request, lambda: ask(model, request, caller))

        return remembered

    async def clear(self, tag: str = "") -> int:
        """Forget the answers of a provider or model (`openai`, `openai:NAME`), all where it is empty.

        Returns how many the level that held most of them forgot. Raises `StoreError` when one cannot be reached.
        """
        return max([await level.clear(tag) for level in self._levels], default=0)

    async def close(self) -> None:
        """Let go of all levels."""
        for level in self._levels:
            await level.close()

    async def _fly(
        self, key: str, model: Model, request: ModelRequest, ask: Callable[[], Awaitable[ModelResponse]]
    ) -> ModelResponse:
        """Find or make an answer while all others who want the same one wait for it."""
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        outcome: ModelResponse | ActionError | None = None
        try:
            outcome = await self._find(key, self._levels)
            if outcome is None:
                outcome = await self._ask_once(key, model, request, ask)
            return self._with_troubles(outcome)
        except ActionError as error:
            outcome = None if error.error_class in _OF_THE_CALLER else error
            raise
        finally:
            del self._flights[key]
            flight.set_result(outcome)

    async def _ask_once(
        self, key: str, model: Model, request: ModelRequest, ask: Callable[[], Awaitable[ModelResponse]]
    ) -> ModelResponse:
        async with self._claim(key) as is_claimed:
            if is_claimed and (found := await self._find(key, self._levels)):
                return found  # another process asked meanwhile
            response = await ask()
            await self._keep(key, model, request, response)
            return response

    async def _find(self, key: str, levels: Sequence[AnswerLevel]) -> ModelResponse | None:
        now = self._clock.now()
        for place, level in enumerate(levels):
            if self._rests(place):
                continue
            try:
                kept = await level.get(key, now=now)
            except StoreError as error:
                self._leave_alone(place, error)
                continue
            response = None if kept is None else _decoded(kept.content)
            if kept is not None and response is not None:
                await self._put(key, kept, levels[:place])
                return _given_again(response)
        return None

    async def _keep(self, key: str, model: Model, request: ModelRequest, response: ModelResponse) -> None:
        content = _encoded(response) if _is_good(response, request) else None
        if content is None:
            return
        expires = None if self._ttl is None else self._clock.now() + self._ttl
        tags = (model.name.partition(":")[0], model.name)
        await self._put(key, KeptAnswer(content, expires, tags), self._levels)

    async def _put(self, key: str, answer: KeptAnswer, levels: Sequence[AnswerLevel]) -> None:
        for place, level in enumerate(levels):
            if self._rests(place):
                continue
            try:
                await level.put(key, answer, now=self._clock.now())
            except StoreError as error:
                self._leave_alone(place, error)

    @asynccontextmanager
    async def _claim(self, key: str) -> AsyncGenerator[bool]:
        """Be the only process that asks; gives False where that cannot be agreed."""
        shared = self._shared
        if shared is None or not await self._claimed(shared, key):
            yield False
            return
        renewing = asyncio.ensure_future(self._renew(shared, key))
        try:
            yield True
        finally:
            renewing.cancel()
            try:
                await shared.release(key, self._owner)
            except StoreError as error:
                self._leave_alone(self._levels.index(shared), error)

    async def _claimed(self, shared: SharedLevel, key: str) -> bool:
        """Wait until the claim is ours, or nobody needs one: the answer is there, or the level cannot be reached."""
        place = self._levels.index(shared)
        while not self._rests(place):
            try:
                if await shared.claim(key, self._owner, seconds=LEASE):
                    return True
            except StoreError as error:
                self._leave_alone(place, error)
                return False
            await self._clock.sleep(POLL)
        return False

    async def _renew(self, shared: SharedLevel, key: str) -> None:
        while True:
            await self._clock.sleep(LEASE / 3)
            try:
                await shared.claim(key, self._owner, seconds=LEASE)
            except StoreError:
                return  # the claim ends by itself, and somebody else may ask too

    def _rests(self, place: int) -> bool:
        return self._resting.get(place, 0.0) > self._clock.monotonic()

    def _leave_alone(self, place: int, error: StoreError) -> None:
        self._resting[place] = self._clock.monotonic() + REST
        self._troubles.append(str(error))

    def _with_troubles(self, response: ModelResponse) -> ModelResponse:
        if not self._troubles:
            return response
        told, self._troubles = tuple(dict.fromkeys(self._troubles)), []
        return replace(response, warnings=(*response.warnings, *told))


def response_key(model: Model, request: ModelRequest) -> str | None:
    """Return the key of a question; None for one that cannot be written down, which is never kept."""
    address: object = getattr(model, "base_url", "")  # of models that are asked over a network
    try:
        content = encode((_VERSION, model.name, str(address), request), enc_hook=_as_plain)
    except (TypeError, ValueError, OverflowError):
        return None
    return sha256(content).hexdigest()


def _as_plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise TypeError(f"{type(value).__name__} cannot be part of a key")


def _encoded(response: ModelResponse) -> bytes | None:
    """Return an answer as bytes; None for one that would not come back as it was."""
    try:
        content = encode(response)
    except (TypeError, ValueError, OverflowError):
        return None
    return content if _decoded(content) == response else None


def _decoded(content: bytes) -> ModelResponse | None:
    try:
        return _DECODER.decode(content)
    except (DecodeError, ValidationError):
        return None


def _is_good(response: ModelResponse, request: ModelRequest) -> bool:
    """Return whether an answer is worth keeping: trying a step again must not bring the same bad one back."""
    if response.calls:
        return True
    if request.schema is None:
        return bool(response.text.strip()) or response.value is not None
    try:
        validate = compile_schema(request.schema)
    except ValueError:
        return False
    return not read_answer(response, validate).wrong


def _given_again(response: ModelResponse) -> ModelResponse:
    """Return an answer as one that cost nothing."""
    return replace(response, usage=NO_USAGE, origin="cache")


def _told_again(error: ActionError) -> ActionError:
    """Return a failure for somebody else who waited for the same answer: what it used is counted once."""
    return ActionError(
        error.message,
        error_class=error.error_class,
        retryable=error.retryable,
        retry_after=error.retry_after,
        details=error.details,
    )
