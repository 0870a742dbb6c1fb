"""Filters on lists and mappings that need no other filter or test."""

# ruff: noqa: ARG001 - every filter takes the frame, whether it needs it or not
# ruff: noqa: FBT001, FBT002 - arguments stand in Jinja2's own order
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from orchestrator.core.undefined import Undefined
from orchestrator.expressions.frame import Frame
from orchestrator.expressions.operators import add
from orchestrator.expressions.refusal import Missing, Refused
from orchestrator.expressions.values import (
    ABSENT,
    Group,
    defined,
    describe,
    elements_of,
    field,
    text_of,
    truth,
    usable,
    weigh,
)

Attribute = str | int | None
Element = TypeVar("Element")


def batch(frame: Frame, value: object, linecount: int, fill_with: object = None) -> list[list[object]]:
    """Part a list into lists of a length; the last one is filled up if a filling is given."""
    items = _items(frame, value)
    if _whole(linecount) < 1:
        raise Refused("`batch` needs a length of at least 1")
    batches = [list(items[start : start + linecount]) for start in range(0, len(items), linecount)]
    if batches and fill_with is not None:
        frame.element_room(linecount)
        batches[-1] += [fill_with] * (linecount - len(batches[-1]))
    return batches


def dict_sort(
    frame: Frame,
    value: object,
    case_sensitive: bool = False,
    by: str = "key",
    reverse: bool = False,
) -> list[tuple[object, object]]:
    """Give the pairs of a mapping, sorted by key or by value."""
    if not isinstance(value, Mapping):
        raise Refused(f"`dictsort` needs a mapping, not {describe(value)}")
    if by not in {"key", "value"}:
        raise Refused('`dictsort` sorts by "key" or by "value"')
    weigh(frame, value)
    place = 0 if by == "key" else 1
    fold = _as_is if truth(case_sensitive) else _folded
    pairs: list[tuple[object, object]] = list(value.items())
    return _sorted(pairs, lambda pair: fold(pair[place]), reverse=truth(reverse))


def first(frame: Frame, value: object) -> object:
    """Give the first element."""
    items = _items(frame, value) if isinstance(value, Mapping) else elements_of(value)
    return items[0] if items else Undefined("first", hint="the list is empty.")


def last(frame: Frame, value: object) -> object:
    """Give the last element."""
    items = _items(frame, value) if isinstance(value, Mapping) else elements_of(value)
    return items[-1] if items else Undefined("last", hint="the list is empty.")


def group_by(
    frame: Frame,
    value: object,
    attribute: str | int,
    default: object = None,
    case_sensitive: bool = False,
) -> list[Group]:
    """Sort by a key and give pairs of the key's value and the elements that have it."""
    from itertools import groupby

    read = getter(attribute, default=ABSENT if default is None else default)
    fold = _as_is if truth(case_sensitive) else _folded
    items = _items(frame, value)
    weigh(frame, value)
    keyed = _sorted([(fold(usable(read(item))), item) for item in items], _first_of_pair)
    groups = [[item for _, item in pairs] for _, pairs in groupby(keyed, key=_first_of_pair)]
    return [Group((read(group[0]), group)) for group in groups]


def items_of(frame: Frame, value: object) -> list[tuple[object, object]]:
    """Give the pairs of a mapping."""
    if not isinstance(value, Mapping):
        raise Refused(f"`items` needs a mapping, not {describe(value)}")
    frame.element_room(len(value))
    return list(value.items())


def join(frame: Frame, value: object, d: object = "", attribute: Attribute = None) -> str:
    """Print the elements as one text with a separator between them."""
    items = _items(frame, value)
    read = getter(attribute)
    separator = text_of(frame, d)
    pieces: list[str] = []
    length = 0
    for item in items:
        pieces.append(text_of(frame, read(item)))
        length += len(pieces[-1]) + len(separator)
    frame.text_room(length)
    return separator.join(pieces)


def length(frame: Frame, value: object) -> int:
    """Count the elements, characters or keys."""
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value)
    raise Refused(f"{describe(value)} has no length")


def as_list(frame: Frame, value: object) -> list[object]:
    """Make a list of the elements, characters or keys."""
    return list(_items(frame, value))


def largest(frame: Frame, value: object, case_sensitive: bool = False, attribute: Attribute = None) -> object:
    """Give the largest element."""
    items, key = _ranked(frame, value, attribute, case_sensitive)
    return _extreme(max, items, key) if items else Undefined("max", hint="the list is empty.")


def smallest(
    frame: Frame, value: object, case_sensitive: bool = False, attribute: Attribute = None
) -> object:
    """Give the smallest element."""
    items, key = _ranked(frame, value, attribute, case_sensitive)
    return _extreme(min, items, key) if items else Undefined("min", hint="the list is empty.")


