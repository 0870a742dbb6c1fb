"""The quick checker says what the full library says, in words a user can act on."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.schema import Misfit, compile_schema

FILE = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "mode": {"enum": ["text", "bytes"]}},
    "required": ["path"],
    "additionalProperties": False,
}
TREE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}},
    "required": ["name"],
}
ALPHABET = ", ".join(f'"{letter}"' for letter in "abcdefghijklmnopqrs") + ' or "t"'


@pytest.mark.parametrize(
    ("schema", "value", "misfits"),
    [
        (FILE, {}, [Misfit((), '"path" is missing')]),
        (FILE, {"path": 3}, [Misfit(("path",), "expected text, not 3")]),
        (FILE, 3, [Misfit((), "expected a mapping, not 3")]),
        (
            FILE,
            {"path": "a", "pth": "b"},
            [Misfit(("pth",), 'unknown property "pth"', "did you mean path?")],
        ),
        (
            FILE,
            {"path": "a", "zzzzzz": 1},
            [Misfit(("zzzzzz",), 'unknown property "zzzzzz"', "allowed: path, mode")],
        ),
        (
            FILE,
            {"path": "a", "mode": "byte"},
            [Misfit(("mode",), '"byte" is not allowed, only "text" or "bytes"', 'did you mean "bytes"?')],
        ),
        (
            {"type": "object", "additionalProperties": False},
            {"a": 1},
            [Misfit(("a",), 'unknown property "a"', "no properties are allowed here")],
        ),
        (
            {"additionalProperties": {"type": "number"}},
            {"a": "x", "b": True},
            [
                Misfit(("a",), 'expected a number, not "x"'),
                Misfit(("b",), "expected a number, not true"),
            ],
        ),
        ({"type": ["string", "null"]}, [1], [Misfit((), "expected text or null, not a list of 1 item")]),
        ({"type": "boolean"}, None, [Misfit((), "expected true or false, not null")]),
        ({"type": "string"}, {}, [Misfit((), "expected text, not an empty mapping")]),
        ({"type": "string"}, [], [Misfit((), "expected text, not an empty list")]),
        (
            {"type": "string"},
            dict.fromkeys("abcdef"),
            [Misfit((), "expected text, not a mapping with a, b, c, d, e, …")],
        ),
        ({"type": "integer"}, "x" * 99, [Misfit((), f'expected an integer, not "{"x" * 60}…"')]),
        (
            {"enum": list("abcdefghijklmnopqrstuv")},
            9,
            [Misfit((), f"9 is not allowed, only {ALPHABET} and 2 more")],
        ),
        ({"enum": []}, 1, [Misfit((), "1 is not allowed, only nothing")]),
        ({"const": {"a": 1}}, 2, [Misfit((), "2 is not allowed, only a mapping with a")]),
        ({"minimum": 3}, 2, [Misfit((), "2 is out of range: at least 3 is allowed")]),
        ({"maximum": 3}, 3.5, [Misfit((), "3.5 is out of range: at most 3 is allowed")]),
        ({"exclusiveMinimum": 0}, 0, [Misfit((), "0 is out of range: more than 0 is allowed")]),
        ({"exclusiveMaximum": 0}, 0, [Misfit((), "0 is out of range: less than 0 is allowed")]),
        ({"multipleOf": 5}, 7, [Misfit((), "7 is not a multiple of 5")]),
        ({"minLength": 3}, "ab", [Misfit((), '"ab" has 2 characters, at least 3 allowed')]),
        ({"maxItems": 1}, [1, 2], [Misfit((), "a list of 2 items has 2 items, at most 1 allowed")]),
        ({"minProperties": 1}, {}, [Misfit((), "an empty mapping has 0 names, at least 1 allowed")]),
        ({"pattern": "^a+$"}, "b", [Misfit((), '"b" does not match the pattern ^a+$')]),
        ({"uniqueItems": True}, [1, 2, 1.0], [Misfit((2,), "1.0 repeats item 0; each may stand once")]),
        (
            {"items": {"properties": {"n": {"type": "integer"}}}},
            [{"n": 1}, {"n": 1.5}],
            [Misfit((1, "n"), "expected an integer, not 1.5")],
        ),
        (
            {"prefixItems": [{"type": "string"}], "items": False},
            [1, 2],
            [
                Misfit((), "a list of 2 items, at most 1 allowed"),
                Misfit((0,), "expected text, not 1"),
            ],
        ),
        ({"not": {"type": "null"}}, None, [Misfit((), "null is what is not allowed here")]),
        ({"not": {}}, 1, [Misfit((), "1 is what is not allowed here")]),
        ({"properties": {"a": False}}, {"a": 1}, [Misfit(("a",), "1 is not allowed here: no value is")]),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 3}]},
            1,
            [
                Misfit(
                    (),
                    "1 fits no alternative: expected text, not 1; 1 is out of range: at least 3 is allowed",
                )
            ],
        ),
        (
            {"anyOf": [{"type": "string"}, FILE]},
            {"path": 1},
            [Misfit(("path",), "expected text, not 1")],
        ),
        (
            {"oneOf": [{"type": "integer"}, {"minimum": 2}, {"type": "null"}]},
            3,
            [Misfit((), "3 fits alternatives 1 and 2, exactly one is allowed")],
        ),
        ({"oneOf": [{"type": "integer"}]}, "x", [Misfit((), 'expected an integer, not "x"')]),
        (
            {"allOf": [{"minimum": 3}, {"multipleOf": 2}]},
            1,
            [
                Misfit((), "1 is out of range: at least 3 is allowed"),
                Misfit((), "1 is not a multiple of 2"),
            ],
        ),
        (
            TREE,
            {"name": "a", "children": [{"name": "b", "children": [{}]}]},
            [Misfit(("children", 0, "children", 0), '"name" is missing')],
        ),
    ],
)
def test_a_misfit_names_place_value_and_what_is_allowed(schema, value, misfits):
    assert compile_schema(schema)(value) == misfits


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (FILE, {"path": "a", "mode": "text"}),
        (TREE, {"name": "a", "children": [{"name": "b"}]}),
        ({}, object()),
        ({"type": "integer"}, 1.0),
        ({"type": "integer"}, Decimal(2)),
        ({"type": "number"}, Decimal("0.1")),
        ({"type": "array", "items": {"type": "integer"}}, (1, 2)),
        ({"type": "object", "required": ["a"]}, MappingProxyType({"a": 1})),
        ({"enum": [1, "a"]}, 1.0),
        ({"uniqueItems": True}, [1, True, "1", [1], [True], {"a": 1}, {"a": True}, b"x", b"y"]),
        ({"multipleOf": 0.5}, 1e308),
        ({"multipleOf": 0.5}, 10**400),
        ({"type": "string", "format": "email", "title": "t", "x-order": [1]}, "no address"),
        ({"$defs": {"a/b": {"type": "null"}}, "$ref": "#/$defs/a~1b"}, None),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "null"}, None),
        ({"$ref": "#/$defs/anything", "$defs": {"anything": True}}, 1),
    ],
)
def test_a_fitting_value_has_no_misfits(schema, value):
    assert compile_schema(schema)(value) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, True),
        ({"type": "number"}, False),
        ({"type": "integer"}, Decimal("0.5")),
        ({"type": "integer"}, float("inf")),
        ({"enum": [1]}, True),
        ({"const": [0]}, [False]),
    ],
)
def test_booleans_and_fractions_are_no_integers(schema, value):
    assert compile_schema(schema)(value)


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ({"type": "strng"}, 'wrong at type: "strng" is no type; did you mean string?'),
        ({"type": "path"}, 'wrong at type: "path" is no type; there are string, number'),
        ({"type": []}, "wrong at type: at least one type is needed"),
        ({"type": 5}, "wrong at type: expected a list, not 5"),
        ({"type": ["null", "null"]}, "wrong at type: a name stands twice"),
        ({"properties": {"a": {"type": "int"}}}, "wrong at properties.a.type"),
        ({"properties": {"a": 5}}, "wrong at properties.a: a schema is a mapping, true or false, not 5"),
        ({"properties": []}, "wrong at properties: expected a mapping"),
        ({"required": "path"}, 'wrong at required: expected a list, not "path"'),
        ({"required": ["a", "a"]}, "wrong at required: a name stands twice"),
        ({"required": [1]}, "wrong at required: expected text, not 1"),
        ({"requird": ["a"]}, "wrong at requird: there is no such keyword; did you mean required?"),
        ({"minLength": -1}, "wrong at minLength: expected a count from 0 on, not -1"),
        ({"minLength": 1.5}, "wrong at minLength"),
        ({"minimum": "1"}, "wrong at minimum: expected a number"),
        ({"minimum": True}, "wrong at minimum: expected a number"),
        ({"multipleOf": 0}, "wrong at multipleOf: expected a number above 0"),
        ({"pattern": "("}, 'wrong at pattern: the pattern "(" cannot be read'),
        ({"enum": "a"}, "wrong at enum: expected a list"),
        ({"uniqueItems": 1}, "wrong at uniqueItems: expected true or false"),
        ({"anyOf": []}, "wrong at anyOf: expected at least one schema"),
        ({"title": 5}, "wrong at title: 5 is not allowed"),
        ({1: 2}, "wrong: a keyword is text, not 1"),
        (
            {"$ref": "#/$defs/fil", "$defs": {"file": {}}},
            "wrong at $ref: there is no #/$defs/fil; did you mean",
        ),
        ({"$ref": "#/$defs/x"}, "wrong at $ref: there is no #/$defs/x"),
        ({"$defs": {"unused": {"type": "x"}}}, "wrong at $defs.unused.type"),
        ({"$ref": "#"}, "the references # → # go in circles"),
        (
            {
                "properties": {"x": {"$ref": "#/$defs/a"}},
                "$defs": {
                    "a": {"properties": {"y": {"$ref": "#/$defs/b"}}, "allOf": [{"$ref": "#/$defs/b"}]},
                    "b": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]},
                },
            },
            "go in circles",
        ),
        ({"contains": 5}, "wrong at contains"),
        ({"patternProperties": []}, "wrong at patternProperties"),
        (
            {"properties": {"a": {"pattern": "(a+)+$"}}},
            'properties.a.pattern: the pattern "(a+)+$" is not accepted',
        ),
        ({"patternProperties": {"^(a|a)*$": {}}}, "wrong at patternProperties.^(a|a)*$: the pattern"),
        ({"propertyNames": {"pattern": "(a+)+$"}}, "wrong at propertyNames.pattern"),
        ({"contains": {"anyOf": [{"pattern": "(a+)+$"}]}}, "wrong at contains.anyOf.0.pattern"),
        (
            {"dependentSchemas": {"default": {"pattern": "(a+)+$"}}},
            "wrong at dependentSchemas.default.pattern",
        ),
    ],
)
def test_a_wrong_schema_is_refused_with_its_keyword(schema, sentence):
    with pytest.raises(ValueError) as caught:
        compile_schema(schema)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"contains": {"const": 1}}, [2, 1], [2]),
        ({"patternProperties": {"^a": {"type": "integer"}}}, {"a": 1.0}, {"a": "x"}),
        ({"if": {"minimum": 5}, "then": {"multipleOf": 5}}, 10, 7),
        ({"propertyNames": {"maxLength": 2}, "type": "object"}, {"ab": 1}, {"abc": 1}),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "null"}]}, [None], [1]),
        ({"definitions": {"x": {"type": "array"}}, "$ref": "#/definitions/x"}, (1,), 1),
        ({"$defs": {"a": {"$defs": {"b": {"type": "null"}}}}, "$ref": "#/$defs/a/$defs/b"}, None, 1),
        ({"example": "x", "type": "integer"}, Decimal(1), True),
        ({"type": "object", "unknownToAll": 1}, {}, 1),
    ],
)
def test_rarer_keywords_go_to_the_full_library(schema, good, bad):
    validate = compile_schema(schema)
    assert validate(good) == []
    assert validate(bad)


def test_a_misfit_of_the_full_library_has_its_path():
    validate = compile_schema({"properties": {"a": {"contains": {"const": 1}}}})
    assert [misfit.path for misfit in validate({"a": [2]})] == [("a",)]


def test_a_reference_out_of_the_schema_is_never_fetched():
    validate = compile_schema({"$ref": "http://127.0.0.1:9/schema"})
    assert "not inside it" in validate(1)[0].message


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "a.*a.*b"}, "a" * 1000),
        ({"pattern": "a.*a.*b", "contains": True}, "a" * 1000),
        ({"patternProperties": {"a.*a.*b": False}}, {"a" * 1000: 1}),
        ({"patternProperties": {"a.*a.*b": {}}, "additionalProperties": False}, {"a" * 1000: 1}),
        ({"patternProperties": {"a.*a.*b": {}}, "unevaluatedProperties": False}, {"a" * 1000: 1}),
    ],
)
def test_a_text_that_a_pattern_could_search_for_ever_does_not_fit(schema, value):
    misfits = compile_schema(schema)(value)
    assert "a text of 1,000 characters is too long for the pattern a.*a.*b" in misfits[0].message


def test_a_pattern_that_only_a_reference_into_data_reaches_is_refused_when_it_is_met():
    validate = compile_schema({"$ref": "#/const/x", "const": {"x": {"pattern": "(a+)+$"}}})
    assert "is not accepted" in " ".join(misfit.message for misfit in validate("a" * 40 + "!"))


def test_data_in_a_schema_that_looks_like_a_pattern_is_data():
    assert (
        compile_schema({"const": {"pattern": "(a+)+$"}, "dependentRequired": {}})({"pattern": "(a+)+$"}) == []
    )


NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["", "a", "ab", "b1", "abc"])
NUMBERS = st.one_of(st.integers(-4, 6), st.sampled_from([0.5, 1.0, 2.0, -1.5, 0.1, 0.3, 1e20]))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
TYPES = st.sampled_from(["string", "number", "integer", "boolean", "array", "object", "null"])
COUNTS = st.integers(0, 3)
POSITIVE = st.sampled_from([1, 2, 3, 0.5, 0.1, 1.0])


def _keywords(schemas: st.SearchStrategy[object]) -> st.SearchStrategy[Mapping[str, object]]:
    some = st.lists(schemas, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=3, unique=True)),
            "enum": st.lists(VALUES, max_size=3),
            "const": VALUES,
            "properties": st.dictionaries(NAMES, schemas, max_size=3),
            "required": st.lists(NAMES, unique=True, max_size=2),
            "additionalProperties": schemas,
            "minProperties": COUNTS,
            "maxProperties": COUNTS,
            "items": schemas,
            "prefixItems": some,
            "minItems": COUNTS,
            "maxItems": COUNTS,
            "uniqueItems": st.booleans(),
            "minimum": NUMBERS,
            "maximum": NUMBERS,
            "exclusiveMinimum": NUMBERS,
            "exclusiveMaximum": NUMBERS,
            "multipleOf": POSITIVE,
            "minLength": COUNTS,
            "maxLength": COUNTS,
            "pattern": st.sampled_from(["a", "^a", "[0-9]$", "^$"]),
            "anyOf": some,
            "oneOf": some,
            "allOf": some,
            "not": schemas,
            "title": TEXTS,
        },
    )


LEAVES = st.one_of(st.booleans(), st.sampled_from([{"$ref": "#/$defs/leaf"}, {"$ref": "#/$defs/tree"}]))
SCHEMAS = st.recursive(LEAVES, _keywords, max_leaves=8)
DEFINITIONS = {
    "leaf": {"type": ["integer", "string"]},
    "tree": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/tree"}},
}


@settings(max_examples=60)
@given(schema=_keywords(SCHEMAS), values=st.lists(VALUES, min_size=1, max_size=12))
def test_the_quick_checker_gives_the_verdict_of_the_full_library(schema, values):
    whole = {**schema, "$defs": DEFINITIONS}
    quick, full = compile_schema(whole), jsonschema.Draft202012Validator(whole)
    for value in values:
        misfits = quick(value)
        assert (not misfits) == full.is_valid(value), (whole, value, misfits)
        for misfit in misfits:
            _follow(value, misfit.path)


def _follow(value: object, path: tuple[str | int, ...]) -> None:
    for part in path:
        value = value[part]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"items": {"enum": ["name"]}}, ["nme"] * 5000),
        ({"additionalProperties": {"enum": ["name"]}}, {f"x{number}": "nme" for number in range(5000)}),
        ({"properties": {"name": {}}, "additionalProperties": False}, {f"nme{n}": 1 for n in range(5000)}),
        ({"items": {"items": {"enum": ["name"]}}}, [["nme"] * 500] * 500),
    ],
)
def test_of_many_misfits_the_first_hundred_are_told(schema: dict[str, object], value: object):
    assert len(compile_schema(schema)(value)) == 100


def _doubling(levels: int, keyword: str = "allOf", **rest: object) -> dict[str, object]:
    """Return a schema that asks its last definition 2 ** levels times."""
    names = [{"$ref": f"#/$defs/d{level}"} for level in range(levels + 1)]
    definitions: dict[str, object] = {
        f"d{level}": {keyword: [names[level + 1], names[level + 1]]} for level in range(levels)
    }
    return {**names[0], "$defs": {**definitions, f"d{levels}": {"type": "object"}}, **rest}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
@pytest.mark.parametrize("rest", [{}, {"if": True}], ids=["quick", "library"])
@pytest.mark.parametrize("value", [{}, 1])
def test_references_that_double_end_with_a_sentence(keyword: str, rest: dict[str, object], value: object):
    fits_soon = keyword == "anyOf" and value == {}
    messages = [misfit.message for misfit in compile_schema(_doubling(40, keyword, **rest))(value)]
    assert not messages if fits_soon else "the schema refers to itself too often" in messages[0]


@pytest.mark.parametrize("rest", [{}, {"if": True}], ids=["quick", "library"])
def test_references_that_double_at_each_level_of_a_value_end_with_a_sentence(rest: dict[str, object]):
    both = {"properties": {"x": {"$ref": "#"}}}
    value: object = {}
    for _ in range(40):
        value = {"x": value}
    found = compile_schema({"allOf": [both, both], **rest})(value)
    assert ["the schema refers to itself too often" in misfit.message for misfit in found] == [True]


@pytest.mark.parametrize("rest", [{}, {"if": True}], ids=["quick", "library"])
def test_each_value_has_all_its_references_anew(rest: dict[str, object]):
    validate = compile_schema(_doubling(8, **rest))
    assert [validate({}) for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize("rest", [{}, {"if": True}], ids=["quick", "library"])
def test_a_large_value_may_follow_more_references(rest: dict[str, object]):
    leaf = {"$defs": {"leaf": {"type": "integer"}}}
    validate = compile_schema({**leaf, "additionalProperties": {"items": {"$ref": "#/$defs/leaf"}}, **rest})
    assert validate({"a": list(range(1500)), "b": list(range(1500))}) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#", "if": True},
        {"$dynamicRef": "#", "if": True},
        {"$recursiveRef": "#", "$schema": "https://json-schema.org/draft/2019-09/schema"},
    ],
)
def test_references_in_circles_that_only_the_library_knows_are_misfits(schema: dict[str, object]):
    (misfit,) = compile_schema(schema)({})
    assert "go in circles" in misfit.message
