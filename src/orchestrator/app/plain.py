"""Values as JSON can hold them: what result documents, events and lists print."""

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast

from orchestrator.core.plain import is_list, is_mapping

_PLAIN = (str, int, bool, type(None))


def plain(value: object) -> object:
    """Return the value with everything JSON does not know as text.

    Money and other decimals become their exact text, dates ISO 8601, bytes UTF-8 text (undecodable ones escaped), numbers
    that are not finite their name; keys become text.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if is_mapping(value):
        return {key if type(key) is str else str(key): plain(item) for key, item in value.items()}
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


def moment(seconds: float | None) -> str | None:
    """Return epoch seconds as ISO 8601 in UTC with milliseconds."""
    if seconds is None:
        return None
    from datetime import UTC

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
