"""Finds a model server that runs on this machine: Ollama, or anything that speaks OpenAI's protocol.

Only loopback addresses are asked, all at once, and only whether they list models; whatever does not answer in that form
is not a model server. Nothing is kept: the caller decides how often to look.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from orchestrator.core.clock import Clock
from orchestrator.core.plain import is_list, is_mapping

Opener = Callable[[str, int], Awaitable[tuple[StreamReader, StreamWriter]]]
"""Opens a connection; `asyncio.open_connection` is one."""

CONNECT_PATIENCE = 0.15
"""Seconds for a connection: on loopback a server takes it at once or is not there."""
LIST_PATIENCE = 1.0
"""Seconds for the list of models; a server that loads one may be slow."""
_LONGEST_LIST = 4_000_000


class Place(NamedTuple):
    """Where a model server might listen."""

    provider: str
    """The prefix of its models' names: `ollama` or `openai-chat`."""
    port: int
    host: str = "127.0.0.1"

    @property
    def base_url(self) -> str:
        """The address under which it speaks OpenAI's protocol."""
        return f"http://{self.host}:{self.port}/v1"


class FoundServer(NamedTuple):
    """A server that answered."""

    provider: str
    base_url: str
    models: tuple[str, ...]
    """Names of models that can write text, the one to take first."""

    @property
    def model(self) -> str:
        """The full name of the model to take."""
        return f"{self.provider}:{self.models[0]}"


USUAL_PLACES = (
    Place("ollama", 11434),
    Place("openai-chat", 1234),  # LM Studio
    Place("openai-chat", 8080),  # llama-server, LocalAI
    Place("openai-chat", 8000),  # vLLM
    Place("openai-chat", 1337),  # Jan
    Place("openai-chat", 5001),  # KoboldCpp
)
"""In the order in which servers are preferred."""


async def find_server(
    places: Sequence[Place] = USUAL_PLACES, *, clock: Clock, opener: Opener = asyncio.open_connection
) -> FoundServer | None:
    """Return the first of the places where a server has a model, None where there is none."""
    asked = [asyncio.ensure_future(_ask(place, clock, opener)) for place in places]
    try:
        for answer in asked:
            found = await answer
            if found is not None:
                return found
        return None
    finally:
        for answer in asked:
            answer.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _ask(place: Place, clock: Clock, opener: Opener) -> FoundServer | None:
    try:
        async with clock.timeout(CONNECT_PATIENCE):
            reader, writer = await opener(place.host, place.port)
        try:
            async with clock.timeout(LIST_PATIENCE):
                body = await _get(place, reader, writer)
        finally:
            writer.close()
    except (OSError, TimeoutError, EOFError):
        return None
    names = sorted(set(_names(place.provider, body)), key=_preference)
    return FoundServer(place.provider, place.base_url, tuple(names)) if names else None


async def _get(place: Place, reader: StreamReader, writer: StreamWriter) -> bytes:
    """Return the body of the list; HTTP/1.0, so that it ends with the connection and comes in one piece."""
    path = "/api/tags" if place.provider == "ollama" else "/v1/models"
    head = f"GET {path} HTTP/1.0\r\nHost: {place.host}:{place.port}\r\nAccept: application/json\r\n\r\n"
    writer.write(head.encode())
    await writer.drain()
    received = bytearray()
    while piece := await reader.read(65_536):
        received += piece
        if len(received) > _LONGEST_LIST:
            return b""
    status, _, rest = bytes(received).partition(b"\r\n")
    return rest.partition(b"\r\n\r\n")[2] if b" 200" in status[:13] else b""


def _names(provider: str, body: bytes) -> list[str]:
    from json import loads

    try:
        listing: object = loads(body)
    except ValueError:
        return []
    entries = listing.get("models" if provider == "ollama" else "data") if is_mapping(listing) else None
    if not is_list(entries):
        return []
    key = "name" if provider == "ollama" else "id"
    names = [entry.get(key) for entry in entries if is_mapping(entry)]
    return [name for name in names if isinstance(name, str) and name and not _is_no_writer(name)]


def _is_no_writer(name: str) -> bool:
    return any(word in name.lower() for word in ("embed", "rerank", "whisper", "bge-", "minilm", "clip"))


def _preference(name: str) -> tuple[bool, str]:
    """Put models that follow instructions before base models, then go by name: the same list gives the same choice."""
    lowered = name.lower()
    return not any(word in lowered for word in ("instruct", "chat", "-it", "assistant")), lowered
