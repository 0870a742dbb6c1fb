"""Annotations as JSON Schema."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path, PurePath
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    Union,
)

import pydantic
import pytest

from orchestrator.core.schema import compile_schema
from orchestrator.tools.limit import Limit
from orchestrator.tools.shape import AnnotationError, shape_of


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Movie(TypedDict):
    name: str
    year: NotRequired[int]


class Partial(TypedDict, total=False):
    name: Required[str]
    seen: date


@dataclass
class Point:
    x: int
    y: float = 0.0
    tags: list[str] = field(default_factory=list)
    secret: int = field(default=1, init=False)


class Pair(NamedTuple):
    first: str
    second: Colour = Colour.RED


class Model(pydantic.BaseModel):
    size: int = pydantic.Field(gt=0)


@dataclass
class Node:
    children: "list[Node]"


class Undefined(TypedDict):
    name: "Missing"  # noqa: F821


Key = NewType("Key", str)
T = TypeVar("T")


class Box(Generic[T]):
    pass


class Alias:
    """Looks like `type Alias = list[int]` of Python 3.12."""

    __value__ = list[int]

    def __repr__(self) -> str:  # names the test, in every process the same
        return "Alias"


MOVIE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "year": {"type": "integer"}},
    "additionalProperties": False,
    "required": ["name"],
}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (object, {}),
        (Any, {}),
        (list, {"type": "array"}),
        (dict, {"type": "object"}),
        (Key, {"type": "string"}),
        (Alias(), {"type": "array", "items": {"type": "integer"}}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (Sequence[str], {"type": "array", "items": {"type": "string"}}),
        (list[object], {"type": "array"}),
        (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Mapping[str, object], {"type": "object"}),
        (Literal["a", 1, True], {"enum": ["a", 1, True]}),
        (Colour, {"enum": ["red", "blue"]}),
        (int | None, {"type": ["integer", "null"]}),
        (Optional[str], {"type": ["string", "null"]}),  # noqa: UP045
        (Union[int, object], {}),  # noqa: UP007
        (int | list[str], {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]}),
        (datetime, {"type": "string", "format": "date-time"}),
        (date, {"type": "string", "format": "date"}),
        (time, {"type": "string", "format": "time"}),
        (Decimal, {"type": ["number", "string"]}),
        (Path, {"type": "string"}),
        (Movie, MOVIE),
        (
            Point,
            {
                "type": "object",
                "properties": {
                    "x": {"type": "integer"},
                    "y": {"type": "number"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "additionalProperties": False,
                "required": ["x"],
            },
        ),
        (
            Pair,
            {
                "type": "object",
                "properties": {"first": {"type": "string"}, "second": {"enum": ["red", "blue"]}},
                "additionalProperties": False,
                "required": ["first"],
            },
        ),
        (Annotated[int, Limit(ge=1, lt=9, multiple_of=2)], {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2}),
        (Annotated[float, Limit(gt=0, le=1)], {"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
        (Annotated[str, Limit(min_length=1, max_length=3, pattern="^a")], {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a"}),
        (Annotated[list[str], Limit(min_length=1)], {"type": "array", "items": {"type": "string"}, "minItems": 1}),
        (Annotated[dict[str, int], Limit(max_length=2)], {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2}),
        (Annotated[int, pydantic.Field(ge=3)], {"type": "integer", "minimum": 3}),
        (Annotated[str, "what it is"], {"type": "string", "description": "what it is"}),
        (Annotated[str, {"format": "uri"}], {"type": "string", "format": "uri"}),
        (Annotated[Movie, {"title": "A movie"}], {**MOVIE, "title": "A movie"}),
    ],
    ids=str,
)  # fmt: skip
def test_an_annotation_becomes_a_schema(annotation: object, schema: dict[str, object]):
    assert shape_of(annotation).schema == schema
    compile_schema(shape_of(annotation).schema)


def test_a_schema_is_a_fresh_value_each_time():
    shape_of(str).schema["description"] = "changed"
    assert shape_of(str).schema == {"type": "string"}


@pytest.mark.parametrize(
    ("annotation", "plain", "value"),
    [
        (Decimal, 1.1, Decimal("1.1")),
        (datetime, "2026-01-31T10:00:00+00:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (date, date(2026, 1, 31), date(2026, 1, 31)),
        (time, "10:30", time(10, 30)),
        (Path, "a/b", Path("a/b")),
        (PurePath, "a", PurePath("a")),
        (Colour, "red", Colour.RED),
        (list[Colour], ["red"], [Colour.RED]),
        (tuple[Colour, ...], ["red"], (Colour.RED,)),
        (tuple[int, ...], [1], (1,)),
        (tuple[int, Colour], [1, "blue"], (1, Colour.BLUE)),
        (set[Colour], ["red"], {Colour.RED}),
        (frozenset[int], [1, 1], frozenset({1})),
        (dict[str, Colour], {"a": "red"}, {"a": Colour.RED}),
        (Colour | None, None, None),
        (Colour | None, "red", Colour.RED),
        (list[str] | Point, ["a"], ["a"]),
        (list[str] | Point, {"x": 1}, Point(1)),
        (Partial, {"name": "x", "seen": "2026-01-31"}, {"name": "x", "seen": date(2026, 1, 31)}),
        (Point, {"x": 1, "tags": ["a"]}, Point(1, tags=["a"])),
        (Pair, {"first": "a", "second": "blue"}, Pair("a", Colour.BLUE)),
        (Model, {"size": 3}, Model(size=3)),
        (Annotated[Colour, "which"], "red", Colour.RED),
    ],
    ids=str,
)
def test_plain_data_becomes_the_value(annotation: object, plain: object, value: object):
    read = shape_of(annotation).read
    assert read
    assert read(plain) == value


@pytest.mark.parametrize(
    "annotation", [str, list[int], dict[str, object], Movie, int | None, Literal["a"]], ids=str
)
def test_what_is_plain_already_is_passed_on(annotation: object):
    assert shape_of(annotation).read is None


def test_a_pydantic_model_keeps_its_own_schema():
    assert shape_of(Model).schema == Model.model_json_schema()


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        (complex, "complex cannot be described as JSON"),
        (bytes, "bytes cannot be described"),
        (Box[int], "cannot be described"),
        (T, "cannot be described"),
        (dict[int, str], "keys of type int"),
        (Node, "Node contains itself"),
        (Undefined, "names a type that is not defined: Missing"),
        (Colour | Point, "Colour and Point cannot be told apart"),
        (list[complex], "complex cannot"),
    ],
    ids=str,
)
def test_what_json_cannot_say_is_explained(annotation: object, says: str):
    with pytest.raises(AnnotationError, match=says):
        shape_of(annotation)
