"""Filters on numbers."""

# ruff: noqa: ARG001 - every filter takes the frame, whether it needs it or not
# ruff: noqa: FBT001, FBT002 - arguments stand in Jinja2's own order
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from orchestrator.expressions.frame import INTEGER_BITS, Frame
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe, truth

_LARGEST_EXPONENT = 4_000
_SIZES = ("kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")


def absolute(frame: Frame, value: object) -> object:
    """Give a number without its sign."""
    return abs(_number(value, "abs"))


def as_int(frame: Frame, value: object, default: object = 0, base: int = 10) -> object:
    """Make a whole number; `default` stands in for what cannot be one."""
    _bounded(value)
    try:
        return int(value, base) if isinstance(value, str) else int(value)  # pyright: ignore[reportArgumentType, reportCallIssue]
    except (TypeError, ValueError, OverflowError):
        try:
            return int(float(value))  # pyright: ignore[reportArgumentType] - so that "42.23" gives 42
        except (TypeError, ValueError, OverflowError):
            return default


def as_float(frame: Frame, value: object, default: object = 0.0) -> object:
    """Make a float; `default` stands in for what cannot be one."""
    try:
        return float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError, OverflowError):
        return default


def as_decimal(frame: Frame, value: object, default: object = None) -> object:
    """Make an exact decimal, a float as it is printed; `default` stands in for what cannot be one."""
    if isinstance(value, (int, float, Decimal, str)):
        try:
            return Decimal(str(value).strip())
        except InvalidOperation:
            pass
    if default is not None:
        return default
    raise Refused(f"{describe(value)} cannot become a decimal", "give a default: `| decimal(0)`.")


def file_size(frame: Frame, value: object, binary: bool = False) -> str:
    """Print a number of bytes for people: `4.1 MB`."""
    size = float(value)  # pyright: ignore[reportArgumentType]
    base = 1024 if truth(binary) else 1000
    if size == 1:
        return "1 Byte"
    if size < base:
        return f"{int(size)} Bytes"
    power = next((power for power in range(2, len(_SIZES) + 1) if size < base**power), len(_SIZES) + 1)
    power = min(power, len(_SIZES) + 1)
    prefix = _SIZES[power - 2]
    if truth(binary):
        prefix = f"{prefix[0].upper()}iB"
    return f"{base * size / base**power:.1f} {prefix}"


def rounded(frame: Frame, value: object, precision: int = 0, method: str = "common") -> object:
    """Round to a number of places; `method` is `common`, `ceil` or `floor`."""
    if method not in {"common", "ceil", "floor"}:
        raise Refused("`round` knows the methods common, ceil and floor")
    number = _number(value, "round")
    _bounded(number)
    if abs(precision) > 400:
        raise Refused("`round` needs a precision between -400 and 400")
    if method == "common":
        return round(number, precision)
    function = math.ceil if method == "ceil" else math.floor
    return function(number * (10**precision)) / (10**precision)  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]


NUMBER_FILTERS: Mapping[str, Callable[..., object]] = {
    "abs": absolute, "decimal": as_decimal, "filesizeformat": file_size, "float": as_float, "int": as_int,
    "round": rounded,
}  # fmt: skip


def _number(value: object, name: str) -> int | float | Decimal:
    if isinstance(value, (int, float, Decimal)):
        return value
    raise Refused(f"`{name}` needs a number, not {describe(value)}", "convert it with `| int` or `| float`.")


def _bounded(value: object) -> None:
    """Refuse what would make an integer of endless length."""
    too_long = isinstance(value, Decimal) and value.is_finite() and value.adjusted() > _LARGEST_EXPONENT
    if too_long or (isinstance(value, str) and len(value) > INTEGER_BITS):
        raise Refused("this number grows too large")
