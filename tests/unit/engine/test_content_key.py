"""Equal calls have equal keys, and nothing else has."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.action import Action, ActionSpec
from orchestrator.core.pipeline import Call, Step
from orchestrator.core.template import Literal
from orchestrator.engine.content_key import content_key, short_digest

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def action(name: str = "a.b", digest: str = "1", fingerprint=None) -> Action:
    spec = ActionSpec(name=name, description="", parameters={}, digest=digest)
    return Action(spec=spec, function=lambda params, ctx: None, fingerprint=fingerprint)


def key(of: Action, params: object, **step: object) -> str:
    entry = Step(id="s", body=Call(action="a.b", parameters=Literal({})), **step)
    return asyncio.run(content_key(of, params, entry, SimpleNamespace()))


@given(DATA, DATA)
def test_digests_are_equal_exactly_for_equal_data(left, right):
    same = typed(left) == typed(right)
    assert (short_digest(left) == short_digest(right)) == same


def typed(value: object) -> object:
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return (type(value).__name__, str(value))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, True),
        (1, "1"),
        (1, 1.0),
        (Decimal("1.0"), Decimal("1.00")),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": None}),
    ],
)
def test_types_and_order_count(left, right):
    assert key(action(), {"v": left}) != key(action(), {"v": right})


def test_the_order_of_keys_does_not_count():
    assert key(action(), {"a": 1, "b": 2}) == key(action(), {"b": 2, "a": 1})


def test_the_code_the_model_and_the_schema_count():
    base = key(action(), {})
    assert key(action(digest="2"), {}) != base
    assert key(action(name="a.c"), {}) != base
    assert key(action(), {}, model="openai:x") != base
    assert key(action(), {}, output={"type": "string"}) != base


def test_a_fingerprint_counts_and_may_be_awaited():
    async def later(params, ctx):
        return "content"

    now = key(action(fingerprint=lambda params, ctx: "content"), {})
    assert now == key(action(fingerprint=later), {})
    assert now != key(action(fingerprint=lambda params, ctx: "changed"), {})
