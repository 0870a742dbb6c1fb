"""Model answers in Redis, or in what speaks its protocol: shared by machines, with a claim on who asks the model.

Each answer is one key that expires by itself; each tag is a sorted set of the keys that have it, by their end, so that what
has expired can be dropped from it. Needs the package `redis`, imported when this file is.
"""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from typing import cast

from msgspec import DecodeError, ValidationError
from msgspec.msgpack import Decoder, encode
from redis.asyncio import Redis
from redis.exceptions import RedisError

from orchestrator.core.response_cache import KeptAnswer
from orchestrator.errors import StoreError

PATIENCE = 2.0
"""Seconds to wait for Redis before going on without it."""

_SOME = 500
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
_RENEW = """
local owner = redis.call('get', KEYS[1])
if owner == false then redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1 end
if owner == ARGV[1] then redis.call('pexpire', KEYS[1], ARGV[2]) return 1 end
return 0
"""
_DECODER = Decoder(KeptAnswer)


class RedisAnswers:
    """Answers in the Redis at an address such as `redis://localhost:6379/0`."""

    def __init__(self, url: str, *, prefix: str = "py-orc:") -> None:
        self._url = url
        self._prefix = prefix
        self._redis: Redis | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(self, key: str, *, now: float) -> KeptAnswer | None:
        """Return the entry unless it is missing, expired or not ours."""
        with self._troubles() as redis:
            content = cast("bytes | None", await redis.get(self._answer(key)))
        if content is None:
            return None
        try:
            answer = _DECODER.decode(content)
        except (DecodeError, ValidationError):
            return None
        return None if answer.expires is not None and answer.expires <= now else answer

    async def put(self, key: str, answer: KeptAnswer, *, now: float) -> None:
        """Keep an answer, replacing an older one."""
        left = None if answer.expires is None else max(1, int((answer.expires - now) * 1000))
        end = float("inf") if answer.expires is None else answer.expires
        name = self._answer(key)
        with self._troubles() as redis:
            async with redis.pipeline(transaction=True) as changes:
                changes.set(name, encode(answer), px=left)
                for tag in answer.tags:
                    changes.zremrangebyscore(self._tag(tag), "-inf", now)
                    changes.zadd(self._tag(tag), {name: end})
                await changes.execute()

    async def clear(self, tag: str = "") -> int:
        """Forget what has the tag, everything of py-orc's where it is empty."""
        with self._troubles() as redis:
            if tag:
                # pyright: ignore comments in this file stand where the package leaves its types open
                found = await redis.zrange(self._tag(tag), 0, -1)  # pyright: ignore[reportUnknownMemberType]
                names = cast("list[bytes]", found)
                count = await _unlink(redis, names)
                await redis.unlink(self._tag(tag))
                return count
            count = await _unlink(redis, await _scan(redis, self._answer("*")))
            await _unlink(redis, await _scan(redis, self._tag("*")))
            return count

    async def claim(self, key: str, owner: str, *, seconds: float) -> bool:
        """Say that an owner is about to make the answer, or still is; False when another one is."""
        with self._troubles() as redis:
            milliseconds = str(int(seconds * 1000))
            return bool(await redis.eval(_RENEW, 1, self._claimed(key), owner, milliseconds))

    async def release(self, key: str, owner: str) -> None:
        """End a claim of that owner; nobody else's."""
        with self._troubles() as redis:
            await redis.eval(_RELEASE, 1, self._claimed(key), owner)

    async def close(self) -> None:
        """Close the connections."""
        redis, self._redis = self._redis, None
        if redis is not None and self._loop is asyncio.get_running_loop():
            await redis.aclose()

    def _answer(self, key: str) -> str:
        return f"{self._prefix}answer:{key}"

    def _tag(self, tag: str) -> str:
        return f"{self._prefix}tag:{tag}"

    def _claimed(self, key: str) -> str:
        return f"{self._prefix}claim:{key}"

    @contextmanager
    def _troubles(self) -> Generator[Redis]:
        """Give the client of this event loop; what it raises becomes a `StoreError`."""
        try:
            loop = asyncio.get_running_loop()
            if self._redis is None or self._loop is not loop:  # connections do not outlive their loop
                self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                    self._url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
                )
                self._loop = loop
            yield self._redis
        except (RedisError, OSError, ValueError) as error:
            where = self._url.rpartition("@")[2].removeprefix("redis://")
            raise StoreError(
                f"the answers in Redis cannot be used: {error} — {where}",
                hint="start it, or correct `redis` under [cache] in py-orc.toml.",
            ) from error


async def _scan(redis: Redis, pattern: str) -> list[bytes]:
    names = cast(
        "AsyncIterator[bytes]",
        redis.scan_iter(match=pattern, count=_SOME),  # pyright: ignore[reportUnknownMemberType]
    )
    return [name async for name in names]


async def _unlink(redis: Redis, names: list[bytes]) -> int:
    """Delete keys, some at a time, and return how many there were."""
    gone = 0
    for start in range(0, len(names), _SOME):
        gone += await redis.unlink(*names[start : start + _SOME])
    return gone
