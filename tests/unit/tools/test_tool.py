"""`@tool` makes actions of what people write."""

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

import pytest

from orchestrator.core.action import Action, ActionContext, Effect, Touch
from orchestrator.errors import ActionError, SetupError
from orchestrator.tools.call import CallByName
from orchestrator.tools.limit import Limit
from orchestrator.tools.tool import actions_of, is_tool, tool
from unit.tools.conftest import FakeContext


class Weather(TypedDict):
    degrees: float
    sky: Literal["clear", "grey"]


@tool(effect="read", labels=["web"])
def weather(city: str, *, days: Annotated[int, Limit(ge=1, le=7)] = 3, ctx: ActionContext) -> Weather:
    """Look up the weather of a city. It may be wrong.

    Args:
        city: Where,
            in words.
        days: How far to look ahead.

    Returns:
        What was found.
    """
    assert ctx.task
    return Weather(degrees=21.5, sky="clear")


@tool
async def send(to: str) -> None: ...


@tool(effect="pure", cpu=True)
def crunch(numbers: list[int]) -> int:
    """Add up."""
    return sum(numbers)


@tool(effect="pure", inline=True)
def double(number: int) -> int:
    """Double."""
    return 2 * number


@tool(name="crm", effect="read")
class Crm:
    made = 0

    def __init__(self) -> None:
        Crm.made += 1

    def find(self, query: str) -> list[str]:
        """Find customers."""
        return [self._key(), query]

    @tool(effect="once", name="create", labels=["customer"])
    def add(self, name: str) -> str:
        """Add one."""
        return name

    @tool(cpu=True)
    def heavy(self, number: int) -> int:
        """Compute."""
        return number + 1

    def _key(self) -> str:
        return "private"


def only(thing: object) -> Action:
    (action,) = actions_of(thing)
    return action


def call(action: Action, ctx: FakeContext, **parameters: object) -> object:
    return action.function(parameters, ctx)


def test_a_function_says_all_there_is_to_know():
    spec = only(weather).spec
    assert (spec.name, spec.effect, spec.runs, spec.labels) == ("weather", Effect.READ, "thread", {"web"})
    assert spec.description == "Look up the weather of a city."
    assert spec.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where, in words."},
            "days": {
                "type": "integer",
                "minimum": 1,
                "maximum": 7,
                "default": 3,
                "description": "How far to look ahead.",
            },
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert spec.result["properties"] == {"degrees": {"type": "number"}, "sky": {"enum": ["clear", "grey"]}}


def test_an_effect_that_is_not_declared_counts_as_once():
    spec = only(send).spec
    assert (spec.effect, spec.runs, spec.definite) == (Effect.ONCE, "async", False)
    assert only(tool(definite=True)(lambda: None)).spec.definite


def test_a_decorated_function_can_still_be_called(ctx: FakeContext):
    assert double(4) == 8
    assert weather("Ulm", ctx=ctx)["sky"] == "clear"


def test_an_action_is_called_with_plain_parameters(ctx: FakeContext):
    assert call(only(weather), ctx, city="Ulm") == {"degrees": 21.5, "sky": "clear"}
    assert call(only(double), ctx, number=3) == 6
    assert only(double).spec.runs == "inline"


def test_calling_does_not_change_the_parameters(ctx: FakeContext):
    parameters: dict[str, object] = {"city": "Ulm"}
    only(weather).function(parameters, ctx)
    assert parameters == {"city": "Ulm"}


def test_an_async_action_gives_something_to_await(ctx: FakeContext):
    result = call(only(send), ctx, to="x")
    assert asyncio.iscoroutine(result)
    assert asyncio.run(result) is None


def test_the_methods_of_a_class_are_its_operations(ctx: FakeContext):
    Crm.made = 0
    actions = {action.spec.name: action for action in actions_of(Crm)}
    assert {name: action.spec.effect.value for name, action in actions.items()} == {
        "crm.find": "read",
        "crm.create": "once",
        "crm.heavy": "read",
    }
    assert actions["crm.create"].spec.labels == {"customer"}
    assert Crm.made == 0
    assert call(actions["crm.find"], ctx, query="q") == ["private", "q"]
    assert call(actions["crm.create"], ctx, name="n") == "n"
    assert Crm.made == 1


def test_heavy_work_travels_to_another_process_by_name():
    functions = [only(crunch).function, actions_of(Crm)[2].function]
    moved = [pickle.loads(pickle.dumps(function)) for function in functions]  # noqa: S301 # our own
    assert [type(function) for function in moved] == [CallByName, CallByName]
    assert moved[0]({"numbers": [1, 2]}, None) == 3
    assert moved[1]({"number": 1}, None) == 2


def test_a_function_that_is_gone_from_its_module_says_so():
    with pytest.raises(SetupError, match="no longer in the module"):
        CallByName(module=__name__, qualname="nowhere")({}, None)


def test_other_names_are_parameters_too(ctx: FakeContext):
    @tool
    def anything(first: int, **others: str) -> list[str]:
        return list(others)

    action = only(anything)
    assert action.spec.parameters["additionalProperties"] == {"type": "string"}
    assert call(action, ctx, first=1, b="x", a="y") == ["b", "a"]

    @tool
    def everything(**others: object) -> None: ...

    assert only(everything).spec.parameters["additionalProperties"] is True


