"""The language gives what Jinja2's immutable sandbox gives, value and type, or both refuse.

Where we part from Jinja2 on purpose, the generators stay away and a unit test says so: lists instead of iterators,
keys before methods, JSON that is not made for HTML, decimals that do not mix with floats, and strictness about
undefined values (no test but `defined` and no list takes one).
"""

import math
import re
import warnings
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orchestrator.errors import TemplateError
from orchestrator.expressions import compile_expression, compile_template

FAILED = object()
UNDEFINED = object()
"""Ours alone: it failed because a value is not defined."""
JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)

NAMES: Mapping[str, object] = {
    "n": 7,
    "m": -3,
    "k": 0,
    "f": 2.5,
    "s": "Hello big World",
    "t": "a,b;c",
    "e": "",
    "yes": True,
    "no": False,
    "nil": None,
    "xs": [3, 1, 2, 3],
    "ws": ["pear", "Apple", "fig", "apple"],
    "d": {"a": 1, "B": 2, "c": {"x": [10, 20]}},
    "rows": [
        {"name": "Ann", "age": 31, "tag": "x", "on": True},
        {"name": "bob", "age": 25, "tag": "y", "on": False},
        {"name": "Cy", "age": 31, "tag": "x", "on": True},
    ],
    "pair": (1, "two"),
    "none_list": [],
}

