"""Only data is reachable, nothing can be changed, and nothing runs away."""

from decimal import Decimal

import pytest

from orchestrator.errors import TemplateError
from orchestrator.expressions import Limits, compile_template


class Trap:
    """An object that is no data and reports whoever touches it."""

    secret = "reached"

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"{name} was looked up")

    def __str__(self) -> str:
        raise AssertionError("it was printed")

    def __call__(self) -> str:
        raise AssertionError("it was called")


NAMES = {
    "s": "text",
    "xs": [1, 2, 3],
    "d": {"a": 1},
    "trap": Trap(),
    "traps": [Trap()],
    "big": "x" * 9_000_000,
    "huge": Decimal("1e99999999999"),
    "bits": 2**60_000,
}


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ s.__class__.__mro__[1].__subclasses__() }}",
        "{{ xs.__len__() }}",
        "{{ d.__init__.__globals__ }}",
        "{{ s.mro() }}",
        "{{ s.upper.__self__ }}",
        "{{ s['upper']() }}",
        "{{ s.format(1) }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ s.format_map(d) }}",
        "{{ s | attr('__class__') }}",
        "{{ [s] | map(attribute='__class__') }}",
        "{{ [s] | map('attr', '__class__') }}",
        "{{ [s] | sort(attribute='__class__.__name__') }}",
        "{{ [s] | selectattr('__class__') }}",
        "{{ [s] | groupby('__class__') }}",
        "{{ [s] | sum(attribute='__class__') }}",
        "{{ [s] | join(attribute='__class__') }}",
        "{{ '%(x.__class__)s' | format(x=1) }}",
        "{{ f'{s}' }}",
        "{{ trap }}!",
        "{{ trap.secret }}",
        "{{ trap['secret'] }}",
        "{{ trap() }}",
        "{{ trap ~ '' }}",
        "{{ trap | string }}",
        "{{ trap | tojson }}",
        "{{ trap | list }}",
        "{{ trap + 1 }}",
        "{{ traps | join }}",
        "{{ traps ~ '' }}",
        "{{ traps | map('upper') }}",
        "{{ traps | tojson }}",
        "{{ traps | sort(attribute='secret') }}",
        "{{ '%s' % traps }}",
        "{{ cycler(1) }}",
        "{{ joiner() }}",
        "{{ namespace() }}",
        "{{ lipsum() }}",
        "{{ self }}",
        "{{ self.x() }}",
        "{{ caller() }}",
        "{{ super() }}",
        "{{ config }}",
        "{{ request }}",
        "{{ range.__class__ }}",
        "{{ loop }}",
        "{% for x in xs %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in xs %}{{ loop }}{% endfor %}",
        "{{ xs.append(4) }}",
        "{{ xs.pop() }}",
        "{{ xs.sort() }}",
        "{{ d.update(a=2) }}",
        "{{ d.setdefault('b', 1) }}",
        "{% set d.a = 2 %}",
        "{% set xs[0] = 2 %}",
        "{% import 'os' as os %}",
        "{% include '/etc/passwd' %}",
        "{% macro m() %}{% endmacro %}",
        "{% call m() %}{% endcall %}",
    ],
)
def test_nothing_but_data_is_reachable_and_nothing_can_be_changed(text: str) -> None:
    with pytest.raises(TemplateError):
        compile_template(text).render(NAMES)
    assert NAMES["xs"] == [1, 2, 3]
    assert NAMES["d"] == {"a": 1}


