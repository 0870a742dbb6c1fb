"""What a type annotation says: a JSON Schema, and how plain data becomes the Python value.

Plain data is what YAML, JSON and the journal hold: null, booleans, numbers, text, lists, mappings. A `Shape` without
`read` passes values on as they are. The way back needs nothing here: the engine makes plain data of every result.
Metadata in `Annotated` that spells a schema out (`Annotated[int, {"multipleOf": 5}]`) is merged into the schema.
"""

import dataclasses
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import Protocol, cast

from msgspec import Struct

Schema = dict[str, object]
Read = Callable[[object], object]

SUPPORTED = (
    "str, int, float, bool, None, object, Decimal, datetime, date, time, Path, list[…], tuple[…], set[…], "
    "dict[str, …], Literal, Enum, unions, Annotated with limits, TypedDict, NamedTuple, dataclasses, pydantic models"
)


class AnnotationError(ValueError):
    """An annotation that cannot be written as JSON Schema."""


class Shape(Struct, frozen=True):
    """One annotation, understood."""

    schema: Schema
    read: Read | None = None
    """Makes the Python value from plain data; None where they are the same."""


class _PydanticModel(Protocol):
    """The part of a pydantic model's class that is used here."""

    @classmethod
    def model_json_schema(cls) -> Schema: ...

    @classmethod
    def model_validate(cls, obj: object) -> object: ...


def shape_of(annotation: object) -> Shape:
    """Return the shape of an annotation; raises AnnotationError for what JSON cannot say."""
    return _shape(annotation, ())


_SIMPLE: Mapping[object, Shape] = {
    str: Shape({"type": "string"}),
    int: Shape({"type": "integer"}),
    float: Shape({"type": "number"}),
    bool: Shape({"type": "boolean"}),
    None: Shape({"type": "null"}),
    type(None): Shape({"type": "null"}),
    object: Shape({}),
    typing.Any: Shape({}),
    list: Shape({"type": "array"}),
    dict: Shape({"type": "object"}),
    Decimal: Shape({"type": ["number", "string"]}, lambda value: Decimal(str(value))),
    datetime: Shape({"type": "string", "format": "date-time"}, lambda value: _moment(datetime, value)),
    date: Shape({"type": "string", "format": "date"}, lambda value: _moment(date, value)),
    time: Shape({"type": "string", "format": "time"}, lambda value: _moment(time, value)),
    Path: Shape({"type": "string"}, lambda value: Path(str(value))),
    PurePath: Shape({"type": "string"}, lambda value: PurePath(str(value))),
}

_LISTS: frozenset[object] = frozenset({list, abc.Sequence, abc.Iterable, abc.Collection, abc.MutableSequence})
_SETS: frozenset[object] = frozenset({set, frozenset, abc.Set})
_MAPPINGS: frozenset[object] = frozenset({dict, abc.Mapping, abc.MutableMapping})
_MARKERS: frozenset[object] = frozenset({typing.Required, typing.NotRequired})

_LIMITS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}


def _shape(annotation: object, outer: tuple[object, ...]) -> Shape:
    try:
        simple = _SIMPLE.get(annotation)
    except TypeError:  # unhashable metadata inside Annotated
        simple = None
    if simple:
        return Shape(dict(simple.schema), simple.read)
    if annotation in outer:
        raise AnnotationError(f"{_name(annotation)} contains itself")
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _generic(annotation, origin, (*outer, annotation))
    return _named(annotation, (*outer, annotation))


def _generic(annotation: object, origin: object, outer: tuple[object, ...]) -> Shape:
    arguments = cast("tuple[object, ...]", typing.get_args(annotation))
    if origin is typing.Annotated:
        return _annotated(arguments, outer)
    if origin is typing.Literal:
        return Shape({"enum": list(arguments)})
    if origin is typing.Union or origin is types.UnionType:
        return _union(arguments, outer)
    if origin in _LISTS:
        return _array(arguments[0], list, outer)
    if origin in _SETS:
        return _array(arguments[0], cast("type[abc.Collection[object]]", origin), outer)
    if origin is tuple:
        return _tuple(arguments, outer)
    if origin in _MAPPINGS:
        return _mapping(arguments, outer)
    if origin in _MARKERS:
        return _shape(arguments[0], outer)
    raise AnnotationError(f"{_name(annotation)} cannot be described as JSON")