CASES = [
    # literals
    "1", "1_000", "0x1f", "0b101", "0o17", "1.5", "1e3", "1.5e-3", "'a'", '"a"', "'a' 'b'", r"'a\nb\t\'\"\\'",
    r"'\x41\u00e9\101'", "true", "True", "false", "none", "None", "[]", "[1, 2,]", "()", "(1,)", "(1)",
    "{}", "{'a': 1, 'b': [2]}", "{1: 2, none: 3}", "[[1], (2, 3), {'x': {}}]",
    # arithmetic
    "1 + 2 * 3", "(1 + 2) * 3", "7 // 2", "-7 // 2", "7 % 3", "-7 % 3", "7 / 2", "2 ** 10", "2 ** 3 ** 2", "-2 ** 2",
    "2 ** -1", "- - 3", "+n", "-n", "n + f", "yes + 1", "'a' + 'b'", "'ab' * 3", "3 * 'ab'", "[1] * 2", "[1] + [2]",
    "(1,) + (2,)", "'a' + 1", "1 + 'a'", "1 / 0", "1 % 0", "[1] - [1]", "nil + 1", "'%s-%03d' % ('a', 7)",
    "'%(x)s' % {'x': 1}", "'%d' % 'a'", "n - -n", "10 - 2 - 3", "100 / 10 / 2", "2 * 3 % 4", "'a' ~ 1 ~ none ~ 2.0 ~ [1]",
    "1 ~ 2 + 3", "1 + 2 ~ 3", "'a' ~ 'b' * 2", "n ** 0.5", "0 ** 0", "1 if yes else 2", "1 if no else 2",
    "1 if no else 2 if no else 3", "(1 if yes else 2) + 1", "[1 if yes else 2]", "not yes", "not not n", "not n == 7",
    # comparison and logic
    "1 < 2", "1 < 2 < 3", "1 < 3 < 2", "1 == 1.0", "'a' < 'b'", "1 < 'a'", "[1] < [2]", "none == none", "n != 7", "n >= 7 <= 9",
    "1 in xs", "9 not in xs", "'a' in d", "'ell' in s", "1 in s", "1 in 1", "not 1 in xs", "nil and 1", "n or missing",
    "no and missing", "yes and n", "e or 'x'", "n and s or t", "yes or no and no", "not yes or yes", "yes == (1 == 1)",
    "[1, 2] == (1, 2)", "1 in xs == true",
    # access
    "d.a", "d['a']", "d.c.x[1]", "d.c.x.0", "d['c']['x'][-1]", "xs[0]", "xs[-1]", "xs[9]", "xs.0", "s[0]", "s[-1]", "s[99]",
    "xs[1:]", "xs[:-1]", "xs[::2]", "xs[::-1]", "s[1:4]", "s[::-1]", "pair[1]", "pair.1", "d.nope", "d['nope']", "nope",
    "nope.x", "d.a.b", "rows[0].name", "rows[n - 6]['age']", "d[ws[0]]", "xs['a']", "d[[1]]", "xs[yes]", "xs[1.0]", "xs[:'a']",
    "xs[nil:2]", "d['c'].x", "(d).a", "{'a': 5}.a", "[1, 2][1]", "'abc'[1]", "s[k]", "n[0]", "nil.x", "xs[::0]",
    # methods
    "s.upper()", "s.lower()", "s.title()", "s.split()", "t.split(',')", "t.split(',', 1)", "t.replace(',', '-')", "s.strip('Hd')",
    "s.startswith('He')", "s.endswith(('x', 'ld'))", "'-'.join(ws)", "s.count('l')", "s.find('big')", "s.center(21, '*')",
    "'7'.zfill(3)", "'x'.ljust(3)", "'x'.rjust(3, '.')", "s.capitalize()", "s.swapcase()", "s.partition(' ')", "'a b'.rsplit(' ', 1)",
    "'a\\nb'.splitlines()", "s.isalpha()", "'12'.isdigit()", "s.index('zz')", "d.get('a')", "d.get('z')", "d.get('z', 5)",
    "d.items() | list", "d.keys() | list", "d.values() | list", "xs.count(3)", "xs.index(2)", "xs.index(99)", "pair.count(1)",
    "'{}'.foo", "s.removeprefix('Hello ')", "'a\\tb'.expandtabs(4)", "s.split('')", "s.upper(1)", "'x'.join([1])", "d.get()",
    "s.splitlines(true)", "f.is_integer()", "'a'.join('bcd')", "s.replace('l', 'L', 1)", "s.split(maxsplit=1)",
    # filters on text
    "s | upper", "s | lower", "n | upper", "s | title", "'foo-bar (baz) [qux]' | title", "s | capitalize", "nil | capitalize",
    "s | center(20)", "s | trim", "'  x ' | trim", "'xxaxx' | trim('x')", "s | replace('o', '0')", "s | replace('o', '0', 1)",
    "s | replace('o', 0)", "112 | replace(1, 'x')", "s | truncate(8)", "s | truncate(8, true)", "s | truncate(8, true, '')",
    "s | truncate(8, leeway=0)", "s | truncate(12, false, '…', 0)", "s | truncate(1)", "s | wordcount", "s | wordwrap(6)",
    "s | wordwrap(4, false)", "'a-b c-d' | wordwrap(2, true, '/')", "s | wordwrap(6, wrapstring='|')", "s | indent", "'a\\nb\\n\\nc' | indent(2)",
    "'a\\nb\\n\\nc' | indent(2, true)", "'a\\nb\\n\\nc' | indent('> ', true, true)", "'' | indent", "n | indent", "'<a href=\"x\">b &amp; c</a>  d' | striptags",
    "'<!-- x --> a < b' | striptags", "'<b' | striptags", "\"<a>&'\\\"\" | e", "\"<a>&'\" | escape", "n | e", "s | string", "f | string", "xs | string",
    "d | string", "'%s is %d' | format('a', 3)", "'%(a)s' | format(a=1)", "'%d' | format('x')", "'%s' | format", "'%.2f' | format(f)", "'%5s|%-5s|' | format('a', 'b')",
    "'a b/c?d=é' | urlencode", "{'a': 1, 'b c': 'd&e'} | urlencode", "[('a', 1)] | urlencode", "5 | urlencode", "{'id': 'x', 'n': none, 'c': '<'} | xmlattr",
    "{'a': 1} | xmlattr(false)", "{'a b': 1} | xmlattr", "{} | xmlattr", "nil | upper", "xs | upper", "[] | title", "'x' | center(-1)", "s | center('a')",
    # filters on lists
    "xs | length", "s | length", "d | length", "n | length", "nil | count", "xs | first", "xs | last", "s | first", "none_list | first", "none_list | last",
    "xs | sort", "xs | sort(true)", "xs | sort(reverse=true)", "ws | sort", "ws | sort(case_sensitive=true)", "rows | sort(attribute='age')",
    "rows | sort(attribute='age,name')", "rows | sort(attribute='zz')", "[1, 'a'] | sort", "xs | unique | list", "ws | unique | list",
    "ws | unique(true) | list", "rows | unique(attribute='tag') | list", "xs | reverse | list", "s | reverse", "n | reverse", "xs | sum", "xs | sum(start=10)",
    "rows | sum(attribute='age')", "rows | sum('age', 1)", "ws | sum", "none_list | sum", "xs | min", "xs | max", "ws | min", "ws | max(true)", "none_list | min",
    "rows | max(attribute='age')", "[1, 'a'] | max", "xs | join", "xs | join('-')", "rows | join(', ', 'name')", "rows | join(attribute='name')", "d | join",
    "xs | join(1)", "xs | list", "s | list", "d | list", "n | list", "xs | batch(2) | list", "xs | batch(3, 'x') | list", "xs | slice(2) | list", "xs | slice(3, 'x') | list",
    "[] | slice(2) | list", "[] | batch(2) | list", "d | items | list", "xs | items | list", "d | dictsort", "{'b': 1, 'A': 2} | dictsort", "{'b': 1, 'A': 2} | dictsort(true)",
    "{'b': 1, 'A': 2} | dictsort(false, 'value')", "{'b': 1, 'A': 2} | dictsort(reverse=true)", "d | dictsort(by='x')", "rows | groupby('tag')", "rows | groupby('on') | list",
    "(rows | groupby('tag'))[0].grouper", "(rows | groupby('tag'))[0].list | length", "[{'a': 'x'}, {'a': 'X'}, {}] | groupby('a', default='z')",
    "[{'a': 'x'}, {'a': 'X'}] | groupby('a', case_sensitive=true)", "rows | groupby('zz')",
    "xs | map('string') | list", "ws | map('upper') | list", "rows | map(attribute='name') | list", "rows | map(attribute='zz', default='q') | list",
    "rows | map('length') | list", "[[1, 2], [3]] | map('join', '-') | list", "[[1, 2], [3]] | map(attribute=0) | list", "[[1, 2], [3]] | map('first') | list",
    "rows | map('nope') | list", "rows | map | list", "[{'a': {'b': 1}}] | map(attribute='a.b') | list", "xs | select | list", "[0, 1, '', 'a', none] | select | list",
    "xs | select('odd') | list", "xs | select('gt', 2) | list", "xs | select('>', 2) | list", "xs | reject('odd') | list", "[0, 1] | reject | list",
    "rows | selectattr('on') | map(attribute='name') | list", "rows | rejectattr('on') | list", "rows | selectattr('age', 'lt', 30) | list", "rows | selectattr('tag', 'in', ['x']) | list",
    "rows | selectattr('zz', 'defined') | list", "rows | rejectattr('age', '==', 31) | list", "rows | selectattr('name', 'equalto', 'Cy') | first", "xs | select('divisibleby', 3) | list",
    # filters on numbers and others
    "m | abs", "'a' | abs", "f | round", "2.345 | round(2)", "2.345 | round(1, 'floor')", "2.31 | round(1, 'ceil')", "n | round", "1234 | round(-2)", "f | round(0, 'x')", "'a' | round",
    "'12' | int", "'12.7' | int", "'x' | int", "'x' | int(5)", "'1f' | int(base=16)", "'0x1f' | int(0, 16)", "f | int", "nil | int", "nil | int(-1)", "yes | int", "'1.5' | float", "'x' | float", "'x' | float(1.5)",
    "n | float", "xs | int", "1000 | filesizeformat", "1 | filesizeformat", "123456789 | filesizeformat", "1024 | filesizeformat(true)", "'5000' | filesizeformat", "1e30 | filesizeformat", "'x' | filesizeformat",
    "0 | filesizeformat", "nope | default('x')", "d.nope | default('x')", "e | default('x')", "e | default('x', true)", "n | d(1)", "nope | default", "nil | default(1)", "nil | default(1, true)",
    "d | pprint", "xs | pprint", "s | nope", "s | upper | lower | title", "-3 | abs", "-f | round | int", "(n + 1) | string ~ 'x'", "n + 1 | string | length", "xs | length > 3", "xs | sum / xs | length",
    # tests
    "n is odd", "n is even", "n is not even", "n is divisibleby 7", "n is divisibleby(3)", "n is defined", "nope is defined", "nope is not defined", "nope is undefined", "d.zz is defined", "nil is none",
    "nil is not none", "yes is true", "no is false", "yes is boolean", "n is integer", "yes is integer", "f is float", "n is number", "s is string", "d is mapping", "xs is sequence", "s is sequence",
    "n is iterable", "d is iterable", "'abc' is lower", "'ABC' is upper", "n is lower", "n is in xs", "3 is in xs", "n is not in xs", "n is eq 7", "n is == 7", "n is gt 3", "n is lt(3)", "n is ge 7", "n is ne 7", "n is sameas n",
    "nil is sameas none", "'a' is odd", "n is nope", "n is odd and f is float", "n is odd or nope", "not n is odd", "n is divisibleby n - 4", "xs is sequence and xs is not string", "n is odd == true", "f is odd",
    "n is equalto 7", "n is greaterthan 3", "n is lessthan 3", "n is le 7", "'x' is in 'xyz'", "1 is in 5", "nil is number", "n is defined is true",
    # functions
    "range(3) | list", "range(1, 7, 2) | list", "range(3, 0, -1) | list", "range(0) | list", "range('a') | list", "range(1, 2, 0) | list", "dict(a=1, b=2)", "dict([('a', 1)])", "dict({'a': 1}, b=2)", "dict(1)",
    # errors
    "", "1 +", "(1", "[1", "{'a'}", "{'a': }", "1 2", "a b", "a.", "a..b", "a[", "a[]", "1 = 2", "'abc", "n |", "n | ", "n is", "@", "n!", "n && s", "n ? 1 : 2", "a.b(", "f(1)", "s.upper(", "* 2", "and", "not",
    "1 if", "x if y else", "[1,,2]", "(,)", ", 1", "n | upper(", "n | 5", "d.'a'", "}}", "%}", "{", "a!b", "a;b", "$a", "`a`", "a\\b", "1__0", "1.2.3", "0x", "08", "s.upper()()", "'a'()", "n(1)",
]  # fmt: skip

