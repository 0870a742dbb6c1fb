"""What a mistake is called, where it is, and what to do about it."""

import pytest

from orchestrator.errors import TemplateError
from orchestrator.expressions import compile_template

NAMES = {"steps": {"summary": {"title": "t"}, "n": 1}, "xs": [1, 2]}


@pytest.mark.parametrize(
    ("text", "marked", "message", "hint"),
    [
        ("{{ a | uper }}", "uper", "there is no filter `uper`", "did you mean `upper`?"),
        ("{{ a | attr('x') }}", "attr", "there is no filter `attr`", "attributes are not reachable"),
        ("{{ a | random }}", "random", "there is no filter `random`", "nothing random"),
        ("{{ a is definde }}", "definde", "there is no test `definde`", "did you mean `defined`?"),
        ("{{ a.spilt() }}", "spilt", "there is no method `spilt`", "did you mean `split`?"),
        ("{{ a.append(1) }}", "append", "`.append()` would change data", "data cannot be changed"),
        ("{{ a.update({}) }}", "update", "`.update()` would change data", "data cannot be changed"),
        ("{{ 'x'.format(1) }}", "format", "there is no method `format`", "use the filter"),
        ("{{ now() }}", "now", "there is no function `now`", "no clock"),
        ("{{ rnage(3) }}", "rnage", "there is no function `rnage`", "did you mean `range`?"),
        ("{{ a.b(1)(2) }}", "b", "there is no method `b`", "there are: "),
        ("{{ [1](2) }}", "(", "a value cannot be called", ".items()"),
        (
            "{{ a | truncate(1, 2, 3, 4, 5) }}",
            "t",
            "takes at most 4 arguments, 5 are given",
            "length, killwords, end, leeway",
        ),
        ("{{ a | truncate(len=1) }}", "t", "has no argument `len`", "length, killwords, end, leeway"),
        ("{{ a | truncate(1, length=2) }}", "t", "is given `length` twice", "length"),
        ("{{ a | replace('x') }}", "r", "the filter `replace` needs `new`", "old, new, count"),
        ("{{ a | upper(1) }}", "u", "takes no arguments, 1 are given", ""),
        ("{{ a | sha256 | trim(1, 2) }}", "t", "takes one argument", "chars"),
        ("{{ a is divisibleby }}", "d", "the test `divisibleby` needs `num`", "num"),
        ("{{ a | map('uper') }}", "'uper'", "there is no filter `uper`", "did you mean `upper`?"),
        ("{{ a | select('od') }}", "'od'", "there is no test `od`", "did you mean `odd`?"),
        ("{{ a | rejectattr('x', 'od') }}", "'od'", "there is no test `od`", "did you mean `odd`?"),
        ("{{ f(*a) }}", "f", "there is no function `f`", ""),
        ("{{ range(*a) }}", "*", "an argument is expected", "cannot be unpacked"),
        ("{{ dict(a=1, 2) }}", "2", "a named argument is expected", "come first"),
        ("{{ dict(a=1, a=2) }}", "a", "`a` is given twice", ""),
        ("{{ a = 1 }}", "=", "the end is expected", "compare with `==`"),
        ("{{ a && b }}", "&", "unexpected character '&'", "write `and`"),
        ("{{ !a }}", "!", "unexpected character '!'", "write `not`"),
        ("{{ 'abc }}", "'", "this text is not closed", "add the missing '"),
        ("{{ a ]}}", "]", "unexpected `]`", "nothing was opened"),
        ("{{ a } }}", "}", "unexpected `}`", "a hole ends with `}}`"),
        ("{{ (a] }}", "]", "unexpected `]`, `)` is expected first", ""),
        ("{{ a", "{{", "this `{{` is never closed", "add `}}`"),
        ("x {% if a", "{%", "this `{%` is never closed", "add `%}`"),
        ("x {% if a %}b", "{%", "this `if` is never closed", "{% endif %}"),
        ("x {% for a in b %}{% else %}", "{%", "this `for` is never closed", "{% endfor %}"),
        ("x {% set a %}", "{%", "this `set` is never closed", "{% endset %}"),
        ("x {# a", "{#", "this comment is never closed", "#}"),
        ("x {% raw %} {% endif %}", "{%", "this `raw` is never closed", "{% endraw %}"),
        ("{% endif %}", "endif", "unexpected `endif`", "nothing is open"),
        ("{% if a %}{% endfor %}", "endfor", "unexpected `endfor`", "`endif` is expected first"),
        ("{% iff a %}", "iff", "there is no block `iff`", "did you mean `if`?"),
        ("{% include 'x' %}", "include", "`include` is not a block", "text.template"),
        ("{% %}", "{%", "the name of a block is expected", ""),
        ("{% for x xs %}{% endfor %}", "xs", "`in` is expected", "for item in items"),
        ("{% for x in xs recursive %}{% endfor %}", "recursive", "the end is expected", "recursive loops"),
        ("{% for loop in xs %}{% endfor %}", "loop", "`loop` belongs to the language", "another name"),
        ("{% for none in xs %}{% endfor %}", "none", "`none` cannot be set", ""),
        ("{% set a.b = 1 %}", ".", "`=` is expected", "data cannot be changed"),
        ("{{ if }}", "if", "a value is expected", "a word of the language"),
        ("{{ {'a' 1} }}", "1", "`:` is expected", "{'key': value}"),
        ("{{ a[1:2, 3] }}", "[1:2, 3]", "one key or one slice is expected", ""),
        ("{{ a is odd is even }}", "is", "tests cannot be chained", "`and`"),
        (r"{{ '\ud800' }}", r"'\ud800'", "names no character", "\\\\"),
        (r"{{ '\x1' }}", r"'\x1'", "names no character", "\\\\"),
        (r"{{ '\N{NO SUCH}' }}", r"'\N{NO SUCH}'", "names no character", "\\\\"),
        (r"{{ '\U00110000' }}", r"'\U00110000'", "names no character", "\\\\"),
        ("{{ x² }}", "x²", "`x²` is not a name", ""),
    ],
)
def test_a_mistake_is_found_when_it_is_compiled(text: str, marked: str, message: str, hint: str) -> None:
    with pytest.raises(TemplateError) as error:
        compile_template(text)
    at = error.value.offset
    assert text[at : at + error.value.length] == marked
    assert message in error.value.message
    assert hint in error.value.hint


