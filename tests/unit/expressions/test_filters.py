"""The filters and methods that are ours, or differ from Jinja2's on purpose."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType

import pytest

from orchestrator.errors import TemplateError
from orchestrator.expressions import compile_template

NAMES = {
    "data": {"b": [1, 2.5, None, True], "a": "é<'>"},
    "price": Decimal("1.10"),
    "when": datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    "day": date(2026, 11, 20),
    "path": "docs/guide/intro.md",
    "log": "2026-11-20 ERROR a=1\n2026-11-21 INFO b=22",
    "rows": [{"k": "x", "v": 1}, {"k": "y", "v": 2}, {"k": "x", "v": 3}],
    "nan": Decimal("sNaN"),
    "yes": True,
    "no": False,
    "view": MappingProxyType({"a": 1}),
    "clock": time(9, 30),
    "words": "one two three four",
    "items": {"items": [1], "keys": 2},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # JSON: order kept, text readable, nothing escaped for HTML
        ("{{ data | tojson }}", '{"b": [1, 2.5, null, true], "a": "é<\'>"}'),
        ("{{ data.b | to_json(2) }}", "[\n  1,\n  2.5,\n  null,\n  true\n]"),
        ("{{ price | tojson }}", '"1.10"'),
        ("{{ view | tojson }}", '{"a": 1}'),
        ("{{ [when, day] | tojson }}", '["2026-11-20T09:30:00+00:00", "2026-11-20"]'),
        ("{{ '{\"a\": [1, 2.0]}' | from_json }}", {"a": [1, 2.0]}),
        ("{{ data | tojson | from_json == data }}", True),
        # text
        ("{{ 'Häuser & Gärten: 3 Stück!' | slugify }}", "hauser-garten-3-stuck"),
        ("{{ 'a b' | slugify('_') }}", "a_b"),
        ("{{ path | basename }}", "intro.md"),
        ("{{ path | dirname }}", "docs/guide"),
        ("{{ '/a' | dirname }}", "/"),
        ("{{ 'a' | dirname }}", ""),
        ("{{ 'a,b,c' | split(',', 1) }}", ["a", "b,c"]),
        ("{{ ' a  b ' | split }}", ["a", "b"]),
        ("{{ words | truncate_words(2) }}", "one two..."),
        ("{{ words | truncate_words(4) }}", words := "one two three four"),
        ("{{ words | truncate_words(1, ' …') }}", "one …"),
        ("{{ 'abc' | sha256 }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("{{ ['a'] | truncate(5) }}", ["a"]),
        # patterns
        ("{{ log | regex_search('[A-Z]{4,5}') }}", "ERROR"),
        ("{{ log | regex_search('(\\\\w)=(\\\\d+)', 2) }}", "1"),
        ("{{ log | regex_search('(?P<key>\\\\w)=', 'key') }}", "a"),
        ("{{ log | regex_search('nothing') }}", None),
        ("{{ log | regex_findall('\\\\d{4}-\\\\d\\\\d-(\\\\d\\\\d)') }}", ["20", "21"]),
        ("{{ log | regex_findall('(\\\\w)=(\\\\d)') }}", [("a", "1"), ("b", "2")]),
        ("{{ 'a-b-c' | regex_replace('-', '+') }}", "a+b+c"),
        ("{{ 'a-b-c' | regex_replace('(\\\\w)-', '<\\\\1>', 1) }}", "<a>b-c"),
        ("{{ 'abc' | regex_match('ab') }}", True),
        ("{{ 'abc' | regex_match('b') }}", False),
        # dates
        ("{{ '2026-11-20T09:30:00Z' | date }}", "2026-11-20"),
        ("{{ '2026-11-20T09:30:00+01:00' | date('%d.%m.%Y %H:%M') }}", "20.11.2026 09:30"),
        ("{{ 1795167000.5 | date('%Y-%m-%d %H:%M') }}", "2026-11-20 09:30"),
        ("{{ when | date('%H') }}{{ day | date('%j') }}", "09324"),
        ("{{ when }}", datetime(2026, 11, 20, 9, 30, tzinfo=UTC)),
        ("{{ when }}!", "2026-11-20 09:30:00+00:00!"),
        # decimals
        ("{{ price + 1 }}", Decimal("2.10")),
        ("{{ price * 3 }}", Decimal("3.30")),
        ("{{ 1 - price }}", Decimal("-0.10")),
        ("{{ price / 3 }}", Decimal("1.10") / 3),
        ("{{ price // 1 }}{{ price % 1 }}{{ price ** 2 }}", "10.101.2100"),
        ("{{ -price }}", Decimal("-1.10")),
        ("{{ price > 1 and price == price and price < 1.5 }}", True),
        ("{{ [price, price] | sum }}", Decimal("2.20")),
        ("{{ price | float + 0.5 }}", 1.6),
        ("{{ clock | tojson }}", '"09:30:00"'),
        ("{{ 'a\r\nb' }}", "a\nb"),
        ("{{ '%s' % [1] }}{{ '%(a)s' % view }}", "[1]1"),
        ("{{ 7 is eq 7 and 'a' is lower and 'A' is upper and yes is true and no is false }}", True),
        ("{{ price + 0.5 | decimal }}", Decimal("1.60")),
        ("{{ '2.50' | decimal * 2 }}", Decimal("5.00")),
        ("{{ 'x' | decimal(7) }}", 7),
        ("{{ price | round(1) }}", Decimal("1.1")),
        ("{{ price | int }}", 1),
        ("{{ price }}", Decimal("1.10")),
        ("{{ price }} {{ [price] }}", "1.10 [Decimal('1.10')]"),
        ("{{ price | abs is number }}", True),
        # lists instead of iterators
        ("{{ rows | map(attribute='v') }}", [1, 3 - 1, 3]),
        ("{{ rows | selectattr('k', 'eq', 'x') | map(attribute='v') }}", [1, 3]),
        ("{{ {'a': 1}.items() }}", [("a", 1)]),
        ("{{ {'a': 1}.keys() }}{{ {'a': 1}.values() }}", "['a'][1]"),
        ("{{ {'a': 1}.copy() }}", {"a": 1}),
        ("{{ [1].copy() }}", [1]),
        ("{{ range(2) }}", [0, 1]),
        ("{{ [1, 2] | reverse }}", [2, 1]),
        ("{{ 0 | map('upper') }}", []),
        # keys before methods
        ("{{ items.items }}", [1]),
        ("{{ items.keys }}", 2),
        ("{{ items.keys() }}", ["items", "keys"]),
        # a test may stand before `if`, which Jinja2 takes for its argument
        ("{{ 1 if 3 is odd if true else 2 }}", 1),
        ("{{ 3 is odd if true else 2 }}", True),
        ("{{ [1] if rows is sequence in [true] }}", [1]),
    ],
)  # fmt: skip
def test_a_filter_gives(text: str, value: object) -> None:
    result = compile_template(text).render(NAMES)
    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ price + 0.5 }}", "a decimal and a float cannot be mixed exactly"),
        ("{{ 0.5 * price }}", "a decimal and a float cannot be mixed exactly"),
        ("{{ price / 0 }}", "division by zero"),
        ("{{ -nan }}", "a decimal that is no number"),
        ("{{ nan == 1 }}", "a decimal that is no number cannot be compared"),
        ("{{ nan in [1] }}", "a decimal that is no number cannot be compared"),
        ("{{ nan < 1 }}", "a decimal that is no number has no order"),
        ("{{ {nan: 1} }}", "a decimal number cannot be a key"),
        ("{{ nan in {1: 1} }}", "cannot be"),
        ("{{ [1] in {1: 1} }}", "a list cannot be a key"),
        ("{{ [1, 2] | map('round', 0, 'x') }}", "common, ceil and floor"),
        ("{{ price % 0 }}", "out of range"),
        ("{{ 'x' | decimal }}", "a text cannot become a decimal"),
        ("{{ none | decimal }}", "null cannot become a decimal"),
        ("{{ 'x' | from_json }}", "this is no JSON"),
        ("{{ 1 | from_json }}", "`from_json` needs a text"),
        ("{{ 'yesterday' | date }}", "'yesterday' is no ISO date"),
        ("{{ [5] | date }}", "`date` needs ISO text, not a list"),
        ("{{ 1e300 | date }}", "1e+300 is no time of day"),
        ("{{ day | date('%Q' * 200) }}", "more than 200 characters"),
        ("{{ log | regex_search('(') }}", "this is no pattern"),
        ("{{ log | regex_search('(a+)+b') }}", "repetition is refused"),
        ("{{ log | regex_search('a', 1) }}", "no group 1"),
        ("{{ log | regex_search(1) }}", "a pattern is a text, not a number"),
        ("{{ ('x' * 20000) | regex_search('x+y') }}", "may search at most"),
        ("{{ log | regex_replace('a', '\\\\1') }}", "does not fit the pattern"),
        ("{{ log | regex_search('a' * 501) }}", "more than 500 characters"),
        ("{{ 5 | truncate(5) }}", "`truncate` needs a text"),
        ("{{ 'a' | truncate(5, leeway=-1) }}", "a leeway of at least 0"),
        ("{{ 'a' | center('x') }}", "a whole number is expected, not a text"),
        ("{{ {'a b': 1} | xmlattr }}", "cannot be the name of an attribute"),
        ("{{ 1 | xmlattr }}", "`xmlattr` needs a mapping"),
        ("{{ 1 | dictsort }}", "`dictsort` needs a mapping"),
        ("{{ {} | dictsort(by='x') }}", "by \"key\" or by \"value\""),
        ("{{ 1 | items }}", "`items` needs a mapping"),
        ("{{ [1] | batch(0) }}", "a length of at least 1"),
        ("{{ [1] | slice(0) }}", "a number of at least 1"),
        ("{{ [1] | slice('a') }}", "a whole number is expected"),
        ("{{ '%s' | format(1, a=2) }}", "not both"),
        ("{{ 1 | round(0, 'up') }}", "common, ceil and floor"),
        ("{{ {1: 2, 'a': 3} | dictsort }}", "no order among them"),
    ],
)  # fmt: skip
def test_a_filter_refuses(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        compile_template(text).render(NAMES)
    assert message in error.value.message