TEMPLATES = [
    "plain", "", "\n", "{{ 1, 2 }}", "{{ 1, }}", "a\n", "a\r\nb\rc", "{{ n }}\n", " {{ n }} ", "{{ n }}{{ s }}", "a{{ f }}b{{ yes }}c{{ nil }}", "{{ xs }} {{ d }} {{ pair }}", "{{- n -}}", "a {{- n -}} b", "a {{- n }} b", "a {{+ n }} b",
    "{{-1}}x", "{{ -1 }}x", "{# no #}x", "a {#- no -#} b", "a {# {{ n }} {% if %} #} b", "{#-#}x", "{{ '}}' }}x", "{{ \"{{\" }}x", "{{ {'a': {'b': 1}} }}x", "{{ {'a': {'b': 1}}}}x", "{{{'a': 1}}}x", "{ {{ n }} }", "{{ '{%' }} %}",
    "{% raw %}{{ n }}{% endraw %}", "a {%- raw -%} {{ n }} {%- endraw -%} b", "a {% raw %} {% if %} {% endraw %} b", "{%raw%}x{%endraw%}", "{% raw %}{# x #}{% endraw -%} y",
    "{% if n %}a{% endif %}", "{% if k %}a{% else %}b{% endif %}", "{% if k %}a{% elif e %}b{% elif n %}c{% else %}d{% endif %}", "{% if n > 3 and s %}{{ s }}{% endif %}", "{%- if n -%} a {%- endif -%} b", "x\n{% if n %}\ny\n{% endif %}\nz",
    "x\n{%- if n %}\ny\n{%- endif %}\nz", "{% if n: %}a{% endif %}", "{% if nope %}a{% endif %}", "{% if nope is defined %}a{% else %}b{% endif %}", "{% if 'false' %}a{% endif %}", "{% if 1, %}a{% endif %}",
    "{% for x in xs %}{{ x }},{% endfor %}", "{% for x in none_list %}a{% else %}none{% endfor %}", "{% for x in xs if x > 1 %}{{ x }}{% else %}z{% endfor %}", "{% for x in xs if x > 9 %}{{ x }}{% else %}z{% endfor %}",
    "{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for x in xs if x != 1 %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "{% for x in xs %}{% if not loop.first %}{{ loop.previtem }}{% endif %}{% if not loop.last %}{{ loop.nextitem }}{% endif %};{% endfor %}",
    "{% for x in xs %}{{ loop.previtem | default('-') }}{{ loop.nextitem | default('-') }}{% endfor %}", "{% for x in xs %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for x in xs %}{% if loop.changed(x) %}{{ x }}{% endif %}{% endfor %}",
    "{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "{% for x in xs %}{{ loop.nope }}{% endfor %}", "{% for a, b in d.items() %}{{ a }}={{ b }};{% endfor %}", "{% for a, b in [(1, 2), (3, 4)] %}{{ a + b }} {% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}", "{% for a, b in [1] %}{% endfor %}", "{% for c in 'abc' %}{{ c }}.{% endfor %}",
    "{% for k in d %}{{ k }}{% endfor %}", "{% for x in n %}{% endfor %}", "{% for x in nope %}{% endfor %}", "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}", "{% for x in xs %}{% for y in ws %}{{ loop.index }}{{ x }}{{ y }} {% endfor %}{{ loop.index }}{% endfor %}",
    "{% for x in xs %}{% for y in [1] %}{{ loop.depth }}{% endfor %}{% endfor %}", "{% for x in xs %}{{ x }}{% endfor %}{{ x }}", "{% for n in xs %}{{ n }}{% endfor %}{{ n }}", "{% for x in [[1, 2], [3]] %}{% for x in x %}{{ x }}{% endfor %};{% endfor %}",
    "{% for loop in xs %}{% endfor %}", "{{ loop }}", "{% for x in xs %}{% endfor %}{{ loop.index }}", "{%- for x in xs -%} {{ x }} {%- endfor -%}", "{% for x in xs: %}{{ x }}{% endfor %}", "{% for x in range(3) %}{{ x }}{% endfor %}",
    "{% for x in xs | sort %}{{ x }}{% endfor %}", "{% for x in xs if x %}{% else %}{{ n }}{% endfor %}", "{% for r in rows if r.on %}{{ r.name }}{% endfor %}", "{% for x in (xs if yes else ws) %}{{ x }}{% endfor %}", "{% for true in xs %}{% endfor %}",
    "{% set x = 1 %}{{ x }}", "{% set x, y = 1, 2 %}{{ x }}{{ y }}", "{% set x = 1, 2 %}{{ x }}", "{% set n = 1 %}{{ n }}", "{{ n }}{% set n = 1 %}{{ n }}", "{% set n = n + 1 %}{{ n }}", "{% if yes %}{% set x = 1 %}{% endif %}{{ x }}",
    "{% if no %}{% set n = 1 %}{% endif %}{{ n }}", "{% if no %}{% set x = 1 %}{% endif %}{{ x | default('u') }}", "{% for i in xs %}{% set x = i %}{{ x }}{% endfor %}{{ x | default('u') }}", "{% set x = 0 %}{% for i in xs %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}",
    "{% for i in xs %}{{ n }}{% set n = i %}{{ n }};{% endfor %}{{ n }}", "{% set x %}a{{ n }}b{% endset %}{{ x }}", "{% set x | upper %}a{{ s }}{% endset %}{{ x }}", "{% set x | replace('a', 'z') | upper %}aab{% endset %}[{{ x }}]", "{% set x = nope %}",
    "{% set x = nope %}{{ x | default(1) }}", "{% set true = 1 %}", "{% set n.x = 1 %}", "{% set x %}{% set y = 1 %}{{ y }}{% endset %}{{ x }}{{ y | default('u') }}", "{% set x = [1, 2] %}{% for i in x %}{{ i }}{% endfor %}", "{% set a = b = 1 %}",
    "{% if n %}{% for x in xs %}{% if x == 3 %}{{ x }}{% else %}-{% endif %}{% endfor %}{% endif %}", "{% for x in xs %}{% if x == 1 %}{% set q = 'one' %}{% endif %}{{ q | default('?') }}{% endfor %}",
    "{% if %}{% endif %}", "{% if n %}", "{% endif %}", "{% if n %}{% endfor %}", "{% else %}", "{% nope %}", "{% %}", "{%", "{{", "{% for x xs %}{% endfor %}", "{% for in xs %}{% endfor %}", "{% for x in %}{% endfor %}", "{% set %}", "{% set x %}", "{{ n %}",
    "{% if n }}", "{{ n", "{% if n %}{% else %}{% else %}{% endif %}", "{% if n %}{% else %}{% elif n %}{% endif %}", "{{ }}", "{{}}", "{% endfor %}", "{% if n %}a{% endif x %}", "{% for x in xs %}{% endfor y %}", "{{ n }} {{ }}", "{{ 'a\nb' }}x", "{{ n\n+\n1 }}x",
    "{{ 1.0 }} {{ 1e100 }} {{ 0.1 + 0.2 }} {{ 10 / 4 }}", "{{ [1.0, none, true, 'x', {'a': ('b',)}] }}!", "}} %} #}", "{ { n } }", "a {%- set x = 1 -%} b {{ x }}", "{% if n -%}\n  a\n{%- else -%}\n b\n{%- endif %}", "{%+ if n +%} a {%+ endif +%} b", "{#+ x +#} a",
]  # fmt: skip


