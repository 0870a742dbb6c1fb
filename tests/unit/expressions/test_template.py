"""Compiling and rendering whole templates."""

import pytest

from orchestrator.expressions import compile_template


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ steps.a.b }}", 1.0),
        ("{{ steps.a }}", {"b": 1.0}),
        ("{{ steps.a.b }} ", "1.0 "),
        ("plain", "plain"),
    ],
)
def test_a_whole_hole_keeps_the_type_and_anything_else_gives_text(text: str, value: object) -> None:
    result = compile_template(text).render({"steps": {"a": {"b": 1.0}}})
    assert (result, type(result)) == (value, type(value))