def _named(annotation: object, outer: tuple[object, ...]) -> Shape:
    if isinstance(annotation, typing.NewType):
        return _shape(cast("object", annotation.__supertype__), outer)
    if not isinstance(annotation, type):
        return _alias(annotation, outer)
    return _class(cast("type[object]", annotation), outer)


def _class(annotation: type[object], outer: tuple[object, ...]) -> Shape:
    if hasattr(annotation, "model_json_schema"):
        model = cast("type[_PydanticModel]", annotation)
        return Shape(model.model_json_schema(), model.model_validate)
    if issubclass(annotation, Enum):
        values = [member.value for member in annotation]
        return Shape({"enum": values}, annotation)
    if typing.is_typeddict(annotation):
        return _typed_dict(annotation, outer)
    if dataclasses.is_dataclass(annotation):
        return _dataclass(annotation, outer)
    if hasattr(annotation, "_fields") and hasattr(annotation, "_field_defaults"):
        return _named_tuple(annotation, outer)
    raise AnnotationError(f"{_name(annotation)} cannot be described as JSON")


def _alias(annotation: object, outer: tuple[object, ...]) -> Shape:
    """`type X = …` of Python 3.12, by its looks: 3.11 does not know it."""
    if hasattr(annotation, "__value__"):
        return _shape(cast("object", annotation.__value__), outer)  # pyright: ignore[reportAttributeAccessIssue]
    raise AnnotationError(f"{_name(annotation)} cannot be described as JSON")


def _annotated(arguments: tuple[object, ...], outer: tuple[object, ...]) -> Shape:
    shape = _shape(arguments[0], outer)
    schema = shape.schema
    for note in arguments[1:]:
        if isinstance(note, str):
            schema["description"] = note
        elif isinstance(note, Mapping):
            schema.update(cast("Mapping[str, object]", note))
        else:
            _limit(schema, note)
    return Shape(schema, shape.read)


def _limit(schema: Schema, note: object) -> None:
    """Read limits by their attributes, so that those of annotated-types, pydantic and a user's own all count."""
    for attribute, keyword in _LIMITS.items():
        limit = getattr(note, attribute, None)
        if limit is not None:
            schema[keyword] = limit
    kind = schema.get("type")
    suffix = "Items" if kind == "array" else "Properties" if kind == "object" else "Length"
    for attribute, prefix in (("min_length", "min"), ("max_length", "max")):
        limit = getattr(note, attribute, None)
        if limit is not None:
            schema[prefix + suffix] = limit
    for inner in cast("Sequence[object]", getattr(note, "metadata", ())):  # pydantic's Field()
        _limit(schema, inner)


def _union(arguments: tuple[object, ...], outer: tuple[object, ...]) -> Shape:
    shapes = [_shape(argument, outer) for argument in arguments]
    converting = [shape for shape in shapes if shape.read]
    if len(converting) > 1:
        names = " and ".join(
            _name(argument) for argument, shape in zip(arguments, shapes, strict=True) if shape.read
        )
        raise AnnotationError(f"a union of {names} cannot be told apart")
    schema: Schema = {"anyOf": [shape.schema for shape in shapes]}
    kinds = [shape.schema.get("type") for shape in shapes]
    if all(
        isinstance(kind, str) and len(shape.schema) == 1 for kind, shape in zip(kinds, shapes, strict=True)
    ):
        schema = {"type": kinds}
    elif any(not shape.schema for shape in shapes):
        schema = {}
    read = _union_read(converting[0], shapes) if converting else None
    return Shape(schema, read)


def _union_read(converting: Shape, shapes: Sequence[Shape]) -> Read:
    """Convert unless another member takes the value as it is."""
    others = tuple(
        python
        for shape in shapes
        if not shape.read
        for python in _PYTHON_TYPES.get(str(shape.schema.get("type", "")), ())
    )
    read = cast("Read", converting.read)
    return lambda value: value if isinstance(value, others) else read(value)


_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
}


def _array(argument: object, kind: type[abc.Collection[object]], outer: tuple[object, ...]) -> Shape:
    inner = _shape(argument, outer)
    schema: Schema = {"type": "array", "items": inner.schema} if inner.schema else {"type": "array"}
    read = inner.read
    if kind is list:
        return Shape(schema, _each(read) if read else None)
    schema["uniqueItems"] = True
    build = cast("Callable[[abc.Iterable[object]], object]", frozenset if kind is frozenset else set)
    return Shape(
        schema,
        lambda value: build(read(item) if read else item for item in cast("list[object]", value)),
    )


