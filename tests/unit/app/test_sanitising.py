"""Text from outside, at the door and on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.app.sanitising import one_line, shown, unfit_text


@pytest.mark.parametrize("text", ["plain", "tab\tand\r\nbreaks", "form\x0cfeed", "ünïcode ✓", ""])
def test_ordinary_text_is_fit(text: str) -> None:
    assert unfit_text(text, lines=True) == ""


@pytest.mark.parametrize(
    ("text", "lines", "told"),
    [
        ("a\x1b[31m", True, "U+001B at position 2"),
        ("\x00", True, "U+0000 at position 1"),
        ("ok\ud800", True, "U+D800 at position 3"),
        ("two\nlines", False, "U+000A at position 4"),
        ("para\u2029graph", False, "U+2029 at position 5"),
    ],
)
def test_a_control_character_is_named_with_its_place(text: str, *, lines: bool, told: str) -> None:
    assert told in unfit_text(text, lines=lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("bell\x07", "bell�"),
        ("plain\n", "plain\n"),
    ],
)
def test_escape_sequences_fall_out_of_what_a_terminal_shows(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(st.text())
def test_what_is_shown_never_steers_a_terminal(text: str) -> None:
    assert unfit_text(shown(text), lines=True) == ""


def test_one_line_joins_and_cuts() -> None:
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("abcd", 4) == "abcd"


def test_what_reorders_text_is_shown_as_such_but_may_come_in():
    assert shown("pay \u202e001\u2066") == "pay �001�"
    assert unfit_text("pay \u202e001", lines=True) == ""
