"""Models behind OpenAI's protocols: OpenAI itself, any compatible server, and Ollama.

`openai:NAME` speaks the Responses API, `openai-chat:NAME` chat completions, `ollama:NAME` the same with a local server.
The vendor's packages take most of a second to import, so they are loaded in a thread when the first request is made.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse
from orchestrator.errors import SetupError

if TYPE_CHECKING:
    from orchestrator.integrations.openai_wire import Wire

PREFIXES = ("openai", "openai-chat", "ollama")
"""The providers that `open_model` knows."""

OPENAI_URL = "https://api.openai.com/v1"
OLLAMA_PORT = 11434
DEFAULT_MODEL = "openai:gpt-5.6-luna"
"""What `auto` means where only a key is configured: OpenAI's small model."""


def open_model(name: str, base_url: str = "", *, environment: Mapping[str, str]) -> "OpenAIModel":
    """Return the model of that full name; raises SetupError when its package or key is missing.

    `base_url` goes before the environment's `OPENAI_BASE_URL`, `OLLAMA_BASE_URL` and `OLLAMA_HOST`.
    """
    provider, _, model = name.partition(":")
    if provider not in PREFIXES or not model:
        raise ValueError(f"{name} is no model of OpenAI or Ollama")
    _require_package()
    if provider == "ollama":
        return OpenAIModel(name, base_url or ollama_url(environment), key="")
    address = base_url or environment.get("OPENAI_BASE_URL", "").rstrip("/") or OPENAI_URL
    key = "" if base_url else environment.get("OPENAI_API_KEY", "")
    if not key and address == OPENAI_URL:
        raise SetupError(
            f"{name} needs a key, and OPENAI_API_KEY is not set",
            hint="set OPENAI_API_KEY, or set OPENAI_BASE_URL for another server that speaks its protocol",
        )
    return OpenAIModel(name, address, key=key)


def default_model(environment: Mapping[str, str]) -> str | None:
    """Return the model that the environment's key stands for, None where there is no key."""
    return DEFAULT_MODEL if environment.get("OPENAI_API_KEY") else None


def ollama_url(environment: Mapping[str, str]) -> str:
    """Return the address of Ollama's OpenAI protocol; `OLLAMA_HOST` may be a host, a host and port, or an address."""
    from urllib.parse import urlsplit

    given = environment.get("OLLAMA_BASE_URL") or environment.get("OLLAMA_HOST") or "127.0.0.1"
    address = urlsplit(given if "//" in given else f"http://{given}")
    host = address.hostname or "127.0.0.1"
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - what a server binds to, not us
    usual = OLLAMA_PORT if address.scheme == "http" else 443
    path = address.path.rstrip("/")
    shown = f"[{host}]" if ":" in host else host
    return (
        f"{address.scheme}://{shown}:{address.port or usual}{path if path.endswith('/v1') else path + '/v1'}"
    )


def is_loopback(address: str) -> bool:
    """Return whether an address is on this machine, by its text: nothing is looked up."""
    from urllib.parse import urlsplit

    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())


class OpenAIModel:
    """A `core.model.Model` that speaks one of OpenAI's protocols."""

    def __init__(self, name: str, base_url: str, *, key: str, timeout: float = 600.0) -> None:
        self.name = name
        self.base_url = base_url
        self.profile = ModelProfile(structured=True, tools=True, local=is_loopback(base_url))
        self._key = key
        self._timeout = timeout
        self._wire: Wire | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer one request by one call; raises ActionError."""
        return await (await self._connected()).ask(request)

    async def close(self) -> None:
        """Close the connections."""
        wire, self._wire = self._wire, None
        if wire is not None and self._loop is asyncio.get_running_loop():
            await wire.close()

    async def _connected(self) -> "Wire":
        """Return the wire of this event loop: pooled connections do not outlive the loop that opened them."""
        if self._wire is None or self._loop is not asyncio.get_running_loop():
            wire_class = await asyncio.to_thread(_load_wire)
            if self._wire is None or self._loop is not asyncio.get_running_loop():
                self._wire = wire_class(
                    self.name,
                    self.base_url,
                    key=self._key,
                    timeout=self._timeout,
                    free=self.profile.local or self.name.startswith("ollama:"),
                )
                self._loop = asyncio.get_running_loop()
        return self._wire


def _load_wire() -> "type[Wire]":
    from orchestrator.integrations.openai_wire import Wire

    return Wire


def _require_package() -> None:
    from importlib.util import find_spec

    if find_spec("openai") is None:
        raise SetupError(
            "models of OpenAI, compatible servers and Ollama need the package openai",
            hint='install it with: pip install "py-orc[openai]"',
        )