def reverse(frame: Frame, value: object) -> object:
    """Turn a text or a list round."""
    if isinstance(value, str):
        frame.text_room(len(value))
        return value[::-1]
    return list(_items(frame, value))[::-1]


def slice_columns(frame: Frame, value: object, slices: int, fill_with: object = None) -> list[list[object]]:
    """Part a list into a number of lists of about the same length."""
    items = _items(frame, value)
    if _whole(slices) < 1:
        raise Refused("`slice` needs a number of at least 1")
    frame.element_room(slices)
    size, longer = divmod(len(items), slices)
    columns: list[list[object]] = []
    for number in range(slices):
        start = number * size + min(number, longer)
        column = list(items[start : start + size + (number < longer)])
        if fill_with is not None and number >= longer:
            column.append(fill_with)
        columns.append(column)
    return columns


def sort(
    frame: Frame,
    value: object,
    reverse: bool = False,
    case_sensitive: bool = False,
    attribute: Attribute = None,
) -> list[object]:
    """Sort a list, by one key or several joined with commas."""
    items = _items(frame, value)
    weigh(frame, value)
    fold = _as_is if truth(case_sensitive) else _folded
    names = attribute.split(",") if isinstance(attribute, str) else [attribute]
    readers = [getter(name) for name in names]
    return _sorted(items, lambda item: [fold(usable(read(item))) for read in readers], reverse=truth(reverse))


def total(frame: Frame, value: object, attribute: Attribute = None, start: object = 0) -> object:
    """Add up numbers, or one field of each element."""
    read = getter(attribute)
    result = start
    for item in _items(frame, value):
        result = add(frame, result, usable(read(item)))
    return result


def unique(
    frame: Frame, value: object, case_sensitive: bool = False, attribute: Attribute = None
) -> list[object]:
    """Keep the first of equal elements."""
    items, key = _ranked(frame, value, attribute, case_sensitive)
    seen: set[object] = set()
    kept: list[object] = []
    for item in items:
        mark = key(item)
        if mark not in seen:
            seen.add(mark)
            kept.append(item)
    return kept


def getter(attribute: Attribute, *, default: object = ABSENT) -> Callable[[object], object]:
    """Return the function that reads a dotted key, such as `owner.name` or `0`, of an element."""
    if attribute is None:
        return _as_is
    parts: list[str | int] = [attribute]
    if isinstance(attribute, str):
        parts = [int(part) if part.isdigit() else part for part in attribute.split(".")]

    def read(item: object) -> object:
        value = item
        for part in parts:
            found = field(value, part)
            if found is ABSENT or isinstance(found, Undefined):
                if default is not ABSENT:
                    found = default
                elif found is ABSENT:
                    return Missing(str(attribute), value, part)
            value = found
        return value

    return read


SEQUENCE_FILTERS: Mapping[str, Callable[..., object]] = {
    "batch": batch, "count": length, "dictsort": dict_sort, "first": first, "groupby": group_by, "items": items_of,
    "join": join, "last": last, "length": length, "list": as_list, "max": largest, "min": smallest,
    "reverse": reverse, "slice": slice_columns, "sort": sort, "sum": total, "unique": unique,
}  # fmt: skip


def _items(frame: Frame, value: object) -> Sequence[object]:
    """Return the elements and spend for going through them."""
    items = elements_of(value)
    frame.spend(len(items) // 8)
    frame.element_room(len(items))
    return items


def _ranked(
    frame: Frame, value: object, attribute: Attribute, case_sensitive: object
) -> tuple[Sequence[object], Callable[[object], object]]:
    """Return the elements and the function that gives what they are compared by."""
    items = _items(frame, value)
    weigh(frame, value)
    read = getter(attribute)
    fold = _as_is if truth(case_sensitive) else _folded
    return items, lambda item: fold(defined(read(item)))


def _sorted(
    items: Sequence[Element], key: Callable[[Element], object], *, reverse: bool = False
) -> list[Element]:
    try:
        return sorted(items, key=key, reverse=reverse)  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownVariableType]
    except TypeError:
        raise Refused(
            "these elements have no order among them", "sort by one field, or convert them."
        ) from None


def _extreme(
    choose: Callable[..., object], items: Sequence[object], key: Callable[[object], object]
) -> object:
    try:
        return choose(items, key=key)
    except TypeError:
        raise Refused(
            "these elements have no order among them", "compare by one field, or convert them."
        ) from None


def _first_of_pair(pair: tuple[object, object]) -> object:
    return pair[0]


def _as_is(value: object) -> object:
    return value


def _folded(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _whole(value: object) -> int:
    if isinstance(value, int):
        return value
    raise Refused(f"a whole number is expected, not {describe(value)}", "convert it with `| int`.")
