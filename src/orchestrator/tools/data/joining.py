"""Two tables as one."""

from collections.abc import Hashable, Sequence
from typing import Literal

from orchestrator.tools.data.row import Row, Rows, check_columns, columns_of, identities, table
from orchestrator.tools.tool import tool

Index = dict[tuple[Hashable, ...], list[int]]


@tool(name="data.join", effect="pure")
def join(
    left: list[Row],
    right: list[Row],
    on: str | list[str] | dict[str, str],
    how: Literal["inner", "left", "right", "full", "semi", "anti"] = "inner",
    suffix: str = "_right",
) -> Rows:
    """Join two tables where columns are equal; null equals nothing.

    Args:
        left: The first table; its order is kept.
        right: The second table.
        on: Columns of both, or a mapping of left to right columns.
        how: `inner` pairs; `left`, `right` and `full` also what has no partner; `semi` and `anti` only filter the left.
        suffix: Added to the names of right columns that the left has, too.
    """
    pairs = {on: on} if isinstance(on, str) else on if isinstance(on, dict) else {name: name for name in on}
    check_columns(left, pairs, what="on")
    check_columns(right, pairs.values(), what="on")
    index = _index(right, list(pairs.values()))
    partners = [index.get(identities(row, list(pairs)), []) for row in left]
    if how in ("semi", "anti"):
        wanted = how == "semi"
        return table(
            [row for row, found in zip(left, partners, strict=True) if bool(found) == wanted],
            columns_of(left),
        )
    merge = _Merge(columns_of(left), columns_of(right), pairs, suffix)
    joined: list[Row] = []
    met: set[int] = set()
    for row, found in zip(left, partners, strict=True):
        met.update(found)
        joined += (merge.both(row, right[number]) for number in found)
        if not found and how in ("left", "full"):
            joined.append(merge.both(row, {}))
    if how in ("right", "full"):
        joined += (merge.lonely(row) for number, row in enumerate(right) if number not in met)
    return table(joined, merge.columns)


def _index(rows: Sequence[Row], names: Sequence[str]) -> Index:
    index: Index = {}
    for number, row in enumerate(rows):
        key = identities(row, names)
        if None not in key:
            index.setdefault(key, []).append(number)
    return index


class _Merge:
    """Puts a left and a right row together, always with the same columns."""

    def __init__(self, left: Sequence[str], right: Sequence[str], pairs: dict[str, str], suffix: str) -> None:
        self._left = left
        self._keys = pairs
        self._right = {name: _free(name, left, suffix) for name in right if name not in pairs.values()}
        self.columns = [*left, *self._right.values()]

    def both(self, left: Row, right: Row) -> Row:
        row: Row = {name: left.get(name) for name in self._left}
        row.update({new: right.get(name) for name, new in self._right.items()})
        return row

    def lonely(self, right: Row) -> Row:
        row: Row = {}
        row.update((name, None) for name in self._left)
        row.update({left: right.get(name) for left, name in self._keys.items()})
        row.update({new: right.get(name) for name, new in self._right.items()})
        return row


def _free(name: str, taken: Sequence[str], suffix: str) -> str:
    while name in taken and suffix:
        name += suffix
    return name