def test_values_are_made_from_plain_data(ctx: FakeContext):
    @dataclass
    class Order:
        day: date
        price: Decimal
        note: str = ""

    @tool
    def place(order: Order, to: Path, tags: set[str], more: list[Order] | None = None) -> object:
        return (order, to, tags, more)

    action = only(place)
    plain = {"day": "2026-01-31", "price": "1.10"}
    made = Order(date(2026, 1, 31), Decimal("1.10"))
    assert call(action, ctx, order=plain, to="a/b", tags=["x", "x"]) == (made, Path("a/b"), {"x"}, None)
    assert call(action, ctx, order=plain, to="a", tags=[], more=[plain]) == (made, Path("a"), set(), [made])
    with pytest.raises(ActionError, match="parameter 'order' cannot be read") as caught:
        call(action, ctx, order={"day": "soon", "price": 1}, to="a", tags=[])
    assert caught.value.error_class == "invalid_request"


def test_context_is_found_by_its_name_or_type(ctx: FakeContext):
    @tool
    def named(ctx) -> object:  # a context needs no annotation
        return ctx

    @tool
    def typed(context: ActionContext) -> object:
        return context

    for thing in (named, typed):
        assert only(thing).spec.parameters["properties"] == {}
        assert call(only(thing), ctx) is ctx


def test_actions_pass_through_and_others_are_no_tools():
    action = only(double)
    assert actions_of(action) == [action]
    assert is_tool(double)
    assert not is_tool(3)

    class Child(Crm):
        pass

    assert not is_tool(Child)
    with pytest.raises(SetupError, match="Child is not a tool\n  → decorate it"):
        actions_of(Child)


def test_hooks_of_a_tool_are_kept():
    def prepare(parameters: object, ctx: object) -> str:
        return "kept"

    def revert(parameters: object, kept: object, ctx: object) -> None: ...

    def touches(parameters: object) -> list[Touch]:
        return []

    @tool(prepare=prepare, revert=revert, touches=touches)
    def act() -> None: ...

    action = only(act)
    assert (action.prepare, action.revert, action.touches) == (prepare, revert, touches)


def positional(a: int, /) -> None: ...


def several(*a: int) -> None: ...


def untyped(a) -> None: ...


def callback(a: Callable[[], None]) -> None: ...


def undefined(a: "Missing") -> None: ...  # noqa: F821


def bad_result() -> Callable[[], None]: ...


def with_context(ctx: ActionContext) -> None: ...


async def awaitable() -> None: ...


def plain() -> None: ...


class Empty:
    pass


@pytest.mark.parametrize(
    ("function", "options", "says"),
    [
        (
            positional,
            {},
            "test_tool.py:LINE: positional, parameter `a`: parameters of an action have names",
        ),
        (several, {}, "parameter `a`: parameters of an action have names"),
        (untyped, {}, "test_tool.py:LINE: untyped, parameter `a`: it has no type"),
        (callback, {}, "parameter `a`: collections.abc.Callable[[], None] cannot be described as JSON"),
        (undefined, {}, "an annotation names 'Missing', which is not defined"),
        (bad_result, {}, "test_tool.py:LINE: bad_result, result: collections.abc.Callable"),
        (with_context, {"cpu": True}, "asks for a context but runs in another process"),
        (awaitable, {"cpu": True}, "is async and cpu at once"),
        (lambda: None, {"cpu": True}, "cannot be found from another process"),
        (plain, {"inline": True}, "cannot run inline"),
        (plain, {"inline": True, "effect": "pure", "cpu": True}, "cannot run inline"),
        (awaitable, {"inline": True, "effect": "pure"}, "cannot run inline"),
        (Empty, {}, "the tool Empty has no operations"),
    ],
)
def test_what_cannot_be_an_action_is_explained(
    function: Callable[..., object], options: dict[str, Any], says: str
):
    with pytest.raises(SetupError) as caught:
        actions_of(tool(**options)(function))
    line = str(function.__code__.co_firstlineno) if hasattr(function, "__code__") else ""
    assert says.replace("LINE", line) in str(caught.value)
    assert "→" in str(caught.value)


def test_an_unsupported_type_lists_what_is_supported():
    with pytest.raises(SetupError, match=r"supported are str, int, float.*pydantic models"):
        actions_of(tool(callback))


def test_an_unknown_effect_is_refused_at_once():
    with pytest.raises(SetupError, match="'sometimes' is no effect"):
        tool(effect="sometimes")  # pyright: ignore[reportArgumentType]


def _variant(source: str, **options: Any) -> str:
    names: dict[str, Any] = {"__name__": "users"}
    exec(source, names)  # noqa: S102 # our own
    return only(tool(**options)(names["act"])).spec.digest


def test_the_digest_changes_with_schema_effect_and_code():
    digests = {
        _variant("def act(a: int) -> int: return 1"),
        _variant("def act(a: int) -> int: return 1", effect="read"),
        _variant("def act(a: int) -> int: return 1", labels=["web"]),
        _variant("def act(a: str) -> int: return 1"),
        _variant("def act(a: int) -> str: return 1"),
        _variant("def act(a: int) -> int: return a"),
    }
    assert len(digests) == 6
    assert _variant("def act(a: int) -> int: return 1") in digests
