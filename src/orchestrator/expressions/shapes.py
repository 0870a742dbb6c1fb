"""What is known about a value before it exists: JSON Schemas, read for their types, fields and elements.

`{}` says that nothing is known. Whatever is not understood (`$ref`, `anyOf`, …) counts as unknown, so that nothing is
called wrong that may be right.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, cast

Shape = Mapping[str, object]

UNKNOWN: Final[Shape] = {}
STRING: Final[Shape] = {"type": "string"}
INTEGER: Final[Shape] = {"type": "integer"}
NUMBER: Final[Shape] = {"type": "number"}
BOOLEAN: Final[Shape] = {"type": "boolean"}
NULL: Final[Shape] = {"type": "null"}
LIST: Final[Shape] = {"type": "array"}
MAPPING: Final[Shape] = {"type": "object"}

WORDS: Final[Mapping[str, str]] = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "null": "null", "array": "a list", "object": "a mapping",
}  # fmt: skip
"""JSON Schema's types in the words of a user."""


def types_of(shape: Shape) -> frozenset[str]:
    """Return the types that a value can have; none when that is unknown."""
    declared = shape.get("type")
    if isinstance(declared, str):
        return frozenset((declared,))
    if isinstance(declared, (list, tuple)):
        return frozenset(word for word in cast("Iterable[object]", declared) if isinstance(word, str))
    if "const" in shape:
        return types_of(shape_of(shape["const"]))
    values = shape.get("enum")
    if isinstance(values, (list, tuple)):
        return union(shape_of(value) for value in cast("Iterable[object]", values))
    return frozenset()


def union(shapes: Iterable[Shape]) -> frozenset[str]:
    """Return the types of several shapes; none when one of them is unknown."""
    found: frozenset[str] = frozenset()
    for shape in shapes:
        kinds = types_of(shape)
        if not kinds:
            return kinds
        found |= kinds
    return found


def either(first: Shape, second: Shape) -> Shape:
    """Return the shape of a value that is one of two."""
    if first == second:
        return first
    kinds = union((first, second))
    if not kinds or kinds & {"array", "object"}:
        return UNKNOWN
    return {"type": sorted(kinds)} if len(kinds) > 1 else {"type": next(iter(kinds))}


def shape_of(value: object) -> Shape:
    """Return the shape of a value that is known."""
    if value is None:
        return NULL
    kinds: tuple[tuple[type | tuple[type, ...], Shape], ...] = (
        (bool, BOOLEAN), (str, STRING), (int, INTEGER), ((float, Decimal), NUMBER), (Mapping, MAPPING),
        ((list, tuple), LIST),
    )  # fmt: skip
    return next((shape for kind, shape in kinds if isinstance(value, kind)), UNKNOWN)


def fields_of(shape: Shape) -> Mapping[str, object]:
    """Return the fields that a mapping is known to have."""
    fields = shape.get("properties")
    return cast("Mapping[str, object]", fields) if isinstance(fields, Mapping) else {}


def is_closed(shape: Shape) -> bool:
    """Tell whether a mapping has no fields but those it names."""
    return shape.get("additionalProperties") is False or (
        "properties" in shape and shape.get("x-closed") is True
    )


def field_shape(shape: Shape, key: str | int) -> Shape | None:
    """Return the shape of a field or element; None when there certainly is none."""
    kinds = types_of(shape)
    fields = fields_of(shape)
    if key in fields:
        return as_shape(fields[str(key)])
    if isinstance(key, int) and is_only(kinds, "array"):
        return element_shape(shape, key)
    if kinds and not kinds & {"object"} and (isinstance(key, str) or not kinds & {"array", "string"}):
        return None
    if (is_only(kinds, "object") or (not kinds and fields)) and is_closed(shape):
        return None
    return as_shape(shape.get("additionalProperties")) if is_only(kinds, "object") else UNKNOWN


def element_shape(shape: Shape, index: int | None = None) -> Shape:
    """Return the shape of a list's elements, or of one of them."""
    first = shape.get("prefixItems")
    if isinstance(first, (list, tuple)):
        known = cast("list[object]", first)
        return as_shape(known[index]) if index is not None and 0 <= index < len(known) else UNKNOWN
    return as_shape(shape.get("items"))


def is_only(kinds: frozenset[str], word: str) -> bool:
    """Tell whether a value certainly has this one type."""
    return len(kinds) == 1 and word in kinds


def as_shape(value: object) -> Shape:
    """Return a schema as a shape; `true`, `false` and whatever else say nothing."""
    return cast("Shape", value) if isinstance(value, Mapping) else UNKNOWN


def in_words(kinds: Iterable[str]) -> str:
    """Return types in the words of a user."""
    return " or ".join(WORDS.get(kind, kind) for kind in sorted(kinds))
