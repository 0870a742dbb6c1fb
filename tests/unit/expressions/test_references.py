"""What a template may read, found without running it."""

import pytest

from orchestrator.core.template import Reference
from orchestrator.expressions import compile_template


def read(text: str) -> list[str]:
    """Return each reference as its text, with `?` where it is guarded and `*` where it is dynamic."""
    return [
        text[r.offset : r.offset + r.length] + "?" * r.guarded + "*" * r.dynamic
        for r in compile_template(text).references
    ]


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("{{ steps.files.paths[0] | upper }}", ["steps.files.paths[0]"]),
        ("{{ steps['a'].b }} {{ steps[\"a\"]['b'] }}", ["steps['a'].b", "steps[\"a\"]['b']"]),
        ("{{ steps . a . b }}", ["steps . a . b"]),
        ("{{ a }}{{ a }}", ["a", "a"]),
        ("{{ steps[inputs.name].x }}", ["steps*", "inputs.name"]),
        ("{{ steps.a[x][y].z }}", ["steps.a*", "x", "y"]),
        ("{{ steps.a[true] }}", ["steps.a*"]),
        ("{{ steps.a[1:n].b }}", ["steps.a", "n"]),
        ("{{ steps.a[-1].b }}", ["steps.a[-1].b"]),
        ("{{ (steps.a).b }}", ["steps.a*"]),
        ("{{ steps.a.items() }}", ["steps.a"]),
        (
            "{{ a.b(c.d, x=e.f) | replace(g, h) }}".replace(".b(", ".get(").replace(", x=e.f", ""),
            ["a", "c.d", "g", "h"],
        ),
        ("{{ dict(x=e.f) }}{{ range(n) }}", ["e.f", "n"]),
        ("{{ [a, (b, c), {d: e}] }}", ["a", "b", "c", "d", "e"]),
        ("{{ a + b * -c ** d ~ e }}", ["a", "b", "c", "d", "e"]),
        ("{{ a is divisibleby b }}{{ a < b in c }}", ["a", "b", "a", "b", "c"]),
        ("{{ true }}{{ none }}{{ 'steps.a' }}{# b #}{% raw %}{{ c }}{% endraw %}", []),
        # guards
        ("{{ a.b | default(c) }}", ["a.b?", "c"]),
        ("{{ a.b | d(c | default(1)) }}", ["a.b?", "c?"]),
        ("{{ a is defined }}{{ b is not defined }}{{ c is undefined }}", ["a?", "b?", "c?"]),
        ("{{ a | upper | default(1) }}", ["a"]),
        ("{{ steps.a.x if steps.a else b }}", ["steps.a.x?", "steps.a?", "b"]),
        ("{{ b if not steps.a else steps.a }}", ["b", "steps.a?", "steps.a?"]),
        ("{{ steps.a and steps.a.x }}", ["steps.a?", "steps.a.x?"]),
        ("{{ not steps.a or steps.a.x }}", ["steps.a?", "steps.a.x?"]),
        ("{{ steps.a or steps.b.x }}", ["steps.a?", "steps.b.x"]),
        (
            "{% if steps.a %}{{ steps.a.x }}{{ steps.b }}{% else %}{{ steps.a }}{% endif %}",
            ["steps.a?", "steps.a.x?", "steps.b", "steps.a"],
        ),
        (
            "{% if steps.a is defined and x %}{{ steps.a }}{% endif %}{{ steps.a }}",
            ["steps.a?", "x?", "steps.a?", "steps.a"],
        ),
        ("{% if a is undefined %}{{ a }}{% else %}{{ a }}{% endif %}", ["a?", "a", "a?"]),
        (
            "{% if not a %}{% elif b %}{{ a }}{{ b }}{% else %}{{ b }}{% endif %}",
            ["a?", "b?", "a?", "b?", "b"],
        ),
        (
            "{% if a or b %}{{ a }}{% endif %}{% if not (a or b) %}{% else %}{{ a }}{% endif %}",
            ["a?", "b?", "a", "a?", "b?", "a"],
        ),
        ("{{ steps[x] | default(1) }}", ["steps?*", "x"]),
        # local variables
        (
            "{% for f in steps.a.files %}{{ f.name }}{{ loop.index }}{{ g }}{% endfor %}{{ f }}{{ loop.index }}",
            ["steps.a.files", "g", "f", "loop.index"],
        ),
        ("{% for a, (b, c) in x %}{{ a }}{{ b }}{{ c }}{% else %}{{ a }}{% endfor %}", ["x", "a"]),
        ("{% for a in a if a.ok and b %}{{ a }}{% endfor %}", ["a", "b?"]),
        ("{% for a in b if steps.c %}{{ steps.c.d }}{% endfor %}", ["b", "steps.c?", "steps.c.d?"]),
        ("{{ x }}{% set x = y %}{{ x }}", ["x", "y"]),
        ("{% set x = x %}{{ x }}", ["x"]),
        ("{% if a %}{% set x = 1 %}{{ x }}{% endif %}{{ x }}", ["a?", "x"]),
        ("{% if a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}", ["a?"]),
        ("{% for i in [1] %}{% set x = 1 %}{{ x }}{% endfor %}{{ x }}", ["x"]),
        ("{% set x %}{{ a }}{% set b = 1 %}{{ b }}{% endset %}{{ x }}{{ b }}", ["a", "b"]),
        ("{% set x | replace(q, 'r') %}{{ a }}{% endset %}{{ x }}", ["q", "a"]),
        ("{% set x, y = z %}{{ x }}{{ y }}", ["z"]),
    ],
)
def test_references_are_complete_and_local_variables_are_none(text: str, references: list[str]) -> None:
    assert read(text) == references


def test_a_reference_holds_its_path_and_place() -> None:
    (reference,) = compile_template("{{ steps['a'].b[0] }}").references
    assert reference == Reference(("steps", "a", "b", 0), 3, 15)


def test_dots_and_brackets_give_the_same_path() -> None:
    paths = [
        compile_template(text).references[0].path
        for text in ("{{ s.a.b }}", "{{ s['a'].b }}", '{{ s["a"]["b"] }}')
    ]
    assert set(paths) == {("s", "a", "b")}
