"""Functions that other processes can import by name."""

import os
import signal
import threading
from pathlib import Path


def whoami(params, ctx):
    return (os.getpid(), threading.current_thread().name, params["n"])


def die(params, ctx):
    os.kill(os.getpid(), signal.SIGKILL)


def hang(params, ctx):
    Path(params["started"]).touch()
    threading.Event().wait()


def reach(params, ctx):
    """Call a host."""
    import socket

    socket.create_connection((params["host"], 443), 0.01)
