"""Writing to the standard streams, whose other end may be gone or full."""

import os
import sys
from contextlib import suppress
from typing import TextIO

from orchestrator.errors import OrchestratorError


class OutputError(OrchestratorError):
    """What a command found could not be written to stdout."""


def write(stream: TextIO, text: str) -> None:
    """Write a text at once.

    What stderr does not take is dropped: there is nobody left to tell. Raises `BrokenPipeError` for a reader of stdout that
    left, and `OutputError` for whatever else stdout refuses.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        let_go(stream)
        if stream is sys.stderr:
            return
        if isinstance(error, BrokenPipeError):
            raise
        raise unwritable(error) from None


def unwritable(error: OSError) -> OutputError:
    """Return the error for an output that stdout refuses."""
    advice = "free some space, or send the output elsewhere."
    return OutputError(f"the output cannot be written: {error.strerror}\n  → {advice}")


def let_go(stream: TextIO) -> None:
    """Send what is written from now on, and what still waits to be, nowhere: the interpreter flushes at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
