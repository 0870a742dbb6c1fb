"""Markdown from values."""

import inspect
from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    return "\n".join([_row(heads), _row(["---"] * len(heads)), *(_row(row) for row in rows)])


def code_list(names: Iterable[str]) -> str:
    """Return names as code, with commas between them."""
    return ", ".join(f"`{name}`" for name in names)


def first_sentence(thing: object) -> str:
    """Return the first paragraph of a thing's docstring as one line."""
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