@pytest.mark.parametrize(
    ("text", "marked", "message", "hint"),
    [
        (
            "{{ steps.sumary.title }}",
            "steps.sumary.title",
            "`steps.sumary` is not defined",
            "did you mean `summary`?",
        ),
        (
            "{{ steps.summary.titel }}",
            "steps.summary.titel",
            "`steps.summary.titel` is not defined",
            "did you mean `title`?",
        ),
        ("{{ stpes.summary }}", "stpes.summary", "`stpes` is not defined", "did you mean `steps`?"),
        ("{{ 1 + (steps.x.y | upper) }}", "steps.x.y", "`steps.x` is not defined", "it has: n, summary."),
        (
            "{{ steps.summary.upper }}",
            "steps.summary.upper",
            "`steps.summary.upper` is not defined",
            "it has: title.",
        ),
        ("{{ steps.n.upper }}", "steps.n.upper", "`steps.n.upper` is not defined", "write `.upper()`"),
        ("{{ xs[5] }}", "xs[5]", "`xs[5]` is not defined", ""),
        ("{{ xs[xs[0] + 9] }}", "xs[xs[0] + 9]", "`xs[xs[0] + 9]` is not defined", ""),
        ("a {{ steps.x }} b", "steps.x", "`steps.x` is not defined", ""),
        ("{% for x in steps.x %}{% endfor %}", "steps.x", "`steps.x` is not defined", ""),
        ("{{ 1 if false }}", "1 if false", "is not defined", "add `else`"),
        ("{{ 1 + 'a' }}", "1 + 'a'", "cannot be added", "`~`"),
        ("{{ 'a' - 1 }}", "'a' - 1", "`-` cannot be used on a text and a number", "| int"),
        ("{{ none * 2 }}", "none * 2", "`*` cannot be used on null and a number", ""),
        ("{{ -'a' }}", "-'a'", "`-` needs a number, not a text", "| int"),
        ("{{ 1 / 0 }}", "1 / 0", "division by zero", "`if`"),
        ("{{ 2.0 ** 5000 }}", "2.0 ** 5000", "out of range", ""),
        ("{{ (-8) ** 0.5 }}", "(-8) ** 0.5", "no such root", ""),
        ("{{ 1 < 'a' }}", "1 < 'a'", "have no order", "| int"),
        ("{{ [] < {} }}", "[] < {}", "have no order", ""),
        ("{{ 1 in 'a' }}", "1 in 'a'", "cannot be searched in a text", "| string"),
        ("{{ 1 in 2 }}", "1 in 2", "nothing can be `in` a number", ""),
        ("{{ xs | length | length }}", "xs | length | length", "has no length", ""),
        ("{% for x in 5 %}{% endfor %}", "5", "a number has no elements", ""),
        ("{% for a, b in [[1]] %}{% endfor %}", "a, b", "2 names cannot be taken from a list of 1", ""),
        ("{% for a, b in [1] %}{% endfor %}", "a, b", "a number has no elements", ""),
        ("{{ xs['a':] }}", "xs['a':]", "bounds of a slice are whole numbers", "| int"),
        ("{{ xs[::0] }}", "xs[::0]", "a step that is not 0", ""),
        ("{{ 5[1:] }}", "5[1:]", "a number cannot be sliced", ""),
        ("{{ {[1]: 2} }}", "{[1]: 2}", "a list cannot be a key", "a key is a text"),
        ("{{ xs.items() }}", "xs.items()", "a list has no method `items`", ""),
        ("{{ 'a'.center() }}", "'a'.center()", "`.center()` cannot be called like this", ""),
        ("{{ xs | map(xs) }}", "xs | map(xs)", "there is no filter [1, 2]", ""),
        ("{{ xs | select(xs) }}", "xs | select(xs)", "there is no test [1, 2]", ""),
        (
            "{{ xs | map(attribute='a', b=1) }}",
            "xs | map(attribute='a', b=1)",
            "`map` has no argument `b`",
            "",
        ),
        ("{{ xs | map }}", "xs | map", "`map` needs the name", ""),
        ("{{ xs | map(attribute=none) }}", "xs | map(attribute=none)", "`attribute` is a key", ""),
        ("{{ range('a') }}", "range('a')", "`range` needs whole numbers", "| int"),
        ("{{ range(1, 2, 0) }}", "range(1, 2, 0)", "a step that is not 0", ""),
        ("{{ dict(5) }}", "dict(5)", "`dict` cannot be called like this", ""),
        ("{{ xs is odd }}", "xs is odd", "a number is expected, not a list", "| int"),
        ("{% for x in xs %}{{ loop.cycle() }}{% endfor %}", "loop.cycle()", "needs values", ""),
        ("{% for x in xs %}{{ loop.indx }}{% endfor %}", "loop.indx", "`loop.indx` is not defined", ""),
        ("{{ '%d' % 'a' }}", "'%d' % 'a'", "holes do not fit", ""),
        ("{{ [1, 'a'] | sort }}", "[1, 'a'] | sort", "no order among them", "one field"),
        ("{{ [1, 'a'] | max }}", "[1, 'a'] | max", "no order among them", "one field"),
        ("{{ 'x' | round }}", "'x' | round", "`round` needs a number", "| int"),
        ("{{ [[]] | unique }}", "[[]] | unique", "`unique` cannot be used on a list", ""),
    ],
)
def test_a_mistake_in_the_data_is_named_and_placed(text: str, marked: str, message: str, hint: str) -> None:
    with pytest.raises(TemplateError) as error:
        compile_template(text).render(NAMES)
    at = error.value.offset
    assert text[at : at + error.value.length] == marked
    assert message in error.value.message
    assert hint in error.value.hint
