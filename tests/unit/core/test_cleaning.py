"""Text from outside is safe to show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.cleaning import clean


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain grüße 🎉", "plain grüße 🎉"),
        ("tab\tline\r\n", "tab\tline\r\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[?25l\x1b[2Jcleared", "cleared"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;never ended", ""),
        ("\x1bP1;2|data\x1b\\x", "x"),
        ("\x1b(B\x1b=\x1bcx", "x"),
        ("a\x00b\x07c\x08d\x7fe\x9b31mf\x85g", "abcdefg"),
        ("\x1b", ""),
        ("kept\x1b]0;title\nline two\nline three\n", "kept\nline two\nline three\n"),
        ("pay \u202e001\u202c euro", "pay 001 euro"),
    ],
)
def test_sequences_and_control_characters_are_taken_out(text: str, cleaned: str):
    assert clean(text) == cleaned


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b[]m;\x07\n\t0")))
def test_nothing_that_a_terminal_acts_on_is_left(text: str):
    left = {sign for sign in clean(text) if sign < " " or "\x7f" <= sign <= "\x9f"}
    assert left <= {"\n", "\t", "\r"}
