"""The pure methods that a template may call on texts, lists, tuples, mappings and `loop`; nothing else is callable."""

# ruff: noqa: ARG001 - every method takes the frame, whether it needs it or not
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping
from typing import Final

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.loops import Loop
from orchestrator.expressions.refusal import USERS_MISTAKES, Refused
from orchestrator.expressions.values import describe, key_of, usable, weigh

Method = Callable[..., object]

CHANGING: Final = frozenset(
    ("append", "extend", "insert", "remove", "pop", "popitem", "clear", "sort", "reverse", "update", "setdefault",
     "add", "discard")
)  # fmt: skip
"""Methods that would change data; refused with a sentence of their own."""


def call_method(
    frame: Frame, target: object, name: str, positional: list[object], named: dict[str, object]
) -> object:
    """Call a method by name; the value decides whether it has it."""
    usable(target)
    for argument in (*positional, *named.values()):
        usable(argument)
    method = next((method for kind, method in METHODS[name].items() if isinstance(target, kind)), None)
    if method is None:
        raise Refused(f"{describe(target)} has no method `{name}`")
    frame.spend(1)
    try:
        return method(frame, target, *positional, **named)
    except USERS_MISTAKES as error:
        raise Refused(f"`.{name}()` cannot be called like this: {error}") from None


def _plain(method: Callable[..., object]) -> Method:
    """Wrap a method whose result is not much larger than what it is called on."""

    def call(frame: Frame, value: object, *arguments: object, **named: object) -> object:
        if isinstance(value, str):
            frame.text_room(len(value))
        return method(value, *arguments, **named)

    return call


def _listed(method: Callable[..., object]) -> Method:
    """Wrap a method that gives a list of parts."""

    def call(frame: Frame, value: str, *arguments: object, **named: object) -> object:
        frame.text_room(len(value))
        separator = arguments[0] if arguments else named.get("sep")
        if isinstance(separator, str) and separator:
            frame.element_room(value.count(separator))
        result = method(value, *arguments, **named)
        frame.element_room(len(result))  # pyright: ignore[reportArgumentType]
        return result

    return call


def _padded(method: Callable[..., object]) -> Method:
    """Wrap a method that fills a text up to a width."""

    def call(frame: Frame, value: str, width: object, *arguments: object) -> object:
        if isinstance(width, int):
            frame.text_room(max(width, len(value)))
        return method(value, width, *arguments)

    return call


def _replace(frame: Frame, value: str, old: str, new: str, count: int = -1) -> str:
    return bounded_replace(frame, value, old, new, count)


def bounded_replace(frame: Frame, value: str, old: str, new: str, count: int = -1) -> str:
    """Replace parts of a text whose result has room."""
    hits = value.count(old)
    if count >= 0:
        hits = min(hits, count)
    frame.text_room(len(value) + hits * max(0, len(new) - len(old)))
    return value.replace(old, new, count)


def _join(frame: Frame, value: str, parts: object) -> str:
    if isinstance(parts, (list, tuple)):
        for part in parts:
            usable(part)
        frame.text_room(sum(len(part) + len(value) for part in parts if isinstance(part, str)))
    return value.join(parts)  # pyright: ignore[reportArgumentType] - a wrong type is the user's, and becomes a sentence


def _expandtabs(frame: Frame, value: str, tabsize: int = 8) -> str:
    frame.text_room(len(value) + value.count("\t") * max(0, tabsize))
    return value.expandtabs(tabsize)


def _count(frame: Frame, value: list[object] | tuple[object, ...], item: object) -> int:
    weigh(frame, value)
    return value.count(item)


def _index(frame: Frame, value: list[object] | tuple[object, ...], item: object, *bounds: int) -> int:
    weigh(frame, value)
    return value.index(item, *bounds)


def _copy(frame: Frame, value: list[object] | Mapping[object, object]) -> object:
    frame.element_room(len(value))
    return list(value) if isinstance(value, list) else dict(value)


def _get(frame: Frame, value: Mapping[object, object], key: object, default: object = None) -> object:
    return value.get(key_of(key), default)


def _items(frame: Frame, value: Mapping[object, object]) -> list[tuple[object, object]]:
    frame.element_room(len(value))
    return list(value.items())


def _keys(frame: Frame, value: Mapping[object, object]) -> list[object]:
    frame.element_room(len(value))
    return list(value)


def _values(frame: Frame, value: Mapping[object, object]) -> list[object]:
    frame.element_room(len(value))
    return list(value.values())


def _cycle(frame: Frame, value: Loop, *values: object) -> object:
    if not values:
        raise Refused("`loop.cycle()` needs values")
    return value.cycle(*values)


def _changed(frame: Frame, value: Loop, *values: object) -> bool:
    weigh(frame, values)
    return value.changed(*values)


_TEXT_METHODS = (
    str.capitalize, str.casefold, str.count, str.endswith, str.find, str.index, str.isalnum, str.isalpha,
    str.isascii, str.isdecimal, str.isdigit, str.isidentifier, str.islower, str.isnumeric, str.isprintable,
    str.isspace, str.istitle, str.isupper, str.lower, str.lstrip, str.partition, str.rpartition, str.removeprefix, str.removesuffix, str.rfind,
    str.rindex, str.rstrip, str.startswith, str.strip, str.swapcase, str.title, str.upper,
)  # fmt: skip
_LIST_METHODS = (str.split, str.rsplit, str.splitlines)
_PADDING_METHODS = (str.center, str.ljust, str.rjust, str.zfill)

METHODS: Mapping[str, Mapping[type, Method]] = {
    **{method.__name__: {str: _plain(method)} for method in _TEXT_METHODS},
    **{method.__name__: {str: _listed(method)} for method in _LIST_METHODS},
    **{method.__name__: {str: _padded(method)} for method in _PADDING_METHODS},
    "replace": {str: _replace},
    "join": {str: _join},
    "expandtabs": {str: _expandtabs},
    "count": {str: _plain(str.count), list: _count, tuple: _count},
    "index": {str: _plain(str.index), list: _index, tuple: _index},
    "copy": {list: _copy, Mapping: _copy},
    "get": {Mapping: _get},
    "items": {Mapping: _items},
    "keys": {Mapping: _keys},
    "values": {Mapping: _values},
    "is_integer": {float: _plain(float.is_integer)},
    "cycle": {Loop: _cycle},
    "changed": {Loop: _changed},
}
"""Name → kind of value → function."""
