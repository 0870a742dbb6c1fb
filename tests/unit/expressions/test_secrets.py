"""Secrets can be placed and nothing else."""

import pytest

from orchestrator.core.secret import Sealed, Secret
from orchestrator.errors import TemplateError
from orchestrator.expressions import compile_expression, compile_template

KEY = Secret("API_KEY")
NAMES = {"secrets": {"API_KEY": KEY}, "sealed": Sealed(("a", KEY)), "x": "t"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ secrets.API_KEY }}", KEY),
        ("Bearer {{ secrets.API_KEY }}", Sealed(("Bearer ", KEY))),
        ("{{ 'a' ~ secrets.API_KEY ~ 1 }}", Sealed(("a", KEY, "1"))),
        ("{{ 'a' + secrets.API_KEY }}", Sealed(("a", KEY))),
        ("{{ secrets.API_KEY + 'b' }}", Sealed((KEY, "b"))),
        ("{{ sealed ~ 'b' ~ x }}{{ x }}", Sealed(("a", KEY, "btt"))),
        ("{{ [secrets.API_KEY] }}", [KEY]),
        ("{{ {'k': secrets.API_KEY} }}", {"k": KEY}),
        ("{{ secrets.API_KEY | default('x') }}", KEY),
        ("{{ secrets.API_KEY is defined }}", True),
        ("{{ secrets.API_KEY if x else '' }}", KEY),
        ("{% set k %}<{{ secrets.API_KEY }}>{% endset %}{{ k }}!", Sealed(("<", KEY, ">!"))),
        ("{% if x %}{{ secrets.API_KEY }}{% endif %}", Sealed((KEY,))),
        ("{% for a in [1, 2] %}{{ secrets.API_KEY }}{% endfor %}", Sealed((KEY, KEY))),
        ("{% set k = secrets.API_KEY %}{{ k }}", Sealed((KEY,))),
    ],
)
def test_a_secret_can_be_placed_whole_or_in_text(text: str, value: object) -> None:
    assert compile_template(text).render(NAMES) == value


USES = [
    "{{ S | upper }}", "{{ S | length }}", "{{ S | string }}", "{{ S | tojson }}", "{{ S | list }}", "{{ S | sha256 }}",
    "{{ 'x' | replace('x', S) }}", "{{ '%s' | format(S) }}", "{{ '%s' % S }}", "{{ '%s' % (S,) }}", "{{ S * 2 }}",
    "{{ S == 'x' }}", "{{ S != 'x' }}", "{{ S < 'x' }}", "{{ S in ['x'] }}", "{{ 'x' in S }}", "{{ S is string }}",
    "{{ S is none }}", "{{ 1 if S else 2 }}", "{{ not S }}", "{{ S and 1 }}", "{{ S or 1 }}", "{{ S[0] }}", "{{ S[1:] }}",
    "{{ S.name }}", "{{ S.parts }}", "{{ S['name'] }}", "{{ S.upper() }}", "{{ 'x'.join([S]) }}", "{{ 'x'.startswith(S) }}",
    "{{ [S] | join }}", "{{ [S] | tojson }}", "{{ [S] | map('upper') }}", "{{ [S] | map(attribute='name') }}",
    "{{ [S] | unique }}", "{{ [S, S] | sort }}", "{{ [S] | max }}", "{{ [S] ~ '' }}", "{{ [[S]] }}!", "{{ [S] == [S] }}",
    "{{ {'a': S} | urlencode }}", "{{ {'a': S} | dictsort }}", "{{ {S: 1} }}", "{{ {'a': 1}[S] }}", "{{ S | default('x', true) }}",
    "{{ dict(a=S) }}", "{{ range(S) }}", "{{ [S] | select }}", "{{ [S] | select('string') }}", "{{ [{'a': S}] | selectattr('a', 'eq', 'x') }}",
    "{{ [{'a': S}] | groupby('a') }}", "{{ [S] | sum(start='') }}", "{{ [S] | pprint }}", "{{ [S].index(S) }}", "{{ [S].count(S) }}",
    "{% if S %}{% endif %}", "{% for c in S %}{% endfor %}", "{% for c in [1, 2] if S %}{% endfor %}",
    "{% set a, b = S %}", "{% for x in [1] %}{{ loop.changed(S) }}{% endfor %}", "{{ -S }}", "{{ S - 1 }}",
]  # fmt: skip


@pytest.mark.parametrize("secret", ["secrets.API_KEY", "sealed"])
@pytest.mark.parametrize("text", USES)
def test_every_other_use_of_a_secret_is_refused(text: str, secret: str) -> None:
    with pytest.raises(TemplateError, match="can only be placed"):
        compile_template(text.replace("S", secret, 1).replace("S", secret)).render(NAMES)


def test_a_secret_is_no_condition() -> None:
    with pytest.raises(TemplateError, match="the secret `API_KEY` can only be placed"):
        compile_expression("secrets.API_KEY").test(NAMES)
