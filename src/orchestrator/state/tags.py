"""Values as JSON can say them: what it has no word for is tagged.

A tag is an object with one key that starts with `$`, such as `{"$decimal": "0.10"}`. Keys of data that start with `$` get
a second one on the way in and lose it on the way out, so data is never taken for a tag.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import TypeVar, cast

from orchestrator.core.failure import Failure
from orchestrator.core.secret import Sealed, Secret
from orchestrator.core.undefined import Undefined
from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.state.money import is_money

Moment = TypeVar("Moment", datetime, time)

_ESCAPES = frozenset("nrtxuU")


class UnkeepableError(Exception):
    """A value that no tag can hold."""

    def __init__(self, kind: type) -> None:
        self.kind = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        self.path: list[object] = []
        """Where it stands, innermost step first: each container on the way out adds its key."""
        super().__init__(self.kind)

    @property
    def place(self) -> str:
        """The path as people read it: `value.rows[3]`."""
        steps = [f".{step}" if isinstance(step, str) else f"[{step!r}]" for step in reversed(self.path)]
        return "".join(steps).removeprefix(".")


def tag(value: object) -> object:
    """Return the value as JSON can say it; raises `UnkeepableError`, and RecursionError for what contains itself."""
    write = _WRITE.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, Enum):
        return tag(cast("object", value.value))
    if isinstance(value, str):
        return _write_text(str.__str__(value))
    if isinstance(value, Mapping):
        return _write_mapping(cast("Mapping[object, object]", value))
    if isinstance(value, list | tuple):
        return _write_sequence(cast("list[object]", value))
    if isinstance(value, int | float):
        return tag(int(value) if isinstance(value, int) else float(value))
    if type(value).__name__ == "UUID":  # by name: the module is not worth importing for this
        return str(value)
    raise UnkeepableError(type(value))


def untag(value: object) -> object:
    """Return the value that was tagged; raises KeyError, TypeError or ValueError for what no tag looks like."""
    if type(value) is list:
        return [untag(item) for item in cast("list[object]", value)]
    if type(value) is not dict:
        return value
    mapping = cast("dict[str, object]", value)
    if len(mapping) == 1:
        ((name, content),) = mapping.items()
        if name[:1] == "$" and name[:2] != "$$":
            return _READ[name](content)
    return {key[1:] if key[:2] == "$$" else key: untag(item) for key, item in mapping.items()}


def _inside(key: object, value: object) -> object:
    try:
        return tag(value)
    except UnkeepableError as error:
        error.path.append(key)
        raise


def _write_plain(value: object) -> object:
    return value


def _write_int(value: int) -> object:
    return value if -(2**63) <= value < 2**64 else {"$int": hex(value)}


def _write_float(value: float) -> object:
    return value if isfinite(value) else {"$float": repr(value)}


def _write_text(value: str) -> object:
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return {"$text": value.encode("unicode_escape").decode("ascii")}
    return value


def _write_mapping(value: Mapping[object, object]) -> object:
    written: dict[str, object] = {}
    for key, item in value.items():
        plain = _write_text(str.__str__(key)) if isinstance(key, str) else None
        if type(plain) is not str:
            return {"$mapping": [[_inside(k, k), _inside(k, v)] for k, v in value.items()]}
        written["$" + plain if plain[:1] == "$" else plain] = _inside(plain, item)
    return written


def _write_sequence(value: list[object] | tuple[object, ...]) -> object:
    return [_inside(index, item) for index, item in enumerate(value)]


def _write_frozenset(value: frozenset[object]) -> object:
    # Sorted, so that equal sets give equal bytes.
    return {"$frozenset": _write_sequence(sorted(value, key=lambda item: (type(item).__name__, repr(item))))}


def _write_failure(value: Failure) -> object:
    return {
        "$failure": {
            "class": _write_text(value.error_class),
            "message": _write_text(value.message),
            "step": _write_text(value.step),
            "attempt": value.attempt,
            "retryable": value.retryable,
            "retry_after": tag(value.retry_after),
            "details": _inside("details", value.details),
            "cause": _write_text(value.cause),
            **({} if value.usage == NO_USAGE else {"usage": value.usage.as_data()}),
        }
    }


def _read_failure(content: object) -> Failure:
    parts = cast("dict[str, object]", content)
    retry_after = untag(parts["retry_after"])
    if retry_after is not None and type(retry_after) not in (int, float):
        raise TypeError(retry_after)
    return Failure(
        error_class=_text(untag(parts["class"])),
        message=_text(untag(parts["message"])),
        step=_text(untag(parts["step"])),
        attempt=_count(parts["attempt"]),
        retryable=_is_true(parts["retryable"]),
        retry_after=cast("float | None", retry_after),
        details=untag(parts["details"]),
        cause=_text(untag(parts["cause"])),
        usage=_read_usage(parts["usage"]) if "usage" in parts else NO_USAGE,
    )


def _write_usage(value: Usage) -> object:
    return {"$usage": value.as_data()}


def _read_usage(content: object) -> Usage:
    parts = cast("dict[str, object]", content)
    return Usage(
        requests=_count(parts["requests"]),
        input_tokens=_count(parts["input_tokens"]),
        output_tokens=_count(parts["output_tokens"]),
        cost=_read_money(parts["cost"]),
        uncertain=_read_money(parts.get("uncertain")),
    )


def _read_money(content: object) -> Decimal | None:
    money = None if content is None else Decimal(_text(content))
    if money is not None and not is_money(money):
        raise ValueError(content)
    return money


def _write_sealed(value: Sealed) -> object:
    return {"$sealed": [tag(part) for part in value.parts]}


def _read_sealed(content: object) -> Sealed:
    parts = cast("list[str | Secret]", untag(content))
    if any(type(part) not in (str, Secret) for part in parts):
        raise TypeError(content)
    return Sealed(tuple(parts))


def _write_moment(value: datetime | time) -> str:
    # The second time of an hour that a clock shows twice; ISO 8601 has no sign for it.
    return value.isoformat() + ("~" if value.fold else "")


def _read_moment(kind: type[Moment], content: str) -> Moment:
    moment = kind.fromisoformat(content.removesuffix("~"))
    return moment.replace(fold=1) if content.endswith("~") else moment


def _write_duration(value: timedelta) -> object:
    return {"$duration": [value.days, value.seconds, value.microseconds]}


def _read_text(content: object) -> str:
    text = _text(content)
    # What follows a backslash in anything else than these would make Python warn, or look names up.
    if any(part[:1] not in _ESCAPES for part in text.replace("\\\\", "").split("\\")[1:]):
        raise ValueError(content)
    return text.encode("ascii").decode("unicode_escape")


def _read_mapping(content: object) -> dict[object, object]:
    return {untag(key): untag(item) for key, item in cast("list[tuple[object, object]]", content)}


def _text(content: object) -> str:
    if type(content) is not str:
        raise TypeError(content)
    return content


def _count(content: object) -> int:
    if type(content) is not int or content < 0:
        raise TypeError(content)
    return content


def _is_true(content: object) -> bool:
    if type(content) is not bool:
        raise TypeError(content)
    return content


_WRITE = cast(
    "dict[type, Callable[[object], object]]",
    {
        type(None): _write_plain,
        bool: _write_plain,
        int: _write_int,
        float: _write_float,
        str: _write_text,
        dict: _write_mapping,
        list: _write_sequence,
        tuple: _write_sequence,
        Undefined: lambda _value: None,  # pyright: ignore[reportUnknownLambdaType]
        Decimal: lambda value: {"$decimal": str(value)},  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        bytes: lambda value: {"$bytes": b2a_base64(value, newline=False).decode()},  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        datetime: lambda value: {"$datetime": _write_moment(value)},  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        date: lambda value: {"$date": value.isoformat()},  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
        time: lambda value: {"$time": _write_moment(value)},  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        timedelta: _write_duration,
        frozenset: _write_frozenset,
        Failure: _write_failure,
        Usage: _write_usage,
        Secret: lambda value: {"$secret": value.name},  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
        Sealed: _write_sealed,
    },
)

_READ: dict[str, Callable[[object], object]] = {
    "$int": lambda content: int(_text(content), 16),
    "$float": lambda content: float(_text(content)),
    "$text": _read_text,
    "$mapping": _read_mapping,
    "$decimal": lambda content: Decimal(_text(content)),
    "$bytes": lambda content: a2b_base64(_text(content)),
    "$datetime": lambda content: _read_moment(datetime, _text(content)),
    "$date": lambda content: date.fromisoformat(_text(content)),
    "$time": lambda content: _read_moment(time, _text(content)),
    "$duration": lambda content: timedelta(*cast("list[int]", content)),
    "$frozenset": lambda content: frozenset(cast("list[object]", untag(content))),
    "$failure": _read_failure,
    "$usage": _read_usage,
    "$secret": lambda content: Secret(_text(content)),
    "$sealed": _read_sealed,
}
