"""Compiling and rendering whole templates, expressions and conditions."""

from decimal import Decimal
from types import MappingProxyType

import pytest

from orchestrator.core.template import Template
from orchestrator.core.undefined import Undefined
from orchestrator.errors import TemplateError
from orchestrator.expressions import TemplateCache, compile_expression, compile_template, is_template


@pytest.mark.parametrize(
    "value", [1.0, 1, True, None, Decimal("1.10"), [1, {"a": 2}], {"a": (1,)}, "text", (1, 2)]
)
def test_a_whole_hole_keeps_the_exact_value(value: object) -> None:
    result = compile_template("{{ steps.a.b }}").render({"steps": {"a": {"b": value}}})
    assert result is value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (" {{ x }}", " 1.0"),
        ("{{ x }}\n", "1.0\n"),
        ("{{ x }}{{ x }}", "1.01.0"),
        ("{# c #}{{ x }}", "1.0"),
        ("{% if x %}{{ x }}{% endif %}", "1.0"),
        ("{{ x }} }}", "1.0 }}"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_anything_but_one_whole_hole_gives_text(text: str, result: str) -> None:
    assert compile_template(text).render({"x": 1.0}) == result


@pytest.mark.parametrize("text", ["{{- x -}}", "{{+ x }}", "{{x}}", "{{\n x \n}}", "{{ (x) }}"])
def test_every_form_of_one_hole_is_whole(text: str) -> None:
    assert compile_template(text).render({"x": [1]}) == [1]


@pytest.mark.parametrize("text", ["x > 1", "{{ x > 1 }}", "  {{ x > 1 }} \n", " x > 1 ", "{{- x > 1 -}}"])
def test_an_expression_is_bare_or_one_whole_hole(text: str) -> None:
    assert compile_expression(text).render({"x": 2}) is True


@pytest.mark.parametrize(
    ("text", "offset"),
    [("{{ a }} and {{ b }}", 7), ("{% if a %}{% endif %}", 0), ("{# c #}a", 0), ("", 0), ("a b", 2)],
)
def test_an_expression_that_is_something_else_is_refused(text: str, offset: int) -> None:
    with pytest.raises(TemplateError) as error:
        compile_expression(text)
    assert error.value.offset == offset


def test_offsets_count_in_the_given_text() -> None:
    template = compile_expression("  {{ steps.a + steps['b'].c }}")
    assert [template.source[r.offset : r.offset + r.length] for r in template.references] == [
        "steps.a",
        "steps['b'].c",
    ]


@pytest.mark.parametrize(
    ("text", "expected"), [("a {{ b }}", True), ("{% x", True), ("{#", True), ("a { b } %}", False)]
)
def test_is_template_looks_for_tags(text: str, *, expected: bool) -> None:
    assert is_template(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", True),
        ("none", False),
        ("[]", False),
        ("''", False),
        ("'maybe'", True),
        ("0", False),
        ("x == 1", True),
    ],
)
def test_a_condition_gives_the_truth_of_its_value(text: str, *, expected: bool) -> None:
    assert compile_expression(text).test({"x": 1}) is expected


@pytest.mark.parametrize("word", ["true", "False", "YES", "no", " false\n"])
def test_a_condition_that_is_a_word_of_truth_says_how_to_compare(word: str) -> None:
    with pytest.raises(TemplateError) as error:
        compile_expression("answer").test({"answer": word})
    assert "not a truth value" in error.value.message
    assert f'== "{word}"' in error.value.hint


def test_a_condition_over_text_with_holes_is_tested_too() -> None:
    with pytest.raises(TemplateError, match="not a truth value"):
        compile_template("{{ a }}e").test({"a": "tru"})
    assert compile_template("{{ a }}{{ b }}").test({"a": "", "b": ""}) is False


def test_a_condition_on_an_undefined_value_fails_unless_a_step_was_skipped() -> None:
    names = {"steps": {"search": Undefined("steps.search", skipped=True)}}
    assert compile_expression("steps.search.hits").test(names) is False
    with pytest.raises(TemplateError, match=r"`steps\.serch` is not defined"):
        compile_expression("steps.serch").test(names)


def test_any_mapping_can_give_the_names() -> None:
    names = MappingProxyType({"a": MappingProxyType({"b": 1})})
    assert compile_template("{{ a.b }} {{ a | items }} {{ a }}").render(names) == "1 [('b', 1)] {'b': 1}"


def test_rendering_changes_nothing_and_can_be_repeated() -> None:
    names = {"xs": [3, 1, 2], "d": {"a": [1]}}
    template = compile_template(
        "{% set y = xs | sort %}{{ y + [4] }}{{ xs * 2 }}{{ d.a + [2] }}{{ xs | reverse }}"
    )
    assert template.render(names) == template.render(names)
    assert names == {"xs": [3, 1, 2], "d": {"a": [1]}}


def test_a_cache_compiles_each_text_once_and_keeps_templates_and_expressions_apart() -> None:
    cache = TemplateCache()
    assert cache.template("{{ a }}") is cache.template("{{ a }}")
    assert cache.expression("a") is cache.expression("a")
    assert cache.template("a").render({"a": 1}) == "a"
    assert cache.expression("a").render({"a": 1}) == 1


def test_a_compiled_template_keeps_the_contract() -> None:
    template: Template = compile_template("{{ a }}")
    assert (template.source, template.references[0].path) == ("{{ a }}", ("a",))


def test_line_breaks_are_normalised_but_offsets_are_not() -> None:
    template = compile_template("a\r\n{{ b }}\r{{ c }}")
    assert template.render({"b": 1, "c": 2}) == "a\n1\n2"
    assert [reference.offset for reference in template.references] == [6, 15 - 1]


def test_a_whole_hole_that_is_a_view_becomes_a_mapping_of_its_own() -> None:
    result = compile_template("{{ x }}").render({"x": MappingProxyType({"a": 1})})
    assert (type(result), result) == (dict, {"a": 1})
