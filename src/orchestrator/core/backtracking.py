"""How much a regular expression may cost at worst, read off its text.

Python's engine backtracks, cannot be stopped, and takes exponential time on some patterns. So a pattern is weighed
before it runs: every choice (`?`, `|`, `{1,5}`) multiplies the ways to try, every open repetition (`*`, `+`, `{2,}`)
that could also stop elsewhere makes them grow with another power of the text's length, and the text must be short
enough for the product. A repetition that is followed by the end, or by a character it cannot match itself, as in
`\\w+@`, has one place to stop and costs nothing extra. Back-references are refused, and so are choices inside a
repetition, unless each round begins or ends with a character that nothing else in it can match, as in `(-\\w+)*`: then
there is one way to cut the text into rounds.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from orchestrator.core.misfit import shown

MAX_PATTERN = 500
_MAX_WORK = 100_000_000  # about three seconds at worst
_MAX_TEXT = 1_000_000
_MAX_COUNTED = 1_000_000
"""What all counts such as `{4}` may multiply to: the engine keeps track of each repetition, also of nothing."""
_PART = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P<\w+>|[:=!]|<[=!])?|[()|*+?]|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_FLAGS = re.compile(r"\(\?[aimsu]+\)")
_REPEATS = frozenset("*+?{")
_STARTS = frozenset(("^", "\\A"))
_ENDS = frozenset(("$", "\\Z"))


class UnboundedPatternError(ValueError):
    """A regular expression whose cost has no bound."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Cost(NamedTuple):
    """What a pattern may cost."""

    repeats: bool
    """Whether there is an open repetition at all."""
    ambiguous: int
    """How many open repetitions may stop at several places."""
    choices: int
    """The product of all other choices."""
    anchored: bool = False
    """Whether it can only be found at the start of the text."""

    def longest_text(self) -> int:
        """Return the length of the longest text that may be searched."""
        power = (2 - self.anchored + self.ambiguous) if self.repeats else 1
        return min(_MAX_TEXT, int((_MAX_WORK / self.choices) ** (1 / power)))


def cost_of(pattern: str) -> Cost:
    """Weigh a pattern; raises UnboundedPatternError for what cannot be bounded."""
    if len(pattern) > MAX_PATTERN:
        raise UnboundedPatternError(f"a pattern of more than {MAX_PATTERN} characters is refused")
    flags = _FLAGS.match(pattern)
    parts = _PART.findall(pattern, flags.end() if flags else 0)
    ambiguous, choices, repeats = 0, 1, False
    counted = 1
    anchored = bool(parts) and parts[0] in _STARTS and not (flags and "m" in flags[0])
    open_groups = [False]
    begins = [0]
    group_has_choice = False
    last_group: Sequence[str] = ()
    for index, part in enumerate(parts):
        before = parts[index - 1] if index else ""
        if part[0] == "\\" and part[1:2].isdigit():
            raise UnboundedPatternError("back-references are not part of the language's patterns")
        if part[0] == "(":
            _check_group(part)
            open_groups.append(False)
            begins.append(index)
        elif part == ")":
            closes = len(open_groups) > 1
            group_has_choice = open_groups.pop() if closes else False
            last_group = parts[begins.pop() : index] if closes else ()
            open_groups[-1] |= group_has_choice
        elif part == "|":
            choices *= 2
            anchored &= len(open_groups) > 1
            open_groups[-1] = True
        elif _is_repeat(part) and not (part in "?+" and _is_repeat(before)):
            if before == ")" and group_has_choice and part != "?" and not _is_delimited(last_group):
                raise UnboundedPatternError(
                    "a choice or repetition inside a repetition is refused",
                    "it could take for ever on some texts.",
                )
            width = _width(part)
            counted *= _highest_count(part)
            if counted > _MAX_COUNTED:
                raise UnboundedPatternError(
                    f"a pattern that counts to more than {_MAX_COUNTED:,} is refused",
                    "use smaller numbers in `{…}`.",
                )
            open_groups[-1] |= width != 1
            repeats |= width == 0
            if width == 0:
                ambiguous += not _stops(before, parts[index + 1 :])
            choices *= max(1, width)
    return Cost(repeats, ambiguous, choices, anchored)


def fault_of(pattern: str) -> str:
    """Return what is wrong with a pattern that a file gives, nothing when it may be used."""
    try:
        cost_of(pattern)
        re.compile(pattern)
    except UnboundedPatternError as error:
        return f"the pattern {shown(pattern)} is not accepted: {error.message}" + (
            error.hint and f"; {error.hint}"
        )
    except (re.error, OverflowError, RecursionError) as error:
        return f"the pattern {shown(pattern)} cannot be read: {error}"
    return ""


def _check_group(part: str) -> None:
    if part == "(?":
        raise UnboundedPatternError(
            "this kind of group is not part of the language's patterns",
            "use `(…)`, `(?:…)`, `(?P<name>…)` or `(?=…)`; `(?i)` stands at the start.",
        )


def _is_repeat(part: str) -> bool:
    return part in {"*", "+", "?"} or (part[:1] == "{" and len(part) > 2 and part != "{,}")


def _width(part: str) -> int:
    """Return how many lengths a repetition can have; 0 when there is no bound."""
    if part in {"*", "+"}:
        return 0
    if part == "?":
        return 2
    least, comma, most = part[1:-1].partition(",")
    if not comma:
        return 1
    return int(most) - int(least or 0) + 1 if most else 0


def _highest_count(part: str) -> int:
    numbers = [int(number) for number in part.strip("{}").split(",") if number.isdigit()]
    return max([1, *numbers])


def _is_delimited(group: Sequence[str]) -> bool:
    """Tell whether a repeated group cuts a text into rounds in one way, and each round has one way to match.

    The group is flat, begins or ends with a character that no other part of it can match, and what repeats inside has
    one place to stop.
    """
    kind, *parts = group
    if kind in {"(?=", "(?!", "(?<=", "(?<!"} or any(part[0] == "(" or part == "|" for part in parts):
        return False
    marked = [(parts[-1], parts[:-1])]
    if len(parts) > 1 and not _is_repeat(parts[1]):
        marked.append((parts[0], parts[1:]))
    if not any(_is_literal(mark) and _differ_all(others, mark) for mark, others in marked):
        return False
    return all(
        _stops(before, parts[index + 2 :])
        for index, (before, part) in enumerate(pairwise(parts))
        if _is_repeat(part) and not (part in "?+" and _is_repeat(before))
    )


def _differ_all(parts: Sequence[str], literal: str) -> bool:
    return all(_is_repeat(part) or _differ(part, literal) for part in parts)


def _stops(atom: str, after: list[str]) -> bool:
    """Tell whether a repetition of `atom` has one place to stop: the end, or a character it cannot match."""
    following = [part for part in after if part != ")"]
    if following and following[0] == "?":
        following = following[1:]  # a lazy repetition ends where a greedy one does
    if not following or (len(following) == 1 and following[0] in _ENDS):
        return True
    literal = following[0]
    optional = len(following) > 1 and _is_repeat(following[1]) and following[1] != "+"
    return atom != ")" and not optional and _is_literal(literal) and _differ(atom, literal)


def _differ(atom: str, literal: str) -> bool:
    """Tell whether a part of a pattern cannot match a character."""
    try:
        return re.fullmatch(atom, literal[-1], re.DOTALL | re.IGNORECASE) is None
    except re.error:
        return False


def _is_literal(part: str) -> bool:
    if part[0] == "\\":
        return len(part) == 2 and not part[1].isalnum()
    return len(part) == 1 and part not in ".^$()|*+?"
