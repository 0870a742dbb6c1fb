"""The smallest answer that fits a schema: valid, or none at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.schema import compile_schema
from orchestrator.models.minimal import smallest


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, ""),
        ({"type": "string", "minLength": 2}, "--"),
        ({"type": ["string", "null"]}, None),
        ({"type": "boolean"}, False),
        ({"type": "integer"}, 0),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "number", "maximum": -2}, -2),
        ({"type": "integer", "exclusiveMaximum": -2}, -3),
        ({"type": "integer", "minimum": 4, "multipleOf": 5}, 5),
        ({"type": "array"}, []),
        ({"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2}, ["a", "a"]),
        ({"properties": {"a": {"const": 7}, "b": {}}, "required": ["a"]}, {"a": 7}),
        ({"type": "object", "required": ["x"]}, {"x": None}),
        ({"type": "string", "format": "date", "default": "2026-01-01"}, "2026-01-01"),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, 1),
        ({}, None),
    ],
)
def test_the_smallest_value_fits(schema, value):
    assert smallest(schema) == (value,)


@pytest.mark.parametrize(
    "schema", [{"type": "string", "pattern": "^x+$"}, {"type": "string", "minLength": 2_000}]
)
def test_there_may_be_none(schema):
    assert smallest(schema) is None


numbers = st.integers(-20, 20)
schemas = st.recursive(
    st.one_of(
        st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "number", "boolean", "null"])}),
        st.fixed_dictionaries(
            {"type": st.just("integer")}, optional={"minimum": numbers, "maximum": numbers}
        ),
        st.fixed_dictionaries({"enum": st.lists(numbers, min_size=1, max_size=3)}),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 3)}),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("abc"), inner)},
            optional={"required": st.lists(st.sampled_from("abc"), unique=True)},
        ),
    ),
    max_leaves=6,
)


@given(schemas)
def test_what_is_found_always_fits(schema):
    found = smallest(schema)
    assert found is None or compile_schema(schema)(found[0]) == []
