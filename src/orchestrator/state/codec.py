"""Records as lines of JSON and back, exactly.

A line is one object: `v` (the version of the record), `kind`, and the fields that differ from their defaults. What JSON
cannot say is tagged (`state.tags`). What comes back equals what went in, except that a tuple comes back as a list, any
mapping as a dict, an enumeration as its value, a UUID as text, a time zone as its offset, and an undefined value as None.

What cannot be kept at all (a set, an open file, an object of a class of its own, a value inside itself) is refused by
`encode_record` with an `ActionError` of class `bad_output` that names the place: the action that made it has failed, not
the store. Journals encode in `append`, so the engine meets the error before the record counts.
"""

from collections.abc import Callable, Mapping
from typing import cast, get_args

import orjson

from orchestrator.core.journal import (
    RECORD_VERSION,
    DecisionMade,
    Emitted,
    Record,
    TaskCancelled,
    TaskCompleted,
    TaskProgressed,
    TaskSkipped,
    TaskStarted,
    TaskUndone,
    TimerSet,
)
from orchestrator.errors import ActionError, StoreError
from orchestrator.state.record_fields import odd_field
from orchestrator.state.tags import UnkeepableError, tag, untag

Upgrade = Callable[[dict[str, object]], dict[str, object]]

UPGRADES: Mapping[int, Upgrade] = {}
"""How the fields of a record of version n become those of version n + 1."""


def encode_record(record: Record) -> bytes:
    """Return the record as one line, without a line break; raises `ActionError` for a value that cannot be kept."""
    kind = type(record)
    name, shape = _SHAPES[kind]
    data: dict[str, object] = {"v": RECORD_VERSION, "kind": name}
    for (field, default), value in zip(shape, record):  # noqa: B905 - twice as quick without `strict`
        if value is not default:
            data[field] = value
    return _dumped(data)


def decode_record(
    line: bytes, *, version: int = RECORD_VERSION, upgrades: Mapping[int, Upgrade] = UPGRADES
) -> Record:
    """Return the record of a line; raises `StoreError`, and nothing else, for one that is damaged or of another version."""
    fields = _loaded(line)
    found = fields.pop("v", None)
    if type(found) is not int or found != version:
        fields = _upgraded(fields, found, version=version, upgrades=upgrades)
    try:
        kind = _KINDS[cast("str", fields.pop("kind"))]
        if kind in _VALUED:
            fields.setdefault("value", None)
        record = kind(**fields)  # pyright: ignore[reportArgumentType, reportCallIssue]
    except (KeyError, TypeError):
        raise _damaged(line) from None
    if odd := odd_field(fields):
        raise _damaged(line, f"; its `{odd}` is none")
    return record


def encode_value(value: object) -> bytes:
    """Return any value that a record may hold as one line; raises as `encode_record` does."""
    return _dumped({"value": value})


def decode_value(line: bytes) -> object:
    """Return the value of a line; raises `StoreError` for one that is damaged."""
    fields = _loaded(line)
    if "value" not in fields:
        raise _damaged(line)
    return fields["value"]


def check_record(record: Record) -> None:
    """Raise what `encode_record` would raise; much quicker, for stores that keep records as they are."""
    kind = type(record)
    if kind in _FIXED:
        return
    place = _OPEN.get(kind)
    if place is None:
        encode_record(record)
        return
    value = record[place]
    if type(value) in _SCALARS:
        return
    try:
        orjson.dumps(value, option=_NATIVE)
    except TypeError:
        encode_record(record)


_NATIVE = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
_DEPTH = 254
"""How deep orjson writes; it reads deeper, and then Python's own stack would be the limit."""

_SCALARS = frozenset({str, bool, int, float, type(None)})

_REQUIRED = object()
_KINDS: dict[str, type[Record]] = {kind.__name__: kind for kind in get_args(Record)}
_VALUED = frozenset(kind for kind in _KINDS.values() if "value" in kind._fields)
_SHAPES: dict[type[Record], tuple[str, tuple[tuple[str, object], ...]]] = {
    kind: (
        name,
        tuple(
            (field, kind._field_defaults.get(field, None if field == "value" else _REQUIRED))
            for field in kind._fields
        ),
    )
    for name, kind in _KINDS.items()
}
"""Name and fields of each kind; a field that is its default is left out of the line."""

_OPEN: dict[type[Record], int] = {TaskCompleted: 2, DecisionMade: 3, TaskStarted: 5, Emitted: 3}
"""Frequent kinds with one field that holds whatever an action gave."""

_FIXED: frozenset[type[Record]] = frozenset(
    {TaskSkipped, TaskProgressed, TaskCancelled, TimerSet, TaskUndone}
)
"""Kinds that hold nothing but texts and numbers."""


def _dumped(data: dict[str, object]) -> bytes:
    try:
        line = orjson.dumps(data, option=_NATIVE)
    except TypeError:
        return _dumped_with_tags(data)
    # orjson writes nan as null and knows nothing of tags; where neither is in sight, the line is exact as it is.
    return _dumped_with_tags(data) if b'"$' in line or b"null" in line else line


def _dumped_with_tags(data: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(tag(data))
    except UnkeepableError as error:
        what, advice = f"`{error.place}` is a {error.kind}", "give text, numbers, lists and mappings"
    except (RecursionError, TypeError):
        what, advice = "a value is nested too deeply or contains itself", "give flatter data"
    raise ActionError(
        f"{what}, which a journal cannot keep → {advice}", error_class="bad_output", retryable=False
    )


def _loaded(line: object) -> dict[str, object]:
    if type(line) is not bytes:
        raise _damaged(line)
    try:
        data = cast("object", orjson.loads(line))
        if line.count(b"[") + line.count(b"{") > _DEPTH:
            orjson.dumps(data)  # refuses what is nested deeper than anything that was written
        if b'"$' in line:
            data = untag(data)
    except (ValueError, KeyError, TypeError, ArithmeticError):
        raise _damaged(line) from None
    if type(data) is not dict:
        raise _damaged(line)
    return cast("dict[str, object]", data)


def _upgraded(
    fields: dict[str, object], found: object, *, version: int, upgrades: Mapping[int, Upgrade]
) -> dict[str, object]:
    if type(found) is not int or abs(found) >= 2**31:
        raise StoreError(
            "a record has no version", hint="the store was damaged, or written by something else."
        )
    if found > version:
        raise StoreError(
            f"a record was written by a newer py-orc (record version {found}, this one reads up to {version})",
            hint="install that version, or a later one, to go on with this run.",
        )
    for step in range(found, version):
        if step not in upgrades:
            raise StoreError(
                f"a record has version {found}, which no py-orc wrote",
                hint="the store was damaged, or written by something else.",
            )
        fields = upgrades[step](fields)
    return fields


def _damaged(line: object, what: str = "") -> StoreError:
    shown = line[:80].decode(errors="replace") if isinstance(line, bytes) else type(line).__name__
    return StoreError(
        f"a record is damaged: {shown!r}{what}",
        hint="restore the store from a backup; the other runs are not touched.",
    )
