"""Arithmetic and comparison as in Python, with bounded results and exact decimals."""

# ruff: noqa: ARG001 - every operator takes the frame, whether it needs it or not
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

import operator
from collections.abc import Callable, Mapping
from decimal import Context, Decimal

from orchestrator.core.secret import Sealed, Secret
from orchestrator.core.undefined import Undefined
from orchestrator.expressions.frame import INTEGER_BITS, Frame
from orchestrator.expressions.printf import format_text
from orchestrator.expressions.refusal import Refused, not_defined
from orchestrator.expressions.values import describe, join_pieces, secret_refused, usable, weigh

_add: Callable[..., object] = operator.add
_subtract: Callable[..., object] = operator.sub
_multiply: Callable[..., object] = operator.mul
_modulo: Callable[..., object] = operator.mod
_negate: Callable[..., object] = operator.neg
_keep_sign: Callable[..., object] = operator.pos
_less: Callable[..., object] = operator.lt
_less_equal: Callable[..., object] = operator.le
_greater: Callable[..., object] = operator.gt
_greater_equal: Callable[..., object] = operator.ge
_NUMBERS = frozenset((int, float, bool))
_EXACT_DIGITS = 1_000
_CONTAINERS = (list, tuple, Mapping)

Operation = Callable[[Frame, object, object], object]


def add(frame: Frame, left: object, right: object) -> object:
    """Add numbers, or join texts, lists or tuples."""
    if type(left) is int and type(right) is int:
        return left + right
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return _add(left, right)
    if isinstance(left, str) and isinstance(right, str):
        frame.text_room(len(left) + len(right))
        return left + right
    if isinstance(left, (str, Secret, Sealed)) and isinstance(right, (str, Secret, Sealed)):
        return join_pieces(frame, (left, right))
    if isinstance(left, list) and isinstance(right, list):
        frame.element_room(len(left) + len(right))  # pyright: ignore[reportUnknownArgumentType]
        return _add(left, right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        frame.element_room(len(left) + len(right))  # pyright: ignore[reportUnknownArgumentType]
        return _add(left, right)
    if isinstance(left, str) or isinstance(right, str):
        usable(left)
        usable(right)
        raise Refused(
            f"{describe(left)} and {describe(right)} cannot be added",
            "join texts with `~`, or convert with `| int`.",
        )
    return _calculate(frame, "+", _add, left, right)


def subtract(frame: Frame, left: object, right: object) -> object:
    """Subtract numbers."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return _subtract(left, right)
    return _calculate(frame, "-", _subtract, left, right)


def multiply(frame: Frame, left: object, right: object) -> object:
    """Multiply numbers, or repeat a text or list."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        if isinstance(left, int) and isinstance(right, int):
            _check_product(frame, left, right)
        return _multiply(left, right)
    if isinstance(left, int) and isinstance(right, (str, list, tuple)):
        left, right = right, left
    if isinstance(left, (str, list, tuple)) and isinstance(right, int):
        length = len(left) * max(0, right)  # pyright: ignore[reportUnknownArgumentType]
        frame.text_room(length) if isinstance(left, str) else frame.element_room(length)
        return _multiply(left, right)
    return _calculate(frame, "*", _multiply, left, right)


def divide(frame: Frame, left: object, right: object) -> object:
    """Divide numbers; whole numbers give a float."""
    return _calculate(frame, "/", operator.truediv, left, right)


def floor_divide(frame: Frame, left: object, right: object) -> object:
    """Divide numbers and round down."""
    return _calculate(frame, "//", operator.floordiv, left, right)


def modulo(frame: Frame, left: object, right: object) -> object:
    """Give the remainder, or fill the holes of a text: `"%d items" % 3`."""
    if isinstance(left, str):
        return format_text(frame, left, usable(right))
    return _calculate(frame, "%", _modulo, left, right)


def power(frame: Frame, left: object, right: object) -> object:
    """Raise a number to a power."""
    if isinstance(left, int) and isinstance(right, int):
        _check_power(frame, left, right)
    result = _calculate(frame, "**", operator.pow, left, right)
    if isinstance(result, complex):
        raise Refused("a negative number has no such root")
    return result


def negate(frame: Frame, value: object) -> object:
    """Change the sign."""
    return _signed("-", _negate, value)


def keep_sign(frame: Frame, value: object) -> object:
    """Keep a number as it is."""
    return _signed("+", _keep_sign, value)


def equal(frame: Frame, left: object, right: object) -> bool:
    """Tell whether two values are equal; a skipped value equals nothing."""
    return _equal(frame, left, right)


def unequal(frame: Frame, left: object, right: object) -> bool:
    """Tell whether two values differ."""
    return not _equal(frame, left, right)


def contains(frame: Frame, left: object, right: object) -> bool:
    """Tell whether a list has an element, a mapping a key or a text a part."""
    usable(left)
    usable(right)
    if isinstance(right, str):
        if not isinstance(left, str):
            raise Refused(f"{describe(left)} cannot be searched in a text", "convert it with `| string`.")
        frame.text_room(len(right))
        return left in right
    if not isinstance(right, _CONTAINERS):
        raise Refused(f"nothing can be `in` {describe(right)}")
    weigh_both(frame, left, right)
    try:
        return left in right
    except ArithmeticError:  # a signalling NaN
        raise Refused("a decimal that is no number cannot be compared") from None
    except TypeError:
        raise Refused(f"{describe(left)} cannot be a key") from None


def lacks(frame: Frame, left: object, right: object) -> bool:
    """Tell the opposite of `contains`."""
    return not contains(frame, left, right)


def less(frame: Frame, left: object, right: object) -> bool:
    """Tell whether the left value comes first."""
    return _ordered(frame, _less, left, right)


def less_equal(frame: Frame, left: object, right: object) -> bool:
    """Tell whether the left value comes first or is equal."""
    return _ordered(frame, _less_equal, left, right)


def greater(frame: Frame, left: object, right: object) -> bool:
    """Tell whether the left value comes last."""
    return _ordered(frame, _greater, left, right)


def greater_equal(frame: Frame, left: object, right: object) -> bool:
    """Tell whether the left value comes last or is equal."""
    return _ordered(frame, _greater_equal, left, right)


BINARY: Mapping[str, Operation] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "//": floor_divide, "%": modulo, "**": power,
}  # fmt: skip
UNARY: Mapping[str, Callable[[Frame, object], object]] = {"-": negate, "+": keep_sign}
COMPARISONS: Mapping[str, Callable[[Frame, object, object], bool]] = {
    "==": equal, "!=": unequal, "<": less, "<=": less_equal, ">": greater, ">=": greater_equal,
    "in": contains, "not in": lacks,
}  # fmt: skip


