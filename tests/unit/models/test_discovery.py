"""A model server on this machine is found by itself."""

import asyncio
import json

import pytest

from doubles.openai_server import OpenAIServer
from orchestrator.models.discovery import CONNECT_PATIENCE, FoundServer, Place, find_server
from orchestrator.testing.virtual_time import VirtualClock, run_virtual


def find(*places: Place) -> FoundServer | None:
    return asyncio.run(find_server(places, clock=VirtualClock()))


class Silent:
    """Opens connections that never come about."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.asked.append((host, port))
        return await asyncio.get_running_loop().create_future()


class Sink:
    """As much of a StreamWriter as is used."""

    def write(self, data: bytes) -> None:
        assert data.startswith(b"GET ")

    async def drain(self) -> None:
        pass

    def close(self) -> None:
        pass


def answering(raw: bytes):
    async def opener(host: str, port: int):
        reader = asyncio.StreamReader()
        reader.feed_data(raw)
        reader.feed_eof()
        return reader, Sink()

    return opener


@pytest.mark.parametrize("provider", ["ollama", "openai-chat"])
def test_a_running_server_is_found_with_its_models(provider):
    with OpenAIServer("zephyr", "nomic-embed-text", "llama-instruct", "alpha") as server:
        found = find(Place(provider, server.port))
    assert found == FoundServer(provider, server.base_url, ("llama-instruct", "alpha", "zephyr"))
    assert found.model == f"{provider}:llama-instruct"


def test_the_first_place_in_order_wins_not_the_quickest():
    with OpenAIServer("one") as first, OpenAIServer("two") as second:
        places = [Place("openai-chat", first.port), Place("openai-chat", second.port)]
        assert find(*places).models == ("one",)
        assert find(*reversed(places)).models == ("two",)


def test_a_closed_port_is_no_server():
    with OpenAIServer() as gone:
        port = gone.port
    assert find(Place("ollama", port)) is None


def test_all_places_are_asked_at_once_and_none_for_long():
    clock, silent = VirtualClock(), Silent()
    places = [Place("ollama", 1), Place("openai-chat", 2), Place("openai-chat", 3)]
    assert run_virtual(find_server(places, clock=clock, opener=silent), clock) is None
    assert clock.monotonic() == pytest.approx(CONNECT_PATIENCE)
    assert [port for _, port in silent.asked] == [1, 2, 3]
    assert {host for host, _ in silent.asked} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH",
        b"HTTP/1.0 404 Not Found\r\n\r\n" + json.dumps({"data": [{"id": "m"}]}).encode(),
        b"HTTP/1.0 200 OK\r\n\r\n<html>a web page</html>",
        b"HTTP/1.0 200 OK\r\n\r\n[1]",
        b'HTTP/1.0 200 OK\r\n\r\n{"data": 5}',
        b'HTTP/1.0 200 OK\r\n\r\n{"data": [5, {"id": 7}, {"id": ""}]}',
        b'HTTP/1.0 200 OK\r\n\r\n{"data": [{"id": "text-embedding-3"}]}',
        b"HTTP/1.0 200 OK\r\n\r\n" + b" " * 4_100_000,
    ],
)
def test_what_does_not_list_models_is_no_model_server(raw):
    found = find_server([Place("openai-chat", 1)], clock=VirtualClock(), opener=answering(raw))
    assert asyncio.run(found) is None
