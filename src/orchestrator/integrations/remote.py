"""A model behind a vendor's protocol.

The vendor's packages take up to a second to import, so they are loaded in a thread when the first request is made.
"""

import asyncio
from typing import TYPE_CHECKING

from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse
from orchestrator.integrations.vendors import Vendor

if TYPE_CHECKING:
    from orchestrator.integrations.access import Connect
    from orchestrator.integrations.wire import Wire


class RemoteModel:
    """A `core.model.Model` that speaks one vendor's protocol."""

    def __init__(self, name: str, vendor: Vendor, base_url: str, *, key: str, timeout: float) -> None:
        self.name = name
        self.base_url = base_url
        model = name.partition(":")[2]
        self.profile = ModelProfile(
            structured=True, tools=True, vision=vendor.sees(model, base_url), local=vendor.is_local(base_url)
        )
        self._vendor = vendor
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
        loop = asyncio.get_running_loop()
        if self._wire is None or self._loop is not loop:
            wire = await asyncio.to_thread(self._opened)
            if self._wire is None or self._loop is not loop:
                self._wire, self._loop = wire, loop
            else:  # another request was quicker
                await wire.close()
        return self._wire

    def _opened(self) -> "Wire":
        from orchestrator.integrations.access import Access
        from orchestrator.integrations.wire import Wire

        provider, _, model = self.name.partition(":")
        access = Access(provider, model, self.base_url, self._key, self._timeout)
        line = _connect(self._vendor.module)(access)
        is_free = self.profile.local or provider == "ollama"
        return Wire(self.name, line, access, keys=self._vendor.keys, free=is_free)


def _connect(module: str) -> "Connect":
    from importlib import import_module

    return import_module(f"orchestrator.integrations.{module}").connect
