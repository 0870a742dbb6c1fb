"""Rows and their columns: the words the actions of `data` share."""

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypedDict, cast

from orchestrator.core.suggestion import suggestion
from orchestrator.errors import ActionError

Row = dict[str, object]


class Rows(TypedDict):
    """A table."""

    rows: list[Row]
    columns: list[str]
    count: int


def table(rows: list[Row], columns: Sequence[str] | None = None) -> Rows:
    """Return rows with what is to be known about them."""
    return Rows(rows=rows, columns=list(columns_of(rows) if columns is None else columns), count=len(rows))


def columns_of(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Return every column of the rows, in the order of their first appearance."""
    seen: dict[str, None] = {}
    for row in rows:
        if row.keys() - seen.keys():
            seen.update(dict.fromkeys(row))
    return list(seen)


def check_columns(rows: Sequence[Mapping[str, object]], names: Iterable[str], *, what: str) -> None:
    """Raise ActionError for columns that no row has; without rows nothing is known."""
    if not rows:
        return
    known = columns_of(rows)
    for name in names:
        if name not in known:
            raise ActionError(
                f"no row has the column {name!r} that `{what}` names; {suggestion(name, known, kind='there are')}",
                error_class="invalid_request",
            )


def listed(names: str | Sequence[str]) -> list[str]:
    """Return one or many names as a list."""
    return [names] if isinstance(names, str) else list(names)


def identity(value: object) -> Hashable:
    """Return what makes two values the same: 1 and 1.0 are, 1 and true are not, lists and mappings by content."""
    if isinstance(value, bool):
        return ("truth", value)
    if isinstance(value, dict | list | tuple):
        return ("data", json.dumps(value, sort_keys=True, default=repr))
    return cast("Hashable", value)


def identities(row: Mapping[str, object], names: Sequence[str]) -> tuple[Hashable, ...]:
    """Return what makes two rows the same in some columns; a missing value is null."""
    return tuple(identity(row.get(name)) for name in names)
