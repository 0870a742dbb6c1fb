"""Values as JSON can hold them: what result documents, events and lists print."""

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast

from orchestrator.core.plain import is_list, is_mapping

_LONG = 200
"""Characters beyond which nobody takes a text for a number or a word of the language."""

_PLAIN = (str, bool, type(None))
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""Epoch seconds of the calendar's first and last day."""


def plain(value: object) -> object:
    """Return the value with everything JSON does not know as text.

    Money and other decimals become their exact text, dates ISO 8601, bytes UTF-8 text (undecodable ones escaped), numbers
    that are not finite their name, whole numbers of more than 4,300 digits hexadecimal text; keys become text.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        value = cast("int", value)
        return value if -(2**63) <= value < 2**64 else _great(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if is_mapping(value):
        return {key if type(key) is str else str(plain(key)): plain(item) for key, item in value.items()}
    if is_list(value):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in cast("frozenset[object]", value)), key=str)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)


def written(value: object) -> str:
    """Return a value on one line as the language writes it: `true`, `null`, `"text"`, `[1, 2]`."""
    import json

    return json.dumps(plain(value), ensure_ascii=False)


def legible(value: object) -> str:
    """Return a value on one line, a text without quotes unless it would read as something else: `"true"`, `"52"`."""
    if isinstance(value, str):
        return written(value) if _reads_as_another(value) else value
    return written(value)


def _reads_as_another(text: str) -> bool:
    import json

    if len(text) > _LONG:
        return False
    try:
        json.loads(text)
    except ValueError:
        return not text.strip()
    return True


def clock_time(seconds: float) -> str:
    """Return epoch seconds as date, time and zone of the clock on this machine's wall."""
    import time

    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(seconds)).rstrip()


def _great(value: int) -> object:
    """Return a whole number, as hexadecimal text where it has more digits than Python writes in decimals."""
    try:
        str(value)
    except ValueError:
        return hex(value)
    return value


def moment(seconds: float | None) -> str | None:
    """Return epoch seconds as ISO 8601 in UTC with milliseconds."""
    if seconds is None:
        return None
    from datetime import UTC

    return (
        datetime.fromtimestamp(min(max(seconds, _FIRST), _LAST), UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def span(seconds: float | None) -> str:
    """Return a duration as people read it: `0.4 s`, `12 s`, `3 m 05 s`, `2 h 10 m`."""
    if seconds is None:
        return ""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} m"
