"""The tests behind `is`. `defined` and `undefined` are the evaluator's own: they alone may see a missing value."""

# ruff: noqa: ARG001 - every test takes the frame, whether it needs it or not
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping
from decimal import Decimal

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.operators import (
    contains,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    modulo,
    unequal,
)
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe, text_of

Predicate = Callable[..., bool]


def odd(frame: Frame, value: object) -> bool:
    """Tell whether a number is odd."""
    return modulo(frame, _number(value), 2) == 1


def even(frame: Frame, value: object) -> bool:
    """Tell whether a number is even."""
    return modulo(frame, _number(value), 2) == 0


def divisible_by(frame: Frame, value: object, num: object) -> bool:
    """Tell whether a number can be divided by another without a remainder."""
    return modulo(frame, _number(value), _number(num)) == 0


def defined(frame: Frame, value: object) -> bool:
    """Tell whether there is a value; the evaluator answers for a missing one."""
    return True


def undefined(frame: Frame, value: object) -> bool:
    """Tell whether there is no value; the evaluator answers for a missing one."""
    return False


def none(frame: Frame, value: object) -> bool:
    """Tell whether the value is null."""
    return value is None


def boolean(frame: Frame, value: object) -> bool:
    """Tell whether the value is true or false."""
    return value is True or value is False


def false(frame: Frame, value: object) -> bool:
    """Tell whether the value is `false` itself."""
    return value is False


def true(frame: Frame, value: object) -> bool:
    """Tell whether the value is `true` itself."""
    return value is True


def integer(frame: Frame, value: object) -> bool:
    """Tell whether the value is a whole number, not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def floating(frame: Frame, value: object) -> bool:
    """Tell whether the value is a float."""
    return isinstance(value, float)


def number(frame: Frame, value: object) -> bool:
    """Tell whether the value is a number; booleans are numbers, as in Jinja2."""
    return isinstance(value, (int, float, Decimal))


def lower(frame: Frame, value: object) -> bool:
    """Tell whether a text is in lower case."""
    return text_of(frame, value).islower()


def upper(frame: Frame, value: object) -> bool:
    """Tell whether a text is in upper case."""
    return text_of(frame, value).isupper()


def string(frame: Frame, value: object) -> bool:
    """Tell whether the value is a text."""
    return isinstance(value, str)


def mapping(frame: Frame, value: object) -> bool:
    """Tell whether the value is a mapping."""
    return isinstance(value, Mapping)


def sequence(frame: Frame, value: object) -> bool:
    """Tell whether the value has a length and items: a text, list, tuple or mapping."""
    return isinstance(value, (str, list, tuple, Mapping))


def same_as(frame: Frame, value: object, other: object) -> bool:
    """Tell whether two values are the same object; meant for null, true and false."""
    return value is other


def is_in(frame: Frame, value: object, seq: object) -> bool:
    """Tell whether a list, mapping or text contains the value."""
    return contains(frame, value, seq)


TESTS: Mapping[str, Predicate] = {
    "odd": odd, "even": even, "divisibleby": divisible_by, "defined": defined, "undefined": undefined,
    "none": none, "boolean": boolean, "false": false, "true": true, "integer": integer, "float": floating,
    "number": number, "lower": lower, "upper": upper, "string": string, "mapping": mapping,
    "sequence": sequence, "iterable": sequence, "sameas": same_as, "in": is_in,
    "==": equal, "eq": equal, "equalto": equal,
    "!=": unequal, "ne": unequal,
    ">": greater, "gt": greater, "greaterthan": greater,
    ">=": greater_equal, "ge": greater_equal,
    "<": less, "lt": less, "lessthan": less,
    "<=": less_equal, "le": less_equal,
}  # fmt: skip


def _number(value: object) -> object:
    if isinstance(value, (int, float, Decimal)):
        return value
    raise Refused(f"a number is expected, not {describe(value)}", "convert it with `| int`.")