def _each(read: Read) -> Read:
    return lambda value: [read(item) for item in cast("list[object]", value)]


def _tuple(arguments: tuple[object, ...], outer: tuple[object, ...]) -> Shape:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        inner = _array(arguments[0], list, outer)
        read = inner.read
        return Shape(
            inner.schema,
            lambda value: tuple(cast("list[object]", read(value) if read else value)),
        )
    shapes = [_shape(argument, outer) for argument in arguments]
    schema: Schema = {
        "type": "array",
        "prefixItems": [shape.schema for shape in shapes],
        "minItems": len(shapes),
        "maxItems": len(shapes),
    }
    return Shape(
        schema,
        lambda value: tuple(
            shape.read(item) if shape.read else item
            for shape, item in zip(shapes, cast("list[object]", value), strict=True)
        ),
    )


def _mapping(arguments: tuple[object, ...], outer: tuple[object, ...]) -> Shape:
    if arguments[0] is not str:
        raise AnnotationError(
            f"a mapping with keys of type {_name(arguments[0])} cannot be described as JSON"
        )
    inner = _shape(arguments[1], outer)
    schema: Schema = {"type": "object"}
    if inner.schema:
        schema["additionalProperties"] = inner.schema
    read = inner.read
    if not read:
        return Shape(schema)
    return Shape(
        schema,
        lambda value: {key: read(item) for key, item in cast("dict[str, object]", value).items()},
    )


def _typed_dict(annotation: type, outer: tuple[object, ...]) -> Shape:
    fields = {name: _shape(hint, outer) for name, hint in _hints(annotation).items()}
    required = cast("frozenset[str]", annotation.__required_keys__)  # pyright: ignore[reportAttributeAccessIssue]
    schema = _object_schema(fields, [name for name in fields if name in required])
    reads = {name: shape.read for name, shape in fields.items() if shape.read}
    return Shape(schema, _fields_read(reads) if reads else None)


def _dataclass(annotation: type, outer: tuple[object, ...]) -> Shape:
    hints = _hints(annotation)
    own = [field for field in dataclasses.fields(annotation) if field.init]
    fields = {field.name: _shape(hints[field.name], outer) for field in own}
    missing = dataclasses.MISSING
    required = [field.name for field in own if field.default is missing and field.default_factory is missing]
    return _record(annotation, fields, required)


def _named_tuple(annotation: type, outer: tuple[object, ...]) -> Shape:
    fields = {name: _shape(hint, outer) for name, hint in _hints(annotation).items()}
    defaults = cast("Mapping[str, object]", annotation._field_defaults)  # pyright: ignore[reportAttributeAccessIssue]
    return _record(annotation, fields, [name for name in fields if name not in defaults])


def _record(annotation: type, fields: Mapping[str, Shape], required: list[str]) -> Shape:
    reads = {name: shape.read for name, shape in fields.items() if shape.read}
    build = cast("Callable[..., object]", annotation)
    return Shape(
        _object_schema(fields, required),
        lambda value: build(**_read_fields(cast("dict[str, object]", value), reads)),
    )


def _object_schema(fields: Mapping[str, Shape], required: list[str]) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {name: shape.schema for name, shape in fields.items()},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = required
    return schema


def _fields_read(reads: Mapping[str, Read]) -> Read:
    return lambda value: _read_fields(cast("dict[str, object]", value), reads)


def _read_fields(value: Mapping[str, object], reads: Mapping[str, Read]) -> dict[str, object]:
    return {key: reads[key](item) if key in reads else item for key, item in value.items()}


def _hints(annotation: type) -> dict[str, object]:
    try:
        return typing.get_type_hints(annotation, include_extras=True)
    except NameError as error:
        raise AnnotationError(
            f"{_name(annotation)} names a type that is not defined: {error.name}"
        ) from error


def _moment(kind: type[datetime] | type[date] | type[time], value: object) -> object:
    return value if isinstance(value, kind) else kind.fromisoformat(str(value))


def _name(annotation: object) -> str:
    return (
        annotation.__name__
        if isinstance(annotation, type) and not typing.get_args(annotation)
        else str(annotation)
    )