def weigh_both(frame: Frame, left: object, right: object) -> None:
    """Spend fuel for comparing two values when both have parts."""
    if isinstance(left, _CONTAINERS) and isinstance(right, _CONTAINERS):
        weigh(frame, left)
        weigh(frame, right)
    elif isinstance(right, _CONTAINERS):
        frame.spend(len(right) // 8)
    elif isinstance(left, str) and isinstance(right, str):
        frame.text_room(min(len(left), len(right)))


def _equal(frame: Frame, left: object, right: object) -> bool:
    for value in (left, right):
        if isinstance(value, Undefined):
            if not value.skipped:
                raise not_defined(value)
            return False
        if isinstance(value, (Secret, Sealed)):
            raise secret_refused(value)
    weigh_both(frame, left, right)
    try:
        return left == right
    except ArithmeticError:  # a signalling NaN
        raise Refused("a decimal that is no number cannot be compared") from None


def _ordered(frame: Frame, compare: Callable[[object, object], object], left: object, right: object) -> bool:
    usable(left)
    usable(right)
    weigh_both(frame, left, right)
    try:
        return bool(compare(left, right))
    except ArithmeticError:  # a NaN
        raise Refused("a decimal that is no number has no order") from None
    except TypeError:
        hint = (
            "convert one of them, as in `| int`." if isinstance(left, str) or isinstance(right, str) else ""
        )
        raise Refused(f"{describe(left)} and {describe(right)} have no order", hint) from None


def _check_product(frame: Frame, left: int, right: int) -> None:
    bits = left.bit_length() + right.bit_length()
    if bits > INTEGER_BITS:
        raise Refused("this number grows too large")
    frame.spend(bits >> 8)


def _check_power(frame: Frame, left: int, right: int) -> None:
    bits = left.bit_length() * max(0, right) if abs(left) > 1 else 0
    if bits > INTEGER_BITS:
        raise Refused("this number grows too large")
    frame.spend(bits >> 8)


def _signed(sign: str, operation: Callable[..., object], value: object) -> object:
    if not isinstance(usable(value), (int, float, Decimal)):
        raise Refused(
            f"`{sign}` needs a number, not {describe(value)}", "convert it with `| int` or `| float`."
        )
    try:
        return operation(value)
    except ArithmeticError:  # a signalling NaN
        raise Refused(f"`{sign}` cannot be used on a decimal that is no number") from None


def _calculate(
    frame: Frame, sign: str, operation: Callable[[object, object], object], left: object, right: object
) -> object:
    """Apply an operation to two numbers of any kind."""
    for value in (left, right):
        if not isinstance(usable(value), (int, float, Decimal)):
            raise Refused(
                f"`{sign}` cannot be used on {describe(left)} and {describe(right)}",
                "convert texts with `| int` or `| float`." if isinstance(value, str) else "",
            )
        if isinstance(value, int):
            frame.spend(value.bit_length() >> 8)
    try:
        if isinstance(left, Decimal) or isinstance(right, Decimal):
            return _calculate_exactly(sign, left, right)
        return operation(left, right)
    except ZeroDivisionError:
        raise Refused("division by zero", "guard it with `if`.") from None
    except ArithmeticError:
        raise Refused(f"the result of `{sign}` is out of range") from None


def _calculate_exactly(sign: str, left: object, right: object) -> object:
    """Calculate with decimals: sums and products keep every digit, quotients the usual 28."""
    if isinstance(left, float) or isinstance(right, float):
        raise Refused(
            "a decimal and a float cannot be mixed exactly",
            "convert the float with `| decimal`, or the decimal with `| float` where exactness does not matter.",
        )
    exact = sign in {"+", "-", "*"}
    context = Context(prec=_EXACT_DIGITS if exact else 28)
    first = left if isinstance(left, Decimal) else Decimal(int(left))  # pyright: ignore[reportArgumentType]
    second = right if isinstance(right, Decimal) else Decimal(int(right))  # pyright: ignore[reportArgumentType]
    operations = {
        "+": context.add, "-": context.subtract, "*": context.multiply, "/": context.divide,
        "//": context.divide_int, "%": context.remainder, "**": context.power,
    }  # fmt: skip
    return operations[sign](first, second)
