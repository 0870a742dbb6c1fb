"""Reads the fenced blocks of Markdown pages, each with the marker that stands before it.

A marker is an HTML comment on its own line: `run`, `fragment: steps`, `wrong: TEXT`, `file: NAME`, `exit: CODE`, `output`,
`skip: REASON`; several may follow one another.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(`{3,})(\S*)\s*$")
_MARKER = re.compile(r"^<!-- (\w+)(?:: (.+?))? -->$")


class Block(NamedTuple):
    """A fenced block."""

    line: int
    kind: str
    text: str
    markers: Mapping[str, str]


def pages() -> list[Path]:
    """Return every page of the project."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page in order."""
    lines = iter(enumerate(page.read_text(encoding="utf-8").splitlines(), 1))
    markers: dict[str, str] = {}
    for number, line in lines:
        if marker := _MARKER.match(line):
            markers[marker[1]] = marker[2] or ""
        elif fence := _FENCE.match(line):
            body: list[str] = []
            for _, inner in lines:
                if inner.strip() == fence[1]:
                    break
                body.append(inner)
            yield Block(number, fence[2], "\n".join(body) + "\n", markers)
            markers = {}
        elif line.strip():
            markers = {}


def fits(shown: str, real: str) -> bool:
    """Tell whether an output is the one shown: `…` stands for anything in a line, alone for any number of lines."""
    pattern = ""
    for line in shown.strip().splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ ]*\n"
    real = "\n".join(line.rstrip() for line in real.strip().splitlines()) + "\n"
    return re.fullmatch(pattern, real if real.strip() else "") is not None
