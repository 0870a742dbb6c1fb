"""Blocks as Markdown; charts are left out, as what they show stands in the text as well."""

from collections.abc import Sequence
from typing import assert_never

from orchestrator.tools.report.block import (
    Bars,
    Block,
    Code,
    Details,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Quote,
    Rule,
    Table,
)
from orchestrator.tools.report.escape import without_tags


def markdown_of(blocks: Sequence[Block]) -> str:
    """Return blocks as a Markdown document."""
    return "\n\n".join(_written(block) for block in blocks if not isinstance(block, Bars)) + "\n"


def _written(block: Block) -> str:  # one line per kind of block
    match block:
        case Heading(level, text):
            return f"{'#' * level} {without_tags(text)}"
        case Paragraph(text):
            return without_tags(text)
        case Code(raw, language):
            fence = "`" * max(3, _longest_run(raw) + 1)
            return f"{fence}{language}\n{raw}\n{fence}"
        case Quote(inner):
            return "\n".join(f"> {line}".rstrip() for line in markdown_of(inner).strip().split("\n"))
        case Listing(points, start):
            return "\n".join(_point(point, number, start) for number, point in enumerate(points))
        case Facts(pairs):
            return "\n".join(f"- **{without_tags(name)}:** {without_tags(text)}" for name, text in pairs)
        case Details(title, inner):
            return f"**{without_tags(title)}**\n\n{markdown_of(inner).strip()}"
        case Table(columns, rows, numeric):
            return _table(columns, rows, numeric)
        case Rule():
            return "---"
        case Bars():
            return ""
        case _:
            assert_never(block)


def _point(point: Sequence[Block], number: int, start: int | None) -> str:
    bullet = "- " if start is None else f"{start + number}. "
    lines = markdown_of(point).strip().split("\n")
    indent = " " * len(bullet)
    return "\n".join([bullet + lines[0], *(f"{indent}{line}".rstrip() for line in lines[1:])])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: frozenset[int]) -> str:
    divider = ["---:" if place in numeric else "---" for place in range(len(columns))]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in (columns, divider, *rows))


def _cell(text: str) -> str:
    return without_tags(text).replace("\\|", "|").replace("|", "\\|").replace("\n", " ")


def _longest_run(text: str) -> int:
    longest = run = 0
    for sign in text:
        run = run + 1 if sign == "`" else 0
        longest = max(longest, run)
    return longest
