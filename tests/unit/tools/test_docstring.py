"""Docstrings, read."""

import pytest

from orchestrator.tools.docstring import read_docstring


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (None, ""),
        ("", ""),
        ("Do it.", "Do it."),
        ("Do it", "Do it"),
        ("Do it. Then more.", "Do it."),
        ("\n    Do it\n    in two lines. And on.\n\n    More.", "Do it in two lines."),
        ("Use e.g. this", "Use e.g."),
    ],
)
def test_the_first_sentence_is_the_summary(text: str | None, summary: str):
    assert read_docstring(text).summary == summary


def test_arguments_are_read_with_their_continuations():
    text = """Do it.

    Args:
        a: The first: with a colon.
        b (int, optional): The second,
            over two lines.

            And a paragraph.
        **others: The rest.

    Returns:
        c: Not an argument.
    """
    assert read_docstring(text).arguments == {
        "a": "The first: with a colon.",
        "b": "The second, over two lines. And a paragraph.",
        "others": "The rest.",
    }


def test_a_line_that_names_nothing_is_passed_over():
    assert read_docstring("Do.\n\nArgs:\n    just words\n    a: b").arguments == {"a": "b"}
    assert read_docstring("Do.\n\nArgs:\nnothing indented: here").arguments == {}
