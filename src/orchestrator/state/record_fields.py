"""What each field of a record may hold, by the field's name: a store may be damaged, or written by somebody else.

Whoever folds, shows or continues a run relies on these types, so `decode_record` lets nothing else through. Fields that hold
whatever an action gave (`value`, `memento`, `data`' content) are not looked into.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeGuard, cast

from orchestrator.core.failure import Failure
from orchestrator.core.status import RunEnding
from orchestrator.core.usage import Usage
from orchestrator.state.money import is_money

_LAST_MOMENT = 200_000_000_000.0
"""Epoch seconds of a day in the year 8307: what lies beyond is no time, and few calendars could show it."""


def odd_field(fields: Mapping[str, object]) -> str:
    """Return the name of a field that holds what it never does; empty when all fit."""
    for name, value in fields.items():
        kinds = _KINDS.get(name)
        if kinds is not None and type(value) not in kinds:
            return name
        further = _FURTHER.get(name)
        if further is not None and not further(value):
            return name
    return "" if "what" not in fields or _is_decision(fields["what"], fields["value"]) else "value"


def is_ending(status: object) -> TypeGuard[RunEnding]:
    """Return whether a value is a way in which a run ends."""
    return status in _ENDINGS


def is_time(value: object) -> bool:
    """Return whether a value is a number of epoch seconds that a calendar can show."""
    return type(value) in _NUMBER and -_LAST_MOMENT / 4 < cast("float", value) < _LAST_MOMENT


def _is_decision(what: object, value: object) -> bool:
    """Return whether a value is one that a decision of that name can have."""
    match what:
        case "if" | "while" | "until":
            return type(value) is bool
        case "items":
            return type(value) is list
        case "switch":
            return type(value) is int
        case "on_error":
            return type(value) is Failure
        case "pipeline":
            return type(value) is dict
        case _:
            return True


def _is_path(value: object) -> bool:
    try:
        return b"\0" not in cast("str", value).encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return False


def _is_finite(value: object) -> bool:
    return -1e300 < cast("float", value) < 1e300


def _is_count(value: object) -> bool:
    return 0 <= cast("int", value) < 2**63


def _is_mapping_of_texts(value: object) -> bool:
    return _has_text_keys(value) and all(
        type(item) is str for item in cast("dict[str, object]", value).values()
    )


def _has_text_keys(value: object) -> bool:
    return all(type(key) is str for key in cast("dict[object, object]", value))


def _is_list_of_mappings(value: object) -> bool:
    return all(type(item) is dict and _has_text_keys(item) for item in cast("list[object]", value))


def _is_all_text(value: object) -> bool:
    return all(type(item) is str for item in cast("frozenset[object]", value))


_ENDINGS = frozenset({"completed", "partial", "failed", "cancelled", "waiting"})
_TEXT = frozenset({str})
_NUMBER = frozenset({float, int})
_BOOL = frozenset({bool})
_MAPPING = frozenset({dict})

_KINDS: Mapping[str, frozenset[type]] = {
    "at": _NUMBER,
    "attempt": frozenset({int}),
    "failure": frozenset({Failure}),
    "labels": frozenset({frozenset}),
    "usage": frozenset({Usage}),
    "route": frozenset({list}),
    "call": frozenset({int}),
    **dict.fromkeys(("most", "cost"), frozenset({Decimal})),
    "spent": frozenset({Usage}),
    **dict.fromkeys(("started_at", "resume_at", "fires_at", "fraction"), _NUMBER),
    **dict.fromkeys(("tolerated", "cached", "derived", "again"), _BOOL),
    **dict.fromkeys(
        ("document", "documents", "inputs", "actions", "tools", "outputs", "data"),
        _MAPPING,
    ),
    **dict.fromkeys(
        (
            "run_id",
            "pipeline",
            "workspace",
            "file",
            "key",
            "status",
            "message",
            "task",
            "by",
            "what",
            "action",
            "effect",
            "model",
            "how",
            "goto",
            "reason",
            "name",
            "scope",
            "price",
        ),
        _TEXT,
    ),
}

_FURTHER: Mapping[str, Callable[[object], bool]] = {
    "at": is_time,
    "started_at": is_time,
    **dict.fromkeys(("resume_at", "fires_at", "fraction"), _is_finite),
    **dict.fromkeys(("attempt", "call"), _is_count),
    **dict.fromkeys(("most", "cost"), lambda value: is_money(cast("Decimal", value))),
    "labels": _is_all_text,
    "route": _is_list_of_mappings,
    "task": bool,
    **dict.fromkeys(("file", "workspace"), _is_path),
    "status": is_ending,
    **dict.fromkeys(("document", "documents", "inputs", "outputs", "data"), _has_text_keys),
    **dict.fromkeys(("actions", "tools"), _is_mapping_of_texts),
}
