"""Missing values: strict, but falsy where a step was skipped."""

import pytest

from orchestrator.core.undefined import Undefined
from orchestrator.errors import TemplateError
from orchestrator.expressions import compile_template

NAMES = {"steps": {"search": Undefined("steps.search", skipped=True), "a": {"b": 1}}, "nil": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ steps.search | default('none') }}", "none"),
        ("{{ steps.search.hits[0].title | default(0) }}", 0),
        ("{{ steps.search['hits'][nil] | d(0) }}", 0),
        ("{{ steps.search is defined }}", False),
        ("{{ steps.search.hits is undefined }}", True),
        ("{{ steps.search is none }}", False),
        ("{{ steps.search is string }}", False),
        ("{{ 1 if steps.search else 2 }}", 2),
        ("{{ 1 if not steps.search.hits else 2 }}", 1),
        ("{{ steps.search or 3 }}", 3),
        ("{{ (steps.search and 1) | default(4) }}", 4),
        ("{{ steps.search == 1 }}", False),
        ("{{ 1 == steps.search.hits }}", False),
        ("{{ steps.search != 1 }}", True),
        ("{% if steps.search %}a{% elif steps.search.x %}b{% else %}c{% endif %}", "c"),
        ("{% set s = steps.search %}{{ s.x | default('d') }}", "d"),
        ("{% for x in steps.search | default([]) %}a{% else %}b{% endfor %}", "b"),
    ],
)
def test_a_skipped_step_is_falsy_and_works_with_default(text: str, value: object) -> None:
    assert compile_template(text).render(NAMES) == value


@pytest.mark.parametrize(
    "text",
    [
        "{{ steps.search }}",
        "{{ steps.search.hits }}",
        "{{ steps.search.hits }}!",
        "{{ steps.search.hits | length }}",
        "{{ steps.search.hits + 1 }}",
        "{{ -steps.search.hits }}",
        "{{ steps.search.hits ~ '' }}",
        "{{ steps.search.hits < 1 }}",
        "{{ 1 in steps.search.hits }}",
        "{{ steps.search.hits[1:] }}",
        "{{ steps.search.hits.items() }}",
        "{{ [steps.search.hits] }}",
        "{{ {'a': steps.search.hits} }}",
        "{{ {steps.search.hits: 1} }}",
        "{{ 'a' | replace('a', steps.search.hits) }}",
        "{% for x in steps.search.hits %}{% endfor %}",
        "{% set a, b = steps.search.hits %}",
        "{{ (steps.search.hits and 1) }}",
    ],
)
def test_a_skipped_step_used_without_default_fails_and_names_the_step(text: str) -> None:
    with pytest.raises(
        TemplateError, match=r"`steps\.search(\.hits)?` has no value: its step was skipped"
    ) as error:
        compile_template(text).render(NAMES)
    assert "default" in error.value.hint


def test_the_hint_of_a_missing_value_is_passed_on() -> None:
    value = Undefined("steps.x", skipped=True, hint="the step was skipped because its `if` was false.")
    with pytest.raises(TemplateError) as error:
        compile_template("{{ steps.x.y }}").render({"steps": {"x": value}})
    assert error.value.hint == value.hint


@pytest.mark.parametrize(
    "text",
    [
        "{{ nope }}",
        "{{ nope.x }}",
        "{{ steps.nope.x.y }}",
        "{{ 1 if nope else 2 }}",
        "{{ not nope }}",
        "{{ nope or 1 }}",
        "{{ nope == 1 }}",
        "{{ nope is none }}",
        "{{ nope is string }}",
        "{{ nope | upper }}",
        "{{ [nope] | length }}",
        "{{ nope.items() }}",
        "{% if nope %}{% endif %}",
        "{% for x in nope %}{% endfor %}",
        "{% set x = nope %}{{ x }}",
        "{{ [] | first }}",
        "{{ [] | max }}",
        "{{ [{}] | map(attribute='a') }}",
        "{{ [{}] | sort(attribute='a') }}",
        "{{ [{}] | selectattr('a') }}",
    ],
)
def test_an_ordinary_undefined_value_is_an_error_even_in_a_condition(text: str) -> None:
    with pytest.raises(TemplateError, match="is not defined"):
        compile_template(text).render(NAMES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ nope is defined }}", False),
        ("{{ nope.x.y is undefined }}", True),
        ("{{ steps.nope.x | default(1) }}", 1),
        ("{{ steps['no' ~ 'pe']['x'].y | default(1) }}", 1),
        ("{{ [] | first | default(2) }}", 2),
        ("{{ (1 if false) | default(3) }}", 3),
        ("{{ [{}] | map(attribute='a', default=0) }}", [0]),
        ("{{ [{}, {'a': 1}] | selectattr('a', 'defined') }}", [{"a": 1}]),
        ("{{ [1] | map('default', 2) }}", [1]),
        ("{{ nil | default(1) }}", None),
        ("{{ nil | default(1, true) }}", 1),
    ],
)
def test_default_and_defined_accept_a_missing_value_at_any_depth(text: str, value: object) -> None:
    assert compile_template(text).render(NAMES) == value
