"""How much a regular expression may cost at worst, read off its text.

Python's engine backtracks, cannot be stopped, and takes exponential time on some patterns. So a pattern is weighed
before it runs: every choice (`?`, `|`, `{1,5}`) multiplies the ways to try, every open repetition (`*`, `+`, `{2,}`)
that could also stop elsewhere makes them grow with another power of the text's length, and the text must be short
enough for the product. A repetition that is followed by a character it cannot match itself, as in `\\w+@`, has one
place to stop and costs nothing extra. Choices inside a repetition and back-references are refused.
"""

import re
from typing import NamedTuple

from orchestrator.expressions.refusal import Refused

_MAX_PATTERN = 500
_MAX_WORK = 100_000_000  # about three seconds at worst
_MAX_TEXT = 1_000_000
_MAX_COUNTED = 1_000_000
"""What all counts such as `{4}` may multiply to: the engine keeps track of each repetition, also of nothing."""
_PART = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:P<\w+>|[:=!]|<[=!])?|[()|*+?]|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_REPEATS = frozenset("*+?{")


class Cost(NamedTuple):
    """What a pattern may cost."""

    repeats: bool
    """Whether there is an open repetition at all."""
    ambiguous: int
    """How many open repetitions may stop at several places."""
    choices: int
    """The product of all other choices."""

    def longest_text(self) -> int:
        """Return the length of the longest text that may be searched."""
        power = 2 + self.ambiguous if self.repeats else 1
        return min(_MAX_TEXT, int((_MAX_WORK / self.choices) ** (1 / power)))


def cost_of(pattern: str) -> Cost:
    """Weigh a pattern; refuses what cannot be bounded."""
    if len(pattern) > _MAX_PATTERN:
        raise Refused(f"a pattern of more than {_MAX_PATTERN} characters is refused")
    parts = _PART.findall(pattern)
    ambiguous, choices, repeats = 0, 1, False
    counted = 1
    open_groups = [False]
    group_has_choice = False
    for index, part in enumerate(parts):
        before = parts[index - 1] if index else ""
        if part[0] == "\\" and part[1:2].isdigit():
            raise Refused("back-references are not part of the language's patterns")
        if part[0] == "(":
            _check_group(part)
            open_groups.append(False)
        elif part == ")":
            group_has_choice = open_groups.pop() if len(open_groups) > 1 else False
            open_groups[-1] |= group_has_choice
        elif part == "|":
            choices *= 2
            open_groups[-1] = True
        elif _is_repeat(part) and not (part in "?+" and _is_repeat(before)):
            if before == ")" and group_has_choice and part != "?":
                raise Refused(
                    "a choice or repetition inside a repetition is refused",
                    "it could take for ever on some texts.",
                )
            width = _width(part)
            counted *= _highest_count(part)
            if counted > _MAX_COUNTED:
                raise Refused(
                    f"a pattern that counts to more than {_MAX_COUNTED:,} is refused",
                    "use smaller numbers in `{…}`.",
                )
            open_groups[-1] |= width != 1
            repeats |= width == 0
            if width == 0:
                ambiguous += not _stops(before, parts[index + 1 :])
            choices *= max(1, width)
    return Cost(repeats, ambiguous, choices)


def _check_group(part: str) -> None:
    if part == "(?":
        raise Refused(
            "this kind of group is not part of the language's patterns",
            "use `(…)`, `(?:…)`, `(?P<name>…)` or `(?=…)`.",
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


def _stops(atom: str, after: list[str]) -> bool:
    """Tell whether a repetition of `atom` has one place to stop: the end, or a character it cannot match."""
    following = [part for part in after if part != ")"]
    if following and following[0] == "?":
        following = following[1:]  # a lazy repetition ends where a greedy one does
    if not following:
        return True
    literal = following[0]
    optional = len(following) > 1 and _is_repeat(following[1]) and following[1] != "+"
    if atom == ")" or optional or not _is_literal(literal):
        return False
    try:
        return re.fullmatch(atom, literal[-1], re.DOTALL | re.IGNORECASE) is None
    except re.error:
        return False


def _is_literal(part: str) -> bool:
    if part[0] == "\\":
        return len(part) == 2 and not part[1].isalnum()
    return len(part) == 1 and part not in ".^$()|*+?"
