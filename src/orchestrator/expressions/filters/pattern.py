"""Filters with regular expressions.

Python's engine backtracks and cannot be stopped, so a template's patterns are kept to what cannot run away: no
repetition inside a repetition, no back-references, few open repetitions, and texts that get shorter as their number
grows.
"""


# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

import re
from collections.abc import Callable, Mapping

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe, text_of

_MAX_PATTERN = 500
_MAX_TEXT = (1_000_000, 100_000, 20_000, 5_000, 2_000)
"""The longest text for a pattern with 0, 1, 2 … open repetitions such as `*`; none for more."""
_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[^:=!<P]?|\(|\)|[*+]|\{\d*,?\d*\}|\?|.", re.DOTALL)


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
    return list(compiled.findall(text))


def regex_replace(frame: Frame, value: object, pattern: str, replacement: str = "", count: int = 0) -> str:
    """Replace what the pattern finds; `\\1` in the replacement stands for the first group."""
    text, compiled = _prepared(frame, value, pattern)
    new = text_of(frame, replacement)
    pieces = 0
    for found in compiled.finditer(text):
        pieces += len(new) * (1 + len(found[0]))
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
    if len(pattern) > _MAX_PATTERN:
        raise Refused(f"a pattern of more than {_MAX_PATTERN} characters is refused")
    repetitions = _open_repetitions(pattern)
    longest = _MAX_TEXT[repetitions] if repetitions < len(_MAX_TEXT) else 500
    if len(text) > longest:
        raise Refused(
            f"a pattern with {repetitions} open repetitions may search {longest:,} characters, not {len(text):,}",
            "shorten the text, or bound the repetitions as in `{1,20}`.",
        )
    frame.spend(1 + len(text) // 10)
    try:
        return text, re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Refused(f"this is no pattern: {error}") from None


def _open_repetitions(pattern: str) -> int:
    """Count repetitions without a small bound; refuse those that hold another one."""
    count = 0
    inside = [False]
    closed_with_repetition = False
    for found in _PART.finditer(pattern):
        part = found[0]
        if len(part) > 1 and part[0] == "\\" and (part[1].isdigit() or part[1] == "g"):
            raise Refused("back-references are not part of the language's patterns")
        if part.startswith("(?") and pattern.startswith("(?P=", found.start()):
            raise Refused("back-references are not part of the language's patterns")
        if part[0] == "(":
            inside.append(False)
        elif part == ")" and len(inside) > 1:
            closed_with_repetition = inside.pop()
            inside[-1] = inside[-1] or closed_with_repetition
            continue
        elif part in {"*", "+"} or (part[0] == "{" and len(part) > 2):
            if closed_with_repetition:
                raise Refused(
                    "a repetition inside a repetition is refused", "it could take for ever on some texts."
                )
            if part in {"*", "+"} or _is_wide(part):
                count += 1
            inside[-1] = True
        closed_with_repetition = False
    return count


def _is_wide(bounds: str) -> bool:
    """Tell whether `{m,n}` leaves more than a little choice."""
    least, comma, most = bounds[1:-1].partition(",")
    if not comma:
        return False
    return not most or int(most) - int(least or 0) > 100