def plain(value: object) -> object:
    """Turn Jinja2's iterators and marked-up texts into lists and texts."""
    if isinstance(value, str):
        return str(value) if isinstance(value, str) and type(value) is not str else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, (list, Iterator)) or type(value).__name__ in {
        "range",
        "dict_items",
        "dict_keys",
        "dict_values",
    }:
        return [plain(item) for item in value]
    return value


def same(left: object, right: object) -> bool:
    """Tell whether two values are equal in value and type, at any depth."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def jinja_value(expression: str, names: Mapping[str, object]) -> object:
    try:
        with warnings.catch_warnings(action="ignore"):
            value = JINJA.compile_expression(expression, undefined_to_none=False)(**names)
            if isinstance(value, Undefined):
                return FAILED
            return plain(value)
    except Exception:  # noqa: BLE001 - whatever Jinja2 raises, it refuses
        return FAILED


def jinja_text(template: str, names: Mapping[str, object]) -> object:
    try:
        with warnings.catch_warnings(action="ignore"):
            return JINJA.from_string(template).render(names)
    except Exception:  # noqa: BLE001 - whatever Jinja2 raises, it refuses
        return FAILED


def our_value(expression: str, names: Mapping[str, object]) -> object:
    try:
        return plain(compile_expression(expression).render(names))
    except TemplateError as error:
        return UNDEFINED if "is not defined" in error.message else FAILED


def our_text(template: str, names: Mapping[str, object]) -> object:
    try:
        value = compile_template(template).render(names)
    except TemplateError:
        return FAILED
    return value if isinstance(value, str) else str(value)


@pytest.mark.parametrize("expression", CASES)
def test_an_expression_gives_what_it_gives_in_jinja2(expression: str) -> None:
    expected, ours = jinja_value(expression, NAMES), our_value(expression, NAMES)
    assert same(ours, expected) or (expected is FAILED and (ours is FAILED or ours is UNDEFINED))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_gives_the_text_it_gives_in_jinja2(template: str) -> None:
    assert our_text(template, NAMES) == jinja_text(template, NAMES)


SPACE = st.sampled_from(["", " ", "  ", "\n"])
NUMBERS = st.sampled_from(
    ["n", "m", "k", "f", "yes", "0", "1", "2", "7", "1.5", "-3", "d.a", "xs[0]", "(n + 1)"]
)
TEXTS = st.sampled_from(["s", "t", "e", "'a'", '"b c"', "'Ab-c'", "rows[0].name", "ws[1]", "'%s'", "'12'"])
LISTS = st.sampled_from(
    ["xs", "ws", "rows", "none_list", "pair", "[1, 'a']", "[[2, 1], [3]]", "d", "s", "range(4) | list"]
)
OTHERS = st.sampled_from(["nil", "d", "nope", "d.zz", "true", "none", "rows[1]", "d.c.x"])
OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
)
TEXT_FILTERS = st.sampled_from(
    [
        "upper",
        "lower",
        "title",
        "capitalize",
        "trim",
        "length",
        "wordcount",
        "reverse | list",
        "replace('a', 'b')",
        "truncate(6)",
        "indent(2)",
        "center(9)",
        "string",
        "list",
        "first",
        "last",
        "int",
        "float",
        "urlencode",
        "striptags",
        "e",
        "default('q')",
        "default('q', true)",
        "wordwrap(5)",
        "join('.')",
    ]
)
LIST_FILTERS = st.sampled_from(
    [
        "length",
        "first",
        "last",
        "sort",
        "sort(reverse=true)",
        "unique | list",
        "reverse | list",
        "sum",
        "min",
        "max",
        "join(',')",
        "list",
        "batch(2) | list",
        "slice(2) | list",
        "map('string') | list",
        "map('length') | list",
        "select | list",
        "reject('string') | list",
        "select('odd') | list",
        "map(attribute='name') | list",
        "selectattr('on') | list",
        "groupby('tag')",
        "sort(attribute='age')",
        "string",
        "default([])",
        "map('upper') | join",
    ]
)
NUMBER_FILTERS = st.sampled_from(
    [
        "abs",
        "int",
        "float",
        "round",
        "round(1)",
        "round(1, 'floor')",
        "string",
        "filesizeformat",
        "default(3)",
        "default(3, true)",
        "upper",
    ]
)
TESTS = st.sampled_from(
    [
        "odd",
        "even",
        "divisibleby 2",
        "defined",
        "not defined",
        "undefined",
        "none",
        "boolean",
        "true",
        "false",
        "integer",
        "float",
        "number",
        "string",
        "mapping",
        "sequence",
        "in [1, 7]",
        "eq 7",
        "gt 2",
        "not lt(3)",
        "lower",
        "upper",
    ]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, SPACE, OPERATORS, SPACE, inner).map(
            lambda part: f"{part[0]} {part[1]}{part[2]}{part[3]} {part[4]}"
        ),
        inner.map(lambda part: f"({part})"),
        inner.map(lambda part: f"-{part}"),
        inner.map(lambda part: f"not {part}"),
        st.tuples(inner, TEXT_FILTERS).map(" | ".join),
        st.tuples(inner, NUMBER_FILTERS).map(" | ".join),
        st.tuples(LISTS, LIST_FILTERS).map(" | ".join),
        st.tuples(inner, LIST_FILTERS).map(lambda part: f"({part[0]}) | {part[1]}"),
        st.tuples(inner, TESTS).map(" is ".join),
        st.tuples(inner, inner, inner).map(lambda part: f"{part[0]} if {part[1]} else {part[2]}"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(lambda part: f"({part[0]}, {part[1]})"),
        st.tuples(TEXTS, inner).map(lambda part: f"{{{part[0]}: {part[1]}}}"),
        st.tuples(LISTS, inner).map(lambda part: f"({part[0]})[{part[1]}]"),
        st.tuples(LISTS, NUMBERS, NUMBERS).map(lambda part: f"({part[0]})[{part[1]}:{part[2]}]"),
        st.tuples(
            TEXTS,
            st.sampled_from(
                [".upper()", ".split()", ".strip()", ".replace('a', 'b')", "[0]", "[-1]", "[1:]"]
            ),
        ).map("".join),
    )


EXPRESSIONS = st.recursive(st.one_of(NUMBERS, TEXTS, LISTS, OTHERS), _grown, max_leaves=6)
SIGNS = st.sampled_from(["", "-", "+"])
PLAIN_TEXT = st.sampled_from(["", "a", " b ", "\n", "  \n c", "}}", "{", "é"])


def _tag(part: tuple[str, str, str]) -> str:
    return f"{{%{part[0]} {part[1]} {part[2]}%}}"


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def tag(*words: str) -> st.SearchStrategy[str]:
        return st.tuples(SIGNS, st.sampled_from(words), SIGNS).map(_tag)

    condition = st.sampled_from(["n", "k", "xs", "nope is defined", "n > 3 and s", "not e", "x is defined"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(condition, inner, tag("else"), inner, tag("endif")).map(
            lambda part: f"{{% if {part[0]} %}}" + "".join(part[1:])
        ),
        st.tuples(
            tag("for x in xs", "for x in ws if x", "for x in none_list", "for x, y in d.items()"),
            inner,
            tag("endfor"),
        ).map("".join),
        st.tuples(tag("for n in xs"), inner, tag("else"), inner, tag("endfor")).map("".join),
        st.tuples(tag("set x = n", "set n = 5", "set x, y = pair", "set q = ws"), inner).map("".join),
        st.tuples(tag("set x"), inner, tag("endset"), inner).map("".join),
        inner.map(lambda part: "{# c #}" + part),
    )


HOLES = st.tuples(
    st.sampled_from(["", "-"]),
    st.one_of(
        NUMBERS, TEXTS, st.sampled_from(["x | default('u')", "loop.index", "y | default(0)", "n", "xs"])
    ),
    st.sampled_from(["", "-"]),
).map(lambda part: f"{{{{{part[0]} {part[1]} {part[2]}}}}}")
TEXT_TEMPLATES = st.recursive(st.one_of(PLAIN_TEXT, HOLES), _blocks, max_leaves=8)


@settings(max_examples=400)
@given(EXPRESSIONS)
def test_generated_expressions_give_what_they_give_in_jinja2(expression: str) -> None:
    assume(not re.search(r" is (not )?[a-z]+ if ", expression))  # Jinja2 takes this `if` for an argument
    expected = jinja_value(expression, NAMES)
    value = our_value(expression, NAMES)
    # Jinja2 lets undefined values into tests and lists; here they are refused by name.
    assert same(value, expected) or value is UNDEFINED or (value is expected is FAILED)


@settings(max_examples=300)
@given(TEXT_TEMPLATES)
def test_generated_templates_give_the_text_they_give_in_jinja2(template: str) -> None:
    assert our_text(template, NAMES) == jinja_text(template, NAMES)
