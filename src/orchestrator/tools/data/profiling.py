"""What a table holds, column by column."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from orchestrator.tools.data.grouping import compute_one
from orchestrator.tools.data.row import Row, columns_of, identities, identity
from orchestrator.tools.tool import tool


class Frequent(TypedDict):
    """A value and how often it stands there."""

    value: object
    count: int


class Column(TypedDict):
    """One column's profile."""

    name: str
    types: list[str]
    """JSON's names of types."""
    nulls: int
    """Rows in which it is null or missing."""
    distinct: int
    min: object
    max: object
    mean: object
    median: object
    std: object
    top: list[Frequent]
    """The most frequent values."""


class Profile(TypedDict):
    """A table's profile."""

    count: int
    duplicates: int
    """Rows that are the same as an earlier one."""
    columns: list[Column]


@tool(name="data.profile", effect="pure")
def profile(rows: list[Row], top: int = 5) -> Profile:
    """Describe every column: types, nulls, distinct values, extremes, averages, the most frequent values.

    Args:
        rows: The table.
        top: How many frequent values are named.
    """
    names = columns_of(rows)
    return Profile(
        count=len(rows),
        duplicates=len(rows) - len({identities(row, names) for row in rows}),
        columns=[_column(name, rows, top) for name in names],
    )


def _column(name: str, rows: Sequence[Row], top: int) -> Column:
    values = [row[name] for row in rows if row.get(name) is not None]
    types = sorted({_type(value) for value in values})
    numeric = bool(values) and set(types) <= {"integer", "number"}
    ordered = numeric or types == ["string"]
    present = [{name: value} for value in values]
    return Column(
        name=name,
        types=types,
        nulls=len(rows) - len(values),
        distinct=len({identity(value) for value in values}),
        min=compute_one("min", present, name) if ordered else None,
        max=compute_one("max", present, name) if ordered else None,
        mean=compute_one("mean", present, name) if numeric else None,
        median=compute_one("median", present, name) if numeric else None,
        std=compute_one("std", present, name) if numeric else None,
        top=_frequent(values, top),
    )


def _frequent(values: Sequence[object], top: int) -> list[Frequent]:
    counted: dict[object, Frequent] = {}
    for value in values:
        counted.setdefault(identity(value), Frequent(value=value, count=0))["count"] += 1
    return sorted(counted.values(), key=lambda entry: -entry["count"])[:top]


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float | Decimal):
        return "number"
    return "string" if isinstance(value, str) else "object" if isinstance(value, dict) else "array"
