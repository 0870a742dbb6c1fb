"""Results as plain data: what an action returns, made into values that templates can read and the journal can keep."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from os import PathLike, fspath
from typing import cast

from msgspec import Struct

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.secret import Sealed, Secret
from orchestrator.core.undefined import Undefined
from orchestrator.errors import ActionError

_ATOMS = frozenset(
    {type(None), bool, int, float, str, Decimal, bytes, datetime, date, Undefined, Secret, Sealed}
)
_SUBCLASSED: tuple[type, ...] = (bool, int, float, str)
_DEEPEST = 200


def as_plain_data(value: object, *, where: str = "the result", depth: int = 0) -> object:
    """Return fresh containers of plain values; raises `ActionError` (`bad_output`) for what is not data.

    Dataclasses, named tuples, pydantic models and enums become what they hold; sets become sorted lists.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if depth > _DEEPEST:
        raise ActionError(f"{where} is nested deeper than {_DEEPEST} levels", error_class="bad_output")
    if is_mapping(value):
        return {
            _key(key, where): as_plain_data(item, where=where, depth=depth + 1) for key, item in value.items()
        }
    if is_list(value) and not hasattr(value, "_fields"):
        return [as_plain_data(item, where=where, depth=depth + 1) for item in value]
    return _unwrapped(value, where, depth)


def without_undefined(value: object) -> object:
    """Return fresh containers with null where a skipped step left nothing."""
    kind = type(value)
    if kind is dict:
        return {key: without_undefined(item) for key, item in cast("dict[str, object]", value).items()}
    if kind is list:
        return [without_undefined(item) for item in cast("list[object]", value)]
    return None if kind is Undefined else value


def _unwrapped(value: object, where: str, depth: int) -> object:
    inner: object
    if isinstance(value, Enum):
        inner = value.value
    elif isinstance(value, _SUBCLASSED):
        inner = next(kind(value) for kind in _SUBCLASSED if isinstance(value, kind))
    elif isinstance(value, PathLike):
        inner = fspath(cast("PathLike[str]", value))
    elif isinstance(value, time):
        inner = value.isoformat()
    elif isinstance(value, AbstractSet):
        inner = sorted(value, key=repr)
    elif is_dataclass(value) and not isinstance(value, type):
        inner = {field.name: getattr(value, field.name) for field in fields(value)}
    elif isinstance(value, Struct):
        inner = {name: getattr(value, name) for name in value.__struct_fields__}
    elif (names := getattr(value, "_fields", None)) is not None:  # a named tuple
        inner = dict(zip(cast("tuple[str, ...]", names), cast("tuple[object, ...]", value), strict=True))
    elif callable(dump := getattr(value, "model_dump", None)):  # a pydantic model
        inner = dump()
    elif isinstance(value, Sequence):
        inner = list(value)
    else:
        raise ActionError(
            f"{where} holds a {type(value).__name__}, which is not data; return text, numbers, lists or mappings",
            error_class="bad_output",
        )
    return as_plain_data(inner, where=where, depth=depth + 1)


def _key(key: object, where: str) -> str:
    if isinstance(key, str):
        return str(key)
    if isinstance(key, bool) or not isinstance(key, int):
        raise ActionError(f"{where} has a key {key!r} that is not text", error_class="bad_output")
    return str(key)
