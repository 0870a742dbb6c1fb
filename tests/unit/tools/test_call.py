"""Calls of a user's functions: what they return is checked, and what they raise says where."""

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypedDict, cast

import pytest

from orchestrator.core.action import Action, ActionOutcome
from orchestrator.errors import ActionError
from orchestrator.tools.module_file import load_module
from orchestrator.tools.tool import actions_of, tool

USERS = '''\
from orchestrator import tool


@tool(effect="pure")
def explode(deep: bool = False) -> int:
    """Fail."""
    if deep:
        return _inner()
    raise RuntimeError("kaboom")


def _inner():
    return int("no number")


@tool(effect="pure")
async def later() -> int:
    """Fail later."""
    raise KeyError("gone")


@tool(effect="pure")
def wrong() -> int:
    """Return what it does not promise."""
    return "text"
'''


class Weather(TypedDict):
    city: str
    days: list[int]


@dataclass
class Point:
    x: int


def call(thing: Callable[..., object], **parameters: object) -> object:
    (action,) = actions_of(tool(effect="pure")(thing))
    return done(action, **parameters)


def done(action: Action, **parameters: object) -> object:
    result = action.function(parameters, None)  # type: ignore[arg-type]
    return asyncio.run(result) if asyncio.iscoroutine(result) else result


def theirs(tmp_path: Path, name: str) -> Action:
    path = tmp_path / "tools.py"
    path.write_text(USERS)
    return actions_of(cast("object", getattr(load_module(path), name)), file=str(path))[0]


def says(value: object, annotation: object) -> Callable[[], object]:
    def function() -> object:
        return value

    function.__annotations__["return"] = annotation
    return function


@pytest.mark.parametrize(
    ("value", "annotation", "told"),
    [
        ("text", int, '"text"'),
        (None, str, "null"),
        ([1, "two"], list[int], "[1]"),
        ({"city": "Bonn", "days": ["one"]}, Weather, "days[0]"),
        ({"city": "Bonn"}, Weather, "days"),
        (1, None, "1"),
        ({"x": "one"}, Point, "x"),
    ],
)
def test_a_result_that_does_not_fit_its_annotation_is_bad_output(
    value: object, annotation: object, told: str
) -> None:
    with pytest.raises(ActionError) as caught:
        call(says(value, annotation))
    assert caught.value.error_class == "bad_output"
    assert "does not fit what it says it returns" in caught.value.message
    assert "— test_call.py:" in caught.value.message
    assert told in caught.value.message
    assert caught.value.details == value


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (1, int),
        (1, float),
        ((1, 2), list[int]),
        (None, None),
        ("anything", object),
        (Point(1), Point),
        ([Point(1)], list[Point]),
        ({1, 2}, set[int]),
        (Path("a"), Path),
        (Decimal("0.1"), Decimal),
        (ActionOutcome(value=1), int),
        ({"city": "Bonn", "days": [1]}, Weather),
    ],
)
def test_a_result_that_fits_passes_as_it_is(value: object, annotation: object) -> None:
    assert call(says(value, annotation)) == value


def test_the_value_inside_an_outcome_is_checked_too() -> None:
    with pytest.raises(ActionError, match="does not fit"):
        call(says(ActionOutcome(value="text"), int))


def test_a_result_that_comes_later_is_checked_when_it_is_there() -> None:
    async def later() -> int:
        return cast("int", "text")

    with pytest.raises(ActionError, match="does not fit"):
        call(later)


def test_results_of_built_in_tools_are_not_checked_again() -> None:
    def built_in() -> int:
        return cast("int", "text")

    built_in.__module__ = "orchestrator.tools.text"
    assert call(built_in) == "text"


@pytest.mark.parametrize(
    ("name", "parameters", "place"),
    [
        ("explode", {}, "at tools.py:9"),
        ("explode", {"deep": True}, "at tools.py:13"),
        ("later", {}, "at tools.py:19"),
    ],
)
def test_an_exception_notes_where_in_the_users_file_it_was_raised(
    tmp_path: Path, name: str, parameters: dict[str, object], place: str
) -> None:
    with pytest.raises((RuntimeError, ValueError, KeyError)) as caught:
        done(theirs(tmp_path, name), **parameters)
    assert caught.value.__notes__ == [place]
    assert pickle.loads(pickle.dumps(caught.value)).__notes__ == [place]  # noqa: S301 - our own


def test_a_failure_that_a_tool_reports_itself_needs_no_place() -> None:
    def report() -> int:
        raise ActionError("out of stock", error_class="not_found")

    with pytest.raises(ActionError) as caught:
        call(report)
    assert not hasattr(caught.value, "__notes__")


def test_a_wrong_result_names_the_users_file(tmp_path: Path) -> None:
    with pytest.raises(ActionError, match=r"— tools\.py:2\d$"):
        done(theirs(tmp_path, "wrong"))
