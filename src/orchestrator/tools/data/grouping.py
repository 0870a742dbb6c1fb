"""Many rows as one: aggregate and pivot."""

import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, cast

from orchestrator.core.suggestion import suggestion
from orchestrator.errors import ActionError
from orchestrator.tools.data.row import (
    Row,
    Rows,
    check_columns,
    identities,
    identity,
    listed,
    table,
)
from orchestrator.tools.tool import tool

Number = int | float | Decimal
Function = Literal["count", "sum", "mean", "median", "min", "max", "std", "first", "last", "list", "distinct"]


@tool(name="data.aggregate", effect="pure")
def aggregate(
    rows: list[Row], compute: dict[str, Literal["count"] | dict[str, str]], by: str | list[str] | None = None
) -> Rows:
    """Group rows and compute one row per group, in the order of the groups' first rows.

    Args:
        rows: The table.
        compute: New names with `count` (of rows) or `{function: column}`; functions are count (of values), sum, mean,
            median, min, max, std, first, last, list and distinct. Nulls do not count.
        by: The columns that make a group; none makes one group of everything.
    """
    names = listed(by or [])
    check_columns(rows, names, what="by")
    work = {name: _parsed(name, wanted, rows) for name, wanted in compute.items()}
    made: list[Row] = []
    for members in _groups(rows, names):
        row: Row = {name: members[0].get(name) for name in names} if members else {}
        for name, (function, column) in work.items():
            row[name] = len(members) if not column else compute_one(function, members, column)
        made.append(row)
    return table(made, [*names, *work])


@tool(name="data.pivot", effect="pure")
def pivot(
    rows: list[Row], index: str | list[str], columns: str, values: str, function: Function = "first"
) -> Rows:
    """Turn the values of a column into columns of their own.

    Args:
        rows: The table.
        index: The columns that make a row.
        columns: The column whose values become names, in the order of their first appearance.
        values: The column that fills them.
        function: What is made of several values for one place.
    """
    names = listed(index)
    check_columns(rows, [*names, columns, values], what="index, columns or values")
    headings = list(dict.fromkeys(_heading(row.get(columns)) for row in rows))
    made: list[Row] = []
    for members in _groups(rows, names):
        row: Row = {name: members[0].get(name) for name in names} if members else {}
        for heading in headings:
            place = [member for member in members if _heading(member.get(columns)) == heading]
            row[heading] = compute_one(function, place, values) if place else None
        made.append(row)
    return table(made, [*names, *headings])


def compute_one(function: str, rows: Sequence[Mapping[str, object]], column: str) -> object:
    """Return what a function makes of a column; raises ActionError for values it cannot take."""
    values = [row[column] for row in rows if row.get(column) is not None]
    try:
        return _FUNCTIONS[function](values)
    except (TypeError, ArithmeticError) as error:
        kinds = ", ".join(sorted({type(value).__name__ for value in values}))
        raise ActionError(
            f"{function} cannot be computed of the column {column!r}, which holds {kinds}",
            error_class="invalid_request",
        ) from error


def _parsed(name: str, wanted: str | Mapping[str, str], rows: Sequence[Row]) -> tuple[str, str]:
    if isinstance(wanted, str):
        return wanted, ""
    if len(wanted) != 1:
        raise ActionError(f"compute.{name} needs exactly one function", error_class="invalid_request")
    function, column = next(iter(wanted.items()))
    if function not in _FUNCTIONS:
        raise ActionError(
            f"compute.{name}: there is no function {function!r}; {suggestion(function, _FUNCTIONS)}",
            error_class="invalid_request",
        )
    check_columns(rows, [column], what=f"compute.{name}")
    return function, column


def _groups(rows: Sequence[Row], names: Sequence[str]) -> list[list[Row]]:
    groups: dict[tuple[Hashable, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(identities(row, names), []).append(row)
    return list(groups.values()) if names else [list(rows)]


def _heading(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, Decimal) else json.dumps(value, default=str)


def _numbers(values: Sequence[object]) -> list[Number]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise TypeError(type(value).__name__)
    return cast("list[Number]", values)


def _sum(values: Sequence[object]) -> Number:
    """Add exactly: integers and Decimals as they are, floats without accumulated rounding."""
    numbers = _numbers(values)
    if any(isinstance(number, float) for number in numbers):
        return math.fsum(float(number) for number in numbers)
    return sum(numbers)


def _mean(values: Sequence[object]) -> Number | None:
    numbers = _numbers(values)
    if not numbers:
        return None
    total = _sum(numbers)
    return total / len(numbers)


def _median(values: Sequence[object]) -> Number | None:
    numbers = sorted(_numbers(values))
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return _mean(numbers[middle - 1 : middle + 1])


def _std(values: Sequence[object]) -> float | None:
    """The standard deviation of a sample."""
    numbers = [float(number) for number in _numbers(values)]
    if len(numbers) < 2:
        return None
    mean = math.fsum(numbers) / len(numbers)
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1))


def _extreme(choose: Callable[..., object]) -> Callable[[Sequence[object]], object]:
    return lambda values: choose(values) if values else None


def _distinct(values: Sequence[object]) -> int:
    return len({identity(value) for value in values})


_FUNCTIONS: Final[Mapping[str, Callable[[Sequence[object]], object]]] = {
    "count": len,
    "sum": _sum,
    "mean": _mean,
    "median": _median,
    "min": _extreme(min),
    "max": _extreme(max),
    "std": _std,
    "first": lambda values: values[0] if values else None,
    "last": lambda values: values[-1] if values else None,
    "list": list,
    "distinct": _distinct,
}
