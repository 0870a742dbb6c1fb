"""Filters with regular expressions, as long as they cannot run away."""


# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

import re
from collections.abc import Callable, Mapping

from orchestrator.core.backtracking import UnboundedPatternError, cost_of
from orchestrator.expressions.frame import Frame
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe, text_of


def regex_search(frame: Frame, value: object, pattern: str, group: int | str = 0) -> str | None:
    """Give what the pattern finds first, or one group of it; null when nothing is found."""
    text, compiled = _prepared(frame, value, pattern)
    found = compiled.search(text)
    try:
        return found[group] if found else None
    except IndexError:
        raise Refused(f"the pattern has no group {group!r}") from None


def regex_findall(frame: Frame, value: object, pattern: str) -> list[object]:
    """Give everything that the pattern finds; groups as in Python's `findall`."""
    text, compiled = _prepared(frame, value, pattern)
    groups = compiled.groups
    found: list[object] = []
    parts = characters = 0
    for match in compiled.finditer(text):
        pieces = match.groups("") if groups else (match[0],)
        found.append(pieces if groups > 1 else pieces[0])
        parts += len(pieces)
        characters += sum(map(len, pieces))
        if parts > frame.limits.elements or characters > frame.limits.text:
            break
    frame.element_room(parts)
    frame.text_room(characters)
    return found


def regex_replace(frame: Frame, value: object, pattern: str, replacement: str = "", count: int = 0) -> str:
    """Replace what the pattern finds; `\\1` in the replacement stands for the first group."""
    text, compiled = _prepared(frame, value, pattern)
    new = text_of(frame, replacement)
    pieces = 0
    for found in compiled.finditer(text):
        pieces += len(new) * (1 + len(found[0]))
        if pieces > frame.limits.text:
            break
    frame.text_room(len(text) + pieces)
    try:
        return compiled.sub(new, text, count)
    except (re.error, IndexError) as error:
        raise Refused(f"the replacement does not fit the pattern: {error}") from None


def regex_match(frame: Frame, value: object, pattern: str) -> bool:
    """Tell whether the pattern is found at the start of the text."""
    text, compiled = _prepared(frame, value, pattern)
    return compiled.match(text) is not None


PATTERN_FILTERS: Mapping[str, Callable[..., object]] = {
    "regex_findall": regex_findall, "regex_match": regex_match, "regex_replace": regex_replace,
    "regex_search": regex_search,
}  # fmt: skip


def _prepared(frame: Frame, value: object, pattern: object) -> tuple[str, re.Pattern[str]]:
    text = text_of(frame, value)
    if not isinstance(pattern, str):
        raise Refused(f"a pattern is a text, not {describe(pattern)}")
    try:
        longest = cost_of(pattern).longest_text()
    except UnboundedPatternError as error:
        raise Refused(error.message, error.hint) from None
    if len(text) > longest:
        raise Refused(
            f"this pattern may search at most {longest:,} characters, not {len(text):,}",
            "shorten the text, or let each repetition end at a character that it cannot match.",
        )
    frame.spend(1 + len(text) // 10 * (1 + len(pattern) // 50))
    try:
        return text, re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Refused(f"this is no pattern: {error}") from None
