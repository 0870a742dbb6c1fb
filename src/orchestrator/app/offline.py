"""Refuses the network to the whole process while an offline run executes: nothing but this machine can be reached.

An audit hook sees every connection, datagram and lookup that Python code makes, in any thread and any library, before it
happens; nothing is patched. A hook cannot be taken away again, so there is one per process, it is installed when the first
offline run begins, and it acts only while one lasts. That is why this file holds the one switch of py-orc that is global.

What it cannot see: extension modules that open sockets by themselves, the lookup in `socket.connect` with a host name (the
connection is refused all the same), and other programs. Those are told by `ORC_OFFLINE=1` in their environment, which
py-orc itself obeys.
"""

import os
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import cast

from orchestrator.core.control_system import ControlSystem
from orchestrator.core.loopback import is_loopback
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState
from orchestrator.core.store import Journal
from orchestrator.errors import ActionError

VARIABLE = "ORC_OFFLINE"


class OfflineControlSystem:
    """A control system whose runs reach nothing but this machine."""

    def __init__(self, inner: ControlSystem) -> None:
        self._inner = inner

    async def run(
        self, pipeline: Pipeline, state: RunState, journal: Journal, *, secrets: Mapping[str, str]
    ) -> RunState:
        """Bring a run as far as it goes, with the network refused as long as it lasts."""
        with network_refused():
            return await self._inner.run(pipeline, state, journal, secrets=secrets)

    def interrupt(self) -> None:
        """Stop all runs so that they can be resumed."""
        self._inner.interrupt()

    def interrupt_now(self) -> None:
        """Stop all runs without a grace time."""
        self._inner.interrupt_now()

    async def close(self) -> None:
        """Let go of threads and processes."""
        await self._inner.close()


@contextmanager
def network_refused() -> Generator[None]:
    """Refuse every address but loopback inside the block (`ActionError`, permission), in all threads of the process."""
    _SWITCH.on()
    try:
        yield
    finally:
        _SWITCH.off()


def refuse_network() -> None:
    """Refuse every address but loopback from now on; for worker processes of an offline run."""
    _SWITCH.on()


class _Switch:
    """Whether the hook of this process acts, by how many want it to."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = Lock()
        self._is_installed = False
        self._before: str | None = None
        """What the variable said before."""

    def on(self) -> None:
        with self._lock:
            self.count += 1
            if self.count > 1:
                return
            self._before = os.environ.get(VARIABLE)
            os.environ[VARIABLE] = "1"
            if not self._is_installed:
                sys.addaudithook(_hook)
                self._is_installed = True

    def off(self) -> None:
        with self._lock:
            self.count -= 1
            if self.count:
                return
            if self._before is None:
                os.environ.pop(VARIABLE, None)
            else:
                os.environ[VARIABLE] = self._before


_SWITCH = _Switch()


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    # Called for every import, every open file and more: it must be quick when it has nothing to say.
    if _SWITCH.count and event in _WATCHED:
        refuse_elsewhere(event, arguments)


def refuse_elsewhere(event: str, arguments: tuple[object, ...]) -> None:
    """Raise ActionError for an audit event of `socket` whose address is not on this machine."""
    host, port = _WATCHED[event](arguments)
    if isinstance(host, bytes | bytearray):
        host = host.decode(errors="replace")
    if not isinstance(host, str) or is_loopback(host):
        return
    shown = f"[{host}]" if ":" in host and port is not None else host
    message = (
        f"{shown if port is None else f'{shown}:{_text(port)}'} would have been called, and this run is offline\n"
        "→ run without --offline, or keep to this machine (localhost, 127.0.0.1, ::1)"
    )
    if host == _own_name():
        # Servers and mailers look their own name up for decoration, and do without where the system cannot tell.
        raise PermissionError(message)
    raise ActionError(message, error_class="permission")


def _own_name() -> str:
    import socket  # whoever made the event has imported it

    return socket.gethostname()


_Address = tuple[object, object]
"""Host and port; a host that is no text is no address of a network."""


def _of_socket(arguments: tuple[object, ...]) -> _Address:
    address = arguments[1]
    if not isinstance(address, tuple):
        return None, None  # the file system's sockets have a path for an address
    parts = cast("tuple[object, ...]", address)  # those of the kernel have numbers
    return (parts[0], parts[1]) if len(parts) > 1 else (None, None)


def _of_lookup(arguments: tuple[object, ...]) -> _Address:
    return arguments[0], arguments[1]


def _of_name(arguments: tuple[object, ...]) -> _Address:
    return arguments[0], None


def _of_reverse_lookup(arguments: tuple[object, ...]) -> _Address:
    return _of_socket((None, arguments[0]))


def _text(port: object) -> object:
    return port.decode(errors="replace") if isinstance(port, bytes) else port


_WATCHED: Mapping[str, Callable[[tuple[object, ...]], _Address]] = {
    "socket.connect": _of_socket,
    "socket.sendto": _of_socket,
    "socket.sendmsg": _of_socket,
    "socket.getaddrinfo": _of_lookup,
    "socket.gethostbyname": _of_name,
    "socket.gethostbyaddr": _of_name,
    "socket.getnameinfo": _of_reverse_lookup,
}
"""Events that can leave this machine, with where their arguments say to."""