_NESTED = "{% set a = [1, 1, 1, 1, 1, 1, 1, 1] %}" + "{% set a = [a, a, a, a, a, a, a, a] %}" * 12


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 10**9 }}",
        "{{ 10**9 * 'a' }}",
        "{{ [1] * 10**9 }}",
        "{{ (1,) * 10**9 }}",
        "{{ range(10**9) }}",
        "{{ range(10**30) }}",
        "{{ range(-(10**30), 10**30) }}",
        "{{ (10**1000)**1000 }}",
        "{{ 2**60000 * 2**60000 }}",
        "{{ bits * bits * bits }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%.1000000000f' % 1.0 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{{ ('%s' * 100) | format(big) }}",
        "{{ ('%(a)s' * 100) | format(a=big) }}",
        "{{ '%d' % huge }}",
        "{{ '%d' % {'a': [huge]} }}",
        "{{ huge | int }}",
        "{{ huge | round }}",
        "{{ huge | round(0, 'ceil') }}",
        "{{ 1.5 | round(10**9) }}",
        "{{ bits }}!",
        "{{ 'a' | center(10**9) }}",
        "{{ 'a'.center(10**9) }}",
        "{{ 'a'.ljust(10**9) }}",
        "{{ 'a'.rjust(10**9) }}",
        "{{ 'a'.zfill(10**9) }}",
        "{{ '\\t'.expandtabs(10**9) }}",
        "{{ 'a' | indent(10**9) }}",
        "{{ 'a\\nb' | indent(big, true) }}",
        "{{ big | replace('x', 'xx') }}",
        "{{ big.replace('', 'xx') }}",
        "{{ big | e | wordwrap(1) }}",
        "{{ [big, big] | join }}",
        "{{ big.join(['a', 'b', 'c']) }}",
        "{{ big ~ big }}",
        "{{ big + big }}",
        "{{ big }}{{ big }}",
        "{{ big | list }}",
        "{{ big.split('x') }}",
        "{{ big | split('x') }}",
        "{{ big | from_json }}",
        "{{ [1] | batch(10**9, 0) }}",
        "{{ [1] | slice(10**9) }}",
        "{{ [1] | tojson(10**9) }}",
        "{{ ('[' * 100000) | from_json }}",
        "{{ ('9' * 100000) | from_json }}",
        "{{ '2026-01-01' | date('%d' * 1000) }}",
        "{% for a in range(1000000) %}{% for b in range(1000000) %}{% endfor %}{% endfor %}",
        "{% for a in range(900000) if a < 0 %}{% for b in range(900000) %}{% endfor %}{% endfor %}{% for a in range(900000) if a %}{% endfor %}",
        "{% for a in range(900000) %}{{ big }}{% endfor %}",
        "{% for a in range(900000) %}{% if big == big ~ '' %}{% endif %}{% endfor %}",
        "{% for a in range(900000) %}{% if 'y' in big %}{% endif %}{% endfor %}",
        "{% for a in range(900000) %}{% if bits * 3 // 7 %}{% endif %}{% endfor %}",
        _NESTED + "{{ a }}!",
        _NESTED + "{{ a | tojson }}",
        _NESTED + "{{ a | pprint }}",
        _NESTED + "{{ [a] | join }}",
        _NESTED + "{{ a == a + [] }}",
        _NESTED + "{{ a < a + [] }}",
        _NESTED + "{{ [a] in [[a + []]] }}",
        _NESTED + "{{ [a, a] | sort }}",
        _NESTED + "{{ [a, a] | max }}",
        _NESTED + "{{ '%s' % [a] }}",
        _NESTED + "{{ [a].count(a) }}",
        _NESTED + "{% for x in [1, 2] %}{{ loop.changed(a) }}{% endfor %}",
        _NESTED.replace("[", "(").replace("]", ")") + "{{ [a] | unique }}",
        _NESTED.replace("[", "(").replace("]", ")") + "{{ {a: 1} }}",
        _NESTED.replace("[", "(").replace("]", ")") + "{{ {}[a] }}",
        _NESTED.replace("[", "(").replace("]", ")") + "{{ {}.get(a) }}",
        _NESTED.replace("[", "(").replace("]", ")") + "{{ dict([(a, 1)]) }}",
        "{{ [[0] * 1000] * 100000 }}",
        "{{ [[[0] * 1000] * 1000] * 1000 }}",
        "{{ {'a': [[0] * 1000] * 100000} }}",
        "{{ ['x' * 10**6] * 10**6 }}",
        "{{ ('a' * 10**6) | regex_findall('" + "()" * 240 + "') }}",
        "{{ ('a' * 10**6) | regex_findall('^" + "(" * 20 + ".+" + ")" * 20 + "$') }}",
        "{{ ('a' * 10**6) | regex_replace('" + "()" * 240 + "', '') }}",
    ],
)
def test_what_would_take_too_long_or_grow_too_large_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(TemplateError) as error:
        compile_template(text).render(NAMES)
    assert "Traceback" not in error.value.message
    assert len(error.value.message) < 200


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ " + "[" * 5000 + "]" * 5000 + " }}",
        "{{ " + "not " * 5000 + "1 }}",
        "{{ " + "1 + " * 5000 + "1 }}",
        "{{ 1" + " ** 1" * 5000 + " }}",
        "{{ 1" + " | string" * 5000 + " }}",
        "{{ x" + "[0:]" * 5000 + " }}",
        "{{ 1" + " if 1 else 1" * 5000 + " }}",
        "{{ 1" + " if 1" * 5000 + " }}",
        "{{ s" + ".upper()" * 5000 + " }}",
        "{{ s" + "[0]" * 5000 + " }}",
        "{% if 1 %}" * 5000,
        "{% for a in b %}" * 5000,
        "{% if " + "1 + " * 5000 + "1 %}{% endif %}",
        "{% set a" + " | string" * 5000 + " %}{% endset %}",
        "{{ " + "9" * 5000 + " }}",
        "{{ " + "1+" * 100_000 + "1 }}",
        "{{ 1 }}" * 100_000,
    ],
)
def test_a_template_that_nests_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        compile_template(text)


