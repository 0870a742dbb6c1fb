"""Text in chunks that lose nothing: each piece ends where the next one's new part begins."""

import re
from typing import Annotated, Final, Literal, TypedDict

from orchestrator.errors import ActionError
from orchestrator.tools.limit import Limit
from orchestrator.tools.tool import tool

Unit = Literal["characters", "words", "sentences", "paragraphs"]


class Chunks(TypedDict):
    """A text, taken apart."""

    chunks: list[str]
    count: int


@tool(name="text.split", effect="pure")
def split(
    text: str,
    size: Annotated[int, Limit(ge=1)],
    by: Unit = "characters",
    overlap: Annotated[int, Limit(ge=0)] = 0,
) -> Chunks:
    """Split a text into chunks; without overlap, joining them gives the text again.

    Args:
        text: The text.
        size: How many units make a chunk.
        by: The unit; white space belongs to the unit before it.
        overlap: How many units of a chunk stand at the beginning of the next, too.
    """
    if overlap >= size:
        raise ActionError(
            f"`overlap` ({overlap}) must be smaller than `size` ({size})", error_class="invalid_request"
        )
    units = list(text) if by == "characters" else _units(text, _ENDS[by])
    starts = range(0, max(len(units) - overlap, 1), size - overlap) if units else ()
    chunks = ["".join(units[start : start + size]) for start in starts]
    return Chunks(chunks=chunks, count=len(chunks))


_ENDS: Final = {
    "words": re.compile(r"\s+(?=\S)"),
    "sentences": re.compile(
        r"(?<=[.!?…。！？])[\"'”’»)\]]*\s+(?=\S)|(?:\r?\n[ \t]*){2,}(?=\S)|(?<=[。！？])(?=\S)"
    ),
    "paragraphs": re.compile(r"(?:\r?\n[ \t]*){2,}(?=\S)"),
}
"""Where a unit ends: after the match."""


def _units(text: str, end: re.Pattern[str]) -> list[str]:
    units: list[str] = []
    start = 0
    for match in end.finditer(
        text.rstrip()
    ):  # where white space ends the text, a search would look at it over and over
        units.append(text[start : match.end()])
        start = match.end()
    return [*units, text[start:]] if start < len(text) else units
