"""Whatever the text and whatever the data: a value or a `TemplateError`, nothing else."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.secret import Sealed, Secret
from orchestrator.core.template import Template
from orchestrator.core.undefined import Undefined
from orchestrator.errors import TemplateError
from orchestrator.expressions import Limits, check, compile_expression, compile_template, infer
from orchestrator.expressions.filters import FILTERS
from orchestrator.expressions.methods import METHODS
from orchestrator.expressions.predicates import TESTS

LIMITS = Limits(steps=20_000, text=100_000, elements=10_000)
PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", "-", "+", " ", "if", "else", "elif", "endif", "for", "in", "endfor", "set", "endset", "raw", "endraw", "not", "and", "is",
     "defined", "odd", "a", "b", ".", "|", "(", ")", "[", "]", "{", "}", ",", ":", "==", "<", "=", "*", "**", "/", "%", "~", "'x'", '"', "'", "\\", "1", "2.5", "0x1", "upper", "loop",
     "default", "join", "\n", "\r", "é", "\u2028", "\x00", "x²", "range"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=25).map("".join),
    st.lists(PIECES, max_size=25).map(" ".join),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.decimals(allow_nan=True), st.dates(), st.integers(4_300, 9_000).map(lambda digits: 10**digits),
    st.sampled_from([Secret("K"), Sealed(("a", Secret("K"))), Undefined("steps.x", skipped=True), Undefined("y"), Decimal("1e99999"), date(2026, 1, 1), object(), b"x", float("inf"), -1]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=5,
)
ARGUMENTS = st.sampled_from(
    [
        "",
        "a",
        "b",
        "1",
        "'x'",
        "a, b",
        "none",
        "-1",
        "b, 2",
        "'%s'",
        "[1]",
        "0",
        "10**9",
        "true",
        "a, b, 1",
        "1, a",
        "1, true, a",
        "a, a, a",
    ]
)
USES = st.one_of(
    st.tuples(st.sampled_from(sorted(FILTERS)), ARGUMENTS).map(lambda part: f"{{{{ a | {part[0]}({part[1]}) }}}}"),
    st.tuples(st.sampled_from(["map", "select", "reject"]), st.sampled_from(sorted(FILTERS)), ARGUMENTS).map(lambda part: f"{{{{ a | {part[0]}('{part[1]}', {part[2]}) }}}}"),
    st.tuples(st.sampled_from(sorted(name for name in TESTS if name.isalpha())), ARGUMENTS).map(lambda part: f"{{{{ a is {part[0]}({part[1]}) }}}}"),
    st.tuples(st.sampled_from(sorted(METHODS)), ARGUMENTS).map(lambda part: f"{{{{ a.{part[0]}({part[1]}) }}}}"),
    st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "in", "not in", "and", "or"]).map(lambda sign: f"{{{{ a {sign} b }}}}"),
    st.sampled_from(
        ["{{ a }}", "{{ a }}!", "{{ -a }}", "{{ +a }}", "{{ not a }}", "{{ a[b] }}", "{{ a[b:] }}", "{{ a[::b] }}", "{{ a.x.y }}", "{{ a[0] }}", "{{ [a, b] }}!", "{{ {a: b} }}", "{{ a if b else 1 }}",
         "{% for x in a %}{{ x }}{{ loop.index }}{% endfor %}", "{% for x, y in a %}{{ x }}{% endfor %}", "{% for x in a if x %}{% endfor %}", "{% set x, y = a %}{{ x }}", "{% if a %}b{% elif b %}{% endif %}",
         "{% set x %}{{ a }}{% endset %}{{ x }}", "{{ range(a, b) }}", "{{ range(a) }}", "{{ dict(a) }}", "{{ dict(x=a) }}", "{% for x in a %}{{ loop.changed(x) }}{{ loop.cycle(a, b) }}{% endfor %}"]
    ),
)  # fmt: skip


def refusal_of(attempt: Callable[[], object]) -> TemplateError | None:
    """Return the error of an attempt, None when there is none."""
    try:
        attempt()
    except TemplateError as error:
        return error
    return None


@settings(max_examples=300)
@given(TEXTS)
def test_any_text_compiles_or_is_refused_at_a_place_in_it(text: str) -> None:
    for compile_text in (compile_template, compile_expression):
        refused = refusal_of(
            lambda compile_text=compile_text: _compiled_and_used(compile_text(text, limits=LIMITS))
        )
        assert refused is None or 0 <= refused.offset <= len(text)


def _compiled_and_used(template: Template) -> None:
    for reference in template.references:
        assert template.source[reference.offset : reference.offset + reference.length].startswith(
            str(reference.path[0])
        )
    check(template, {"a": {"type": "string"}})
    infer(template, {})
    template.render({"a": 1, "b": "x"})


@settings(max_examples=600)
@given(USES, VALUES, VALUES)
def test_any_data_gives_a_value_or_a_sentence(text: str, a: object, b: object) -> None:
    refused = refusal_of(lambda: compile_template(text, limits=LIMITS))
    if refused is None:
        template = compile_template(text, limits=LIMITS)
        refused = refusal_of(lambda: template.render({"a": a, "b": b}))
        refusal_of(lambda: template.test({"a": a, "b": b}))
    assert refused is None or (refused.message and 0 <= refused.offset <= len(text))


NAME = st.sampled_from(["steps", "inputs", "a", "x1", "_y"])
KEY = st.one_of(
    NAME.map(lambda name: ("." + name, name)),
    NAME.map(lambda name: (f"['{name}']", name)),
    st.integers(-3, 9).map(lambda key: (f"[{key}]", key)),
    st.integers(0, 9).map(lambda key: (f".{key}", key)),
)
CHAINS = st.tuples(NAME, st.lists(KEY, max_size=4))


@given(st.lists(CHAINS, min_size=1, max_size=4), st.sampled_from([" + ", " ~ ", ", ", " if ", " == "]))
def test_each_reference_stands_where_its_text_is(
    chains: list[tuple[str, list[tuple[str, str | int]]]], between: str
) -> None:
    texts = [name + "".join(written for written, _ in keys) for name, keys in chains]
    source = "é {{ [" + between.join(texts) + "] }}"
    references = compile_template(source).references
    assert [source[r.offset : r.offset + r.length] for r in references] == texts
    assert [r.path for r in references] == [(name, *(key for _, key in keys)) for name, keys in chains]
