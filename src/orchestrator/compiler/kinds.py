"""The kinds of values that keys of the language take: what each accepts, how it is called, and its JSON Schema."""

from collections.abc import Callable, Mapping
from typing import cast

from msgspec import Struct

from orchestrator.core.budget import dollars
from orchestrator.core.cleaning import clean
from orchestrator.core.misfit import joined
from orchestrator.core.quantities import duration

Json = Mapping[str, object]


class Kind(Struct, frozen=True):
    """What a key takes."""

    expected: str
    """In words, as `must be …` goes on."""
    accepts: Callable[[object], bool]
    schema: Json
    choices: tuple[str, ...] = ()
    moving: bool = False
    """Whether a template may stand here."""


def _of_type(*types: type) -> Callable[[object], bool]:
    allowed = frozenset(types)
    return lambda value: type(value) in allowed


def _is_prose(value: object) -> bool:
    """Tell whether a value is text that any terminal or page may show."""
    return type(value) is str and clean(value) == value


def _mapping(value: object) -> bool:
    return type(value) is dict


def _count(value: object) -> bool:
    return type(value) is int and value >= 1


def _texts(value: object) -> bool:
    if type(value) is list:
        return all(type(item) is str for item in cast("list[object]", value))
    return type(value) is str


def is_identifier(value: object) -> bool:
    """Tell whether a value is a name that templates can write after a dot."""
    return type(value) is str and value.isascii() and value.isidentifier()


def is_id(value: object) -> bool:
    """Tell whether a value may be the id of a step."""
    return type(value) is str and value.isascii() and value.replace("_", "a").isalnum()


def choice(*words: str) -> Kind:
    """Return the kind of a word out of a few."""
    return Kind(
        joined([f"`{word}`" for word in words]),
        lambda value: type(value) is str and value in words,
        {"enum": list(words)},
        choices=words,
    )


_DURATION = {"type": ["string", "number"], "pattern": r"^(\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d))+\s*$"}
STEPS_REFERENCE: Json = {"$ref": "#/$defs/steps"}

TEXT = Kind("a text", _of_type(str), {"type": "string"})
PROSE = Kind("a text without control characters", _is_prose, {"type": "string"})
FLAG = Kind("true or false", _of_type(bool), {"type": "boolean"})
COUNT = Kind("a whole number from 1 on", _count, {"type": "integer", "minimum": 1})
DURATION = Kind(
    "a time such as `30s`, `2m` or `1h30m` (a bare number counts seconds)",
    lambda value: duration(value) is not None,
    _DURATION,
)
PAUSE = Kind(
    "a time such as `30s`, `2m` or `1h30m`, or 0 (a bare number counts seconds)",
    lambda value: duration(value, zero=True) is not None,
    _DURATION,
)
SHARE = Kind(
    "a number from 0 to 1, or true or false",
    lambda value: type(value) is bool or (isinstance(value, int | float) and 0 <= value <= 1),
    {"type": ["number", "boolean"], "minimum": 0, "maximum": 1},
)
NAME = Kind(
    "a name of letters, digits and `_` that starts with no digit",
    is_identifier,
    {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
)
ID = Kind("a text of letters (a–z), digits and `_`", is_id, {"type": "string", "pattern": "^[A-Za-z0-9_]+$"})
IDS = Kind(
    "the id of a step, or a list of ids",
    _texts,
    {"type": ["string", "array"], "items": {"type": "string"}},
)
WORDS = Kind("a text or a list of texts", _texts, {"type": ["string", "array"], "items": {"type": "string"}})
MAPPING = Kind("a mapping", _mapping, {"type": "object"}, moving=True)
STEPS = Kind("a list of steps", _of_type(list), STEPS_REFERENCE)
TESTS = Kind("a list of tests", _of_type(list), {"type": "array", "items": {"$ref": "#/$defs/test"}})
CONDITION = Kind(
    "a condition such as `inputs.count > 3`",
    _of_type(str, bool),
    {"type": ["string", "boolean"]},
    moving=True,
)
ITEMS = Kind(
    "a list, or a template that gives one", _of_type(str, list), {"type": ["string", "array"]}, moving=True
)
ANYTHING = Kind("a value", lambda _: True, {}, moving=True)
SCALAR = Kind(
    "a text, a number, true, false or null",
    _of_type(str, int, float, bool, type(None)),
    {"type": ["string", "number", "boolean", "null"]},
)
CASES = Kind(
    "a mapping of key → steps, or a list of `{case, steps}`",
    _of_type(dict, list),
    {
        "anyOf": [
            {"type": "object", "additionalProperties": STEPS_REFERENCE},
            {"type": "array", "items": {"$ref": "#/$defs/case"}},
        ]
    },
)


def either(expected: str, *accepts: Callable[[object], bool], schema: Json) -> Kind:
    """Return the kind of values that one of several tests accepts."""
    return Kind(expected, lambda value: any(accept(value) for accept in accepts), schema)


def _any_of(*schemas: Json) -> Json:
    return {"anyOf": list[object](schemas)}


def _reference(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


RETRY = either(
    "a number of tries, or a mapping such as `{attempts: 3, backoff: 1s}`",
    _count,
    _mapping,
    schema=_any_of(COUNT.schema, _reference("retry")),
)
CACHE = either(
    "true, false or `{ttl: 1h}`", _of_type(bool), _mapping, schema=_any_of(FLAG.schema, _reference("cache"))
)
UNDO = either(
    "true, or a mapping such as `{action: …, with: …}`",
    lambda value: value is True,
    _mapping,
    schema=_any_of({"const": True}, _reference("undo")),
)
_SUM: Json = {"type": "string", "pattern": r"^\s*(\$\s*[0-9_.]+|[0-9_.]+\s*[Uu][Ss][Dd])\s*$"}
MONEY = Kind("a sum in US dollars such as `0.50 USD`", lambda value: dollars(value) is not None, {**_SUM})
BUDGET = either(
    "a sum in US dollars such as `0.50 USD`, or a mapping such as `{amount: 0.50 USD, degrade: true}`",
    MONEY.accepts,
    _mapping,
    schema=_any_of(MONEY.schema, _reference("budget")),
)
REDUCE = either(
    'a mapping such as `{as: total, start: 0, value: "{{ total + result }}"}`',
    _mapping,
    schema=_reference("reduce"),
)
MODEL = either(
    "`auto`, the name of a model, a list of names, or a mapping of requirements",
    _texts,
    _mapping,
    schema=_any_of(WORDS.schema, {"type": "object"}),
)
ON_ERROR = either(
    "`fail`, `continue`, a mapping such as `{value: …}`, `{goto: …}` or `{steps: […]}`, or a list of those",
    _of_type(str, list),
    _mapping,
    schema=_any_of(_reference("recovery"), {"type": "array", "items": _reference("recovery"), "minItems": 1}),
)
RECOVERY = either(
    "`fail`, `continue`, or a mapping such as `{value: …}`, `{goto: …}` or `{steps: […]}`",
    lambda value: value in ("fail", "continue"),
    _mapping,
    schema=_reference("recovery"),
)
LANGUAGE = Kind(
    "1, the version that this py-orc reads", lambda value: value == 1 and type(value) is int, {"const": 1}
)
ONLY_TRUE = Kind("true", lambda value: value is True, {"const": True})
