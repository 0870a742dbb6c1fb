"""Patterns that are accepted end in time, on the worst texts of the length they may search."""

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.backtracking import cost_of, fault_of

_LIMIT = 120
"""Seconds for all searches of one example; a search that has no bound takes for ever."""
_ATOMS = [
    "a", "A", "b", "-", r"\-", ".", r"\w", r"\d", r"\W", "[ab]", "[^b]", "[^-]", "[^A]", "[]a]", r"[\]a]", r"\x61",
    r"\u0061", r"\U00000061", r"\N{LATIN SMALL LETTER A}", r"[\N{LATIN SMALL LETTER A}b]", r"\n", r"\b", "{", "}", "{}",
]  # fmt: skip
_REPEATS = [
    "",
    "",
    "",
    "*",
    "+",
    "?",
    "*?",
    "+?",
    "*+",
    "{,}",
    "{2}",
    "{,3}",
    "{2,}",
    "{1,40}",
    "{900}",
    "{٣}",
]
_GROUPS = ["(", "(?:", "(?=", "(?!", "(?P<n>"]


def _joined(*pieces: str) -> str:
    return "".join(pieces)


def _choice(left: str, right: str) -> str:
    return f"(?:{left}|{right})"


def _several(body: str, times: int) -> str:
    return body * times


def _around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(_joined, inner, inner),
        st.builds(_choice, inner, inner),
        st.builds(_joined, st.sampled_from(_GROUPS), inner, st.just(")"), st.sampled_from(_REPEATS)),
        st.builds(_several, inner, st.integers(2, 12)),
    )


_PIECES = st.builds(_joined, st.sampled_from(_ATOMS), st.sampled_from(_REPEATS))
_PATTERNS = st.builds(
    _joined,
    st.sampled_from(["", "", "(?i)", "(?s)", "(?a)", "(?im)"]),
    st.sampled_from(["", "", "^"]),
    st.recursive(_PIECES, _around, max_leaves=8),
    st.sampled_from(["", "b", "!", "$", r"\Z"]),
)


def _is_accepted(pattern: str) -> bool:
    return not fault_of(pattern)


_SEARCH = """
import re, sys
for line in sys.stdin:
    pattern, length = eval(line)
    for unit in ("a", "A", "b", "-", "a-", "-a", "}", "{a", "é"):
        re.search(pattern, (unit * length)[:length])
        re.search(pattern, (unit * length)[: length - 1] + "!")
"""


@given(st.lists(_PATTERNS.filter(_is_accepted), min_size=1, max_size=4))
@settings(max_examples=12, deadline=None)
def test_accepted_patterns_end_in_time(patterns: list[str]) -> None:
    lines = [repr((pattern, min(2_000, cost_of(pattern).longest_text()))) for pattern in patterns]
    search = [sys.executable, "-c", _SEARCH]
    subprocess.run(search, input="\n".join(lines), text=True, timeout=_LIMIT, check=True)
