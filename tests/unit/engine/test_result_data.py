"""Results become plain data, or a failure that names what does not fit."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath

import pytest
from pydantic import BaseModel

from orchestrator.core.undefined import Undefined
from orchestrator.engine.result_data import as_plain_data, without_undefined
from orchestrator.errors import ActionError


@dataclass
class Point:
    x: int
    tags: set[str]


class Model(BaseModel):
    name: str
    sizes: list[int]


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Text(str):
    __slots__ = ()


Pair = namedtuple("Pair", "left right")  # noqa: PYI024 — untyped on purpose


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Point(1, {"b", "a"}), {"x": 1, "tags": ["a", "b"]}),
        (Model(name="n", sizes=[1]), {"name": "n", "sizes": [1]}),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Text("t"), "t"),
        (Pair(1, (2,)), {"left": 1, "right": [2]}),
        (PurePosixPath("a/b"), "a/b"),
        (OrderedDict(a=(1, 2)), {"a": [1, 2]}),
        (range(3), [0, 1, 2]),
        ({1: "one"}, {"1": "one"}),
        (time(1, 2), "01:02:00"),
        (Decimal("1.10"), Decimal("1.10")),
        (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (date(2027, 1, 1), date(2027, 1, 1)),
        (None, None),
    ],
)
def test_data_of_any_shape_becomes_plain(value, plain):
    result = as_plain_data(value)
    assert result == plain
    assert type(result) is type(plain)


@pytest.mark.parametrize("value", [object(), len, {"a": [lambda: 1]}])
def test_what_is_not_data_is_refused_by_its_type(value):
    with pytest.raises(ActionError, match="which is not data") as error:
        as_plain_data(value)
    assert error.value.error_class == "bad_output"


@pytest.mark.parametrize("key", [None, 1.5, True, (1, 2)])
def test_keys_must_be_text(key):
    with pytest.raises(ActionError, match="a key"):
        as_plain_data({key: 1})


def test_endless_nesting_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ActionError, match="deeper"):
        as_plain_data(endless)


def test_the_containers_are_fresh():
    value = {"a": [1]}
    plain = as_plain_data(value)
    value["a"].append(2)
    assert plain == {"a": [1]}


def test_skipped_values_become_null_and_nothing_is_shared():
    value = {"a": [Undefined("steps.x", skipped=True), 1], "b": {"c": 2}}
    result = without_undefined(value)
    assert result == {"a": [None, 1], "b": {"c": 2}}
    assert result["b"] is not value["b"]
