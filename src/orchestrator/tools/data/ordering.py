"""Which rows, and in which order: filter, sort, deduplicate."""

from collections.abc import Hashable
from decimal import Decimal
from typing import Literal

from orchestrator.tools.data.formula import each_true
from orchestrator.tools.data.row import Row, Rows, check_columns, columns_of, identities, listed, table
from orchestrator.tools.tool import tool


@tool(name="data.filter", effect="pure")
def filter_(rows: list[Row], where: str) -> Rows:
    """Keep the rows for which an expression is true.

    Args:
        rows: The table.
        where: An expression over `row` and `index`, without braces: `row.price > 10`.
    """
    return table([row for row, fits in zip(rows, each_true(where, rows, what="where"), strict=True) if fits])


@tool(name="data.sort", effect="pure")
def sort(rows: list[Row], by: str | list[str], *, descending: bool | list[bool] = False) -> Rows:
    """Sort rows; equal ones keep their order, missing values come last.

    Args:
        rows: The table.
        by: The columns to sort by, the most important first; numbers come before text.
        descending: Turn the order around, for all columns or one by one.
    """
    names = listed(by)
    check_columns(rows, names, what="by")
    downwards = [descending] * len(names) if isinstance(descending, bool) else descending
    ordered = list(rows)
    for name, down in reversed(list(zip(names, downwards, strict=False))):
        present = [row for row in ordered if not _is_missing(row.get(name))]
        missing = [row for row in ordered if _is_missing(row.get(name))]
        present.sort(key=lambda row: _rank(row[name]), reverse=down)
        ordered = present + missing
    return table(ordered)


@tool(name="data.deduplicate", effect="pure")
def deduplicate(
    rows: list[Row], by: str | list[str] | None = None, keep: Literal["first", "last"] = "first"
) -> Rows:
    """Keep one row of those that are the same.

    Args:
        rows: The table.
        by: The columns that make rows the same; all of them otherwise.
        keep: Which one to keep; it stays at its place.
    """
    names = columns_of(rows) if by is None else listed(by)
    check_columns(rows, names, what="by")
    kept: dict[tuple[Hashable, ...], int] = {}
    for index, row in enumerate(rows):
        key = identities(row, names)
        if keep == "last" or key not in kept:
            kept[key] = index
    return table([rows[index] for index in sorted(kept.values())])


def _is_missing(value: object) -> bool:
    return value is None or value != value  # not a number


def _rank(value: object) -> tuple[int, float | Decimal | str]:
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int | float | Decimal):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, repr(value))
