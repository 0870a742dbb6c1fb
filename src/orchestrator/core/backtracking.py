"""How much a regular expression may cost at worst, read off its text.

Python's engine backtracks, cannot be stopped, and takes exponential time on some patterns. So a pattern is weighed
before it runs: every choice (`?`, `|`, `{1,5}`) multiplies the ways to try, every open repetition (`*`, `+`, `{2,}`)
that could also stop elsewhere makes them grow with another power of the text's length, what is counted (`{500}`) makes
each of them longer, and the text must be short enough for the product. A repetition that is followed by the end, or by a character it cannot match itself, as in
`\\w+@`, has one place to stop and costs nothing extra. Back-references are refused, and so are choices inside a
repetition, unless each round begins or ends with a character that nothing else in it can match, as in `(-\\w+)*`: then
there is one way to cut the text into rounds.
"""

import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from orchestrator.core.misfit import shown

MAX_PATTERN = 500
_MAX_WORK = 100_000_000  # a few seconds at worst
_MAX_TEXT = 1_000_000
_MAX_COUNTED = 1_000_000
"""What all counts such as `{4}` may multiply to: the engine keeps track of each repetition, also of nothing."""
_COUNTED_AT_ONCE = 2
"""How many counted characters or rounds the engine tries in the time of one of the other choices, at worst."""
_PART = re.compile(
    r"""
    \\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)  # an escape
    |\[\^?\]?(?:\\.|[^\]\\])*\]  # a class
    |\(\?(?:P<\w+>|[:=!]|<[=!])?  # a group begins
    |\{(?:[0-9]*,[0-9]*|[0-9]+)\}  # a count; `{}` is none
    |.
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN_LETTERS = frozenset("AbBdDsSwWZafnrtvxuUN")
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_READINGS = tuple(re.DOTALL | case | script for case in (0, re.IGNORECASE) for script in (0, re.ASCII))
"""The flags under which two parts are compared: a pattern may set any, and each makes some part match more."""
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

    length: int = 1
    """What one way to match costs at worst, for what is counted in it."""

    def longest_text(self) -> int:
        """Return the length of the longest text that may be searched."""
        power = (not self.anchored) + self.repeats + self.ambiguous
        work = _MAX_WORK // (self.choices * self.length)
        return min(_MAX_TEXT, int(work ** (1 / power)) if power else work)


def cost_of(pattern: str) -> Cost:
    """Weigh a pattern; raises UnboundedPatternError for what cannot be bounded."""
    if len(pattern) > MAX_PATTERN:
        raise UnboundedPatternError(f"a pattern of more than {MAX_PATTERN} characters is refused")
    flags = _FLAGS.match(pattern)
    parts = _PART.findall(pattern, flags.end() if flags else 0)
    for part in parts:
        _check_part(part)
    ambiguous, choices, repeats = 0, 1, False
    counted = 1
    anchored = bool(parts) and parts[0] in _STARTS and not (flags and "m" in flags[0])
    open_groups = [False]
    begins = [0]
    group_has_choice = False
    last_group: Sequence[str] = ()
    for index, part in enumerate(parts):
        before = parts[index - 1] if index else ""
        if part[0] == "(":
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
    return Cost(repeats, ambiguous, choices, anchored, _counted_length(parts))


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


def _check_part(part: str) -> None:
    if part[0] in "\\[":
        _check_escapes(part)
    if part == "(?":
        raise UnboundedPatternError(
            "this kind of group is not part of the language's patterns",
            "use `(…)`, `(?:…)`, `(?P<name>…)` or `(?=…)`; `(?i)` stands at the start.",
        )


def _check_escapes(part: str) -> None:
    if part[0] == "\\" and part[1:2].isdigit():
        raise UnboundedPatternError("back-references are not part of the language's patterns")
    for letter in _ESCAPE.findall(part):
        bare = len(part) == 2 and letter in "xuUN"
        if bare or (letter.isascii() and letter.isalpha() and letter not in _KNOWN_LETTERS):
            raise UnboundedPatternError(f"there is no `\\{letter}` in the language's patterns")


def _is_repeat(part: str) -> bool:
    return part in {"*", "+", "?"} or (part[:1] == "{" and len(part) > 2)


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


def _counted_length(parts: Sequence[str]) -> int:
    """Return how much longer one way to match gets by what is counted, in the cost of one choice."""
    lengths = [0]
    size = written = 0
    for part in parts:
        if _is_repeat(part):
            lengths[-1] += max(1, size) * (_least_count(part) - 1)
        elif part[0] == "(":
            lengths.append(0)
        elif part == ")":
            size = lengths.pop() if len(lengths) > 1 else 0
            lengths[-1] += size
        else:
            size = 1
            written += 1
            lengths[-1] += 1
    return 1 + max(0, sum(lengths) - written) // _COUNTED_AT_ONCE


def _least_count(part: str) -> int:
    least = part[1:-1].partition(",")[0]
    return max(1, int(least)) if least else 1


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
    if not any(_differ_all(others, mark) for mark, others in marked):
        return False
    return all(
        _stops(before, parts[index + 2 :])
        for index, (before, part) in enumerate(pairwise(parts))
        if _is_repeat(part) and not (part in "?+" and _is_repeat(before))
    )


def _differ_all(parts: Sequence[str], literal: str) -> bool:
    return bool(_character(literal)) and all(_is_repeat(part) or _differ(part, literal) for part in parts)


def _stops(atom: str, after: list[str]) -> bool:
    """Tell whether a repetition of `atom` has one place to stop: the end, or a character it cannot match."""
    following = [part for part in after if part != ")"]
    if following and following[0] == "?":
        following = following[1:]  # a lazy repetition ends where a greedy one does
    if not following or (len(following) == 1 and following[0] in _ENDS):
        return True
    optional = len(following) > 1 and _is_repeat(following[1]) and following[1] != "+"
    return atom != ")" and not optional and _differ(atom, following[0])


def _differ(atom: str, literal: str) -> bool:
    """Tell whether a part of a pattern cannot match a character, which another part stands for."""
    character = _character(literal)
    try:
        return bool(character) and not any(re.fullmatch(atom, character, flags) for flags in _READINGS)
    except re.error:
        return False


def _character(part: str) -> str:
    """Return the one character that a part stands for; nothing when there is none."""
    if len(part) == 1:
        return "" if part in ".^$()|*+?" else part
    if part[0] != "\\":
        return ""
    letter, code = part[1], part[2:]
    if letter == "N":
        return _named(code[1:-1])
    if letter in "xuU":
        number = int(code, 16)
        return chr(number) if number <= sys.maxunicode else ""
    return _CONTROLS.get(letter, "" if letter.isalnum() else letter)


def _named(name: str) -> str:
    import unicodedata

    try:
        return unicodedata.lookup(name)
    except KeyError:
        return ""
