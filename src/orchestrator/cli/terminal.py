"""What a terminal may be shown: colours only where they are wanted, and no control characters of others."""

import os
import sys
from typing import TextIO

from orchestrator.app.sanitising import shown
from orchestrator.cli.streams import write

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}

SYMBOLS = {
    "completed": ("✓", "green"),
    "recovered": ("✓", "yellow"),
    "failed": ("✗", "red"),
    "damaged": ("✗", "red"),
    "skipped": ("–", "dim"),
    "cancelled": ("■", "yellow"),
    "interrupted": ("■", "yellow"),
    "in_doubt": ("?", "magenta"),
    "undone": ("↶", "yellow"),
    "running": ("●", "blue"),
    "retrying": ("↻", "yellow"),
    "waiting": ("?", "magenta"),
    "partial": ("!", "yellow"),
}
"""The sign and colour of every status."""


def has_colours(stream: TextIO) -> bool:
    """Return whether a stream wants colours: a terminal, and nobody says `NO_COLOR`."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Paper:
    """A stream to write lines on, with colours where it has them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_terminal = stream.isatty()
        self.colours = has_colours(stream)

    def paint(self, text: str, *styles: str) -> str:
        """Return the text in a style, plain where the stream has none."""
        if not self.colours or not text:
            return text
        codes = ";".join(_CODES[style] for style in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def line(self, text: str = "") -> None:
        """Write a line that py-orc composed."""
        write(self._stream, text + "\n")

    def clean(self, text: str) -> str:
        """Return somebody else's text as this stream may show it: unchanged unless it is a terminal."""
        return shown(text) if self.is_terminal else text

    def symbol(self, status: str) -> str:
        """Return the painted sign of a status."""
        sign, colour = SYMBOLS.get(status, ("·", "dim"))
        return self.paint(sign, colour)

    def status(self, status: str) -> str:
        """Return a status in its colour."""
        return self.paint(status, SYMBOLS.get(status, ("", "dim"))[1])


def out() -> Paper:
    """Return the paper for results."""
    return Paper(sys.stdout)


def err() -> Paper:
    """Return the paper for progress and problems."""
    return Paper(sys.stderr)


def width(otherwise: int = 100) -> int:
    """Return the columns of the terminal."""
    import shutil

    return shutil.get_terminal_size((otherwise, 24)).columns
