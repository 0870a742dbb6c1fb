"""One place where a value does not fit its schema, and the words for values in such sentences."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from orchestrator.core.plain import is_list, is_mapping

_LONGEST = 60


class Misfit(NamedTuple):
    """One place where a value does not fit its schema."""

    path: tuple[str | int, ...]
    """Where in the value."""
    message: str
    """What is wrong, in words that name the value and what is allowed."""
    hint: str = ""


def shown(value: object) -> str:
    """Return a value as a message shows it: one short line, as JSON would write it, large things only described."""
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if is_mapping(value):
        keys = ", ".join(str(key) for key in islice(value, 5))
        more = ", …" if len(value) > 5 else ""
        return f"a mapping with {shortened(keys)}{more}" if value else "an empty mapping"
    if is_list(value):
        return f"a list of {counted(len(value), 'item')}" if value else "an empty list"
    return shortened(str(value))


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return the text, cut with an ellipsis when it is too long."""
    return text if len(text) <= longest else text[:longest] + "…"


def counted(number: int, noun: str) -> str:
    """Return `1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def joined(words: Sequence[str], *, last: str = "or") -> str:
    """Return `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _quoted(text: str) -> str:
    from json import dumps

    return dumps(shortened(text), ensure_ascii=False)
