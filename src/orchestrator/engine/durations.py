"""Lengths of time as people write them."""

import re

_LONGEST = 1e9
"""About thirty years: what lies beyond is a mistake, infinity included."""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def seconds_of(value: object) -> float | None:
    """Return the seconds of a number, or of a text such as `10s` or `1h30m`; None when it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < _LONGEST else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    return seconds if seconds < _LONGEST else None