@pytest.mark.parametrize(
    "text", ["{{ " + "-" * 5001 + "1 }}", "{{ 1" + " ~ 1" * 3000 + " }}", "{{ [" + "1, " * 5000 + "] }}"]
)
def test_what_is_long_but_flat_is_fine(text: str) -> None:
    compile_template(text).render({})


def test_data_that_nests_too_deeply_can_pass_but_not_be_printed() -> None:
    deep: list[object] = []
    for _ in range(3000):
        deep = [deep]
    assert compile_template("{{ x }}").render({"x": deep}) is deep
    for text in ("{{ x }}!", "{{ x | tojson }}", "{{ x == [x] }}", "{{ [x, x] | sort }}"):
        with pytest.raises(TemplateError, match="nests too deeply"):
            compile_template(text).render({"x": deep})


def test_limits_can_be_set() -> None:
    limits = Limits(steps=50, text=20, elements=10)
    for text in (
        "{% for x in y %}{{ x }}{% endfor %}",
        "{{ 'a' * 101 }}",
        "{{ [0] * 11 }}",
        "{{ y | map('string') }}",
    ):
        with pytest.raises(TemplateError):
            compile_template(text, limits=limits).render({"y": list(range(60))})
    assert (
        compile_template("{% for x in y %}{{ x }}{% endfor %}", limits=limits).render({"y": [1, 2]}) == "12"
    )


def test_each_rendering_has_its_own_fuel() -> None:
    template = compile_template("{% for x in y %}{% endfor %}", limits=Limits(steps=50))
    for _ in range(5):
        assert template.render({"y": [0] * 40}) == ""


def test_what_is_found_by_groups_is_given_as_python_gives_it() -> None:
    assert compile_template("{{ 'a1b2' | regex_findall('[a-z]') }}").render({}) == ["a", "b"]
    assert compile_template("{{ 'a1b2' | regex_findall('[a-z]([0-9])') }}").render({}) == ["1", "2"]
    assert compile_template("{{ 'a1b' | regex_findall('([a-z])([0-9])?') }}").render({}) == [
        ("a", "1"),
        ("b", ""),
    ]


def test_replacing_many_small_things_in_a_long_text_is_fine() -> None:
    assert compile_template("{{ ('a ' * 100000) | regex_replace('a', 'b') | length }}").render({}) == 200_000
