"""Times and sizes as people write them: `1h30m`, `500ms`, `4GB`."""

LONGEST = 1e9
"""Seconds of the longest time; about thirty years."""
_MOST_BYTES = 1e24
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "tb": 1000**4,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
    "tib": 1024**4,
}
_NUMBER = frozenset("0123456789.")


def duration(value: object, *, zero: bool = False) -> float | None:
    """Return the seconds of `10s`, `2m`, `1h30m`, `500ms` or of a bare number; None when it is no duration.

    No time at all counts only with `zero`; more than about thirty years counts as a mistake.
    """
    seconds = _seconds(value)
    if seconds is None or not 0 <= seconds < LONGEST or (seconds == 0 and not zero):
        return None
    return seconds


def _seconds(value: object) -> float | None:
    if type(value) is int or type(value) is float:
        return float(value) if abs(value) < LONGEST else None
    if type(value) is not str:
        return None
    total = 0.0
    rest = value.replace(" ", "").lower()
    if not rest:
        return None
    while rest:
        amount, unit, rest = _first_pair(rest)
        if amount is None or unit not in _SECONDS:
            return None
        total += amount * _SECONDS[unit]
    return round(total, 9)


def size(value: object) -> int | None:
    """Return the bytes of `4GB`, `512 MiB` or of a bare number; None when it is no size."""
    if type(value) is int:
        return value if 0 < value < _MOST_BYTES else None
    if type(value) is not str:
        return None
    amount, unit, rest = _first_pair(value.replace(" ", "").lower())
    if amount is None or rest or unit not in _BYTES:
        return None
    found = amount * _BYTES[unit]
    return int(found) or None if found < _MOST_BYTES else None


def _first_pair(text: str) -> tuple[float | None, str, str]:
    """Return the number at the start, the unit behind it, and what follows."""
    end = next((i for i, char in enumerate(text) if char not in _NUMBER), len(text))
    stop = next((i for i, char in enumerate(text[end:], end) if char in _NUMBER), len(text))
    number = text[:end]
    well_formed = number.count(".") <= 1 and number.strip(".") == number and number
    return (float(number) if well_formed else None), text[end:stop], text[stop:]
