"""The parts of the built-in model: documents, ranking, fields."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.schema import compile_schema
from orchestrator.models.extractive.document import read_document, stem, stems
from orchestrator.models.extractive.extraction import Extractor, cut
from orchestrator.models.extractive.ranking import best_sentences, key_terms, support

DOCUMENT = """---
title: front matter
---
Intro by Dr. Blue, e.g. about **waves** and [tides](http://x.example) <br> here. Second one!

# The *sea*

Waves `break`. <!-- hidden --> [![image](x.png)](y) They come back
on a second line.

- first item
- [x] done item
  with more
1. numbered

> quoted words

~~~
fenced code
~~~

| a | table |
Author: Ada Blue
Year: 2020
"""


def first(schema: dict[str, object], text: str) -> object:
    """Return the surest value, or None."""
    return next(Extractor(read_document(text), {}).values(schema), None)


def field(name: str, **schema: object) -> dict[str, object]:
    return {"type": "object", "properties": {name: schema}, "required": [name]}


def array(**items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


def test_markdown_is_read_as_sentences():
    document = read_document(DOCUMENT)
    assert document.headings == ["The sea"]
    assert [sentence.text.strip("[]()y ") for sentence in document.sentences] == [
        "Intro by Dr. Blue, e.g. about waves and tides here.",
        "Second one!",
        "Waves break.",
        "They come back on a second line.",
        "first item",
        "done item with more",
        "numbered",
        "quoted words",
        "Author: Ada Blue",
        "Year: 2020",
    ]
    assert document.sentences[2].heading == stems("sea")
    assert [sentence.is_item for sentence in document.sentences[4:8]] == [True, True, True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("summary", "summaries"),
        ("test", "testing"),
        ("require", "requirements"),
        ("box", "boxes"),
        ("fit", "fits"),
    ],
)
def test_forms_of_a_word_have_one_stem(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("due date", "Due date: soon", "soon"),
        ("due_date", "- **Due date:** soon", "soon"),
        ("name", "| name | Ada |", "Ada"),
        ("tag", "Tags: a, b", "a, b"),
        ("name", "Name: first\nName: second", "first"),
    ],
)
def test_labels_lead_to_their_values(label, text, value):
    assert read_document(text).facts[stems(label)] == value


def test_sentences_that_say_the_same_are_taken_once():
    document = read_document(
        "The cat sat on the mat today. Today the cat sat on the mat. A dog barked at the moon."
    )
    assert best_sentences(document, 2, room=999) == [
        "The cat sat on the mat today.",
        "A dog barked at the moon.",
    ]


def test_key_terms_are_what_the_text_turns_around():
    text = "# Coral\nThe coral reef. Corals grow on reefs. There are 12 corals."
    assert key_terms(read_document(text), 2) == ["coral", "reef"]


def test_explanations_of_choices_count_as_their_words():
    found = support(read_document("The pump leaks water."), {"a": "water and pipes", "b": "trees"})
    assert found["a"] > found["b"] == 0


def test_the_title_speaks_louder_than_the_text():
    document = read_document("# Billing\n\nIt is about shipping.")
    found = support(document, {"billing": "", "shipping": ""})
    assert found["billing"] > found["shipping"] > 0


@pytest.mark.parametrize(
    ("length", "text"), [(99, "one two three"), (9, "one two…"), (5, "one…"), (2, "o…"), (1, "…"), (0, "")]
)
def test_text_is_cut_between_words(length, text):
    assert cut("one two three", length) == text


PRODUCT = field("price", type="number")


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (field("count", type="integer", minimum=5), "Count: 3 or 7", {"count": 7}),
        (field("count", type="integer", maximum=5), "A count of 7 and 4.5 and 2", {"count": 2}),
        (field("total", type="number"), "Total: 1,490.50 EUR", {"total": 1490.5}),
        (field("level", enum=[1, 2, 3]), "Level: 2 of 3", {"level": 2}),
        (field("state", enum=["open", "done"]), "All is done.", {"state": "done"}),
        (field("state", enum=["open", "other"]), "Nothing of the kind.", {"state": "other"}),
        (field("note", type=["integer", "null"]), "5 notes", {"note": 5}),
        (field("note", type=["integer", "null"]), "nothing", {"note": None}),
        (field("paid", type="boolean"), "It was paid.", {"paid": True}),
        (field("paid", type="boolean"), "It isn't paid.", {"paid": False}),
        (field("active", type="boolean"), "Active: yes", {"active": True}),
        (field("active", type="boolean"), "Active: off", {"active": False}),
        (field("flag", type="boolean", default=True), "Nothing.", {"flag": True}),
        (field("date", format="date"), "Date: 2027-02-15", {"date": "2027-02-15"}),
        (field("title", type="string"), "# Seas\n\ntitle: text", {"title": "Seas"}),
        (field("title", type="string"), "Seas are wide and deep.", {"title": "Seas are wide and deep."}),
        (field("summary", maxLength=12), "Seas are wide and deep.", {"summary": "Seas are…"}),
        (
            field("ending", description="how the war stopped"),
            "It began. The war stopped in May.",
            {"ending": "The war stopped in May."},
        ),
        (field("tags", **array(type="string")), "Tags: blue, red; green", {"tags": ["blue", "red", "green"]}),
        (field("keywords", **array(type="string")), "Coral reefs, a reef.", {"keywords": ["reef", "coral"]}),
        (field("headings", **array(type="string")), "# One sea\n# Two", {"headings": ["One sea", "Two"]}),
        (
            field("risks", **array(type="string")),
            "# Risks\n- fire\n\n# Gains\n- gold",
            {"risks": ["fire"]},
        ),
        (
            field("highlights", **array(type="string")),
            "The sea is wide.",
            {"highlights": ["The sea is wide."]},
        ),
        (field("years", **array(type="integer")), "In 1999 and 2004.", {"years": [1999, 2004]}),
        (
            field("colours", **array(enum=["red", "blue", "green"])),
            "A blue and red flag.",
            {"colours": ["red", "blue"]},
        ),
        (array(**PRODUCT), "- price: 3\n- none\n- price: 5", [{"price": 3}, {"price": 5}]),
        ({"type": "array", "maxItems": 1}, "- one sea\n- two seas", ["one sea"]),
        ({"type": "object"}, "text", {}),
        (
            field("order", **field("total", type="integer")),
            "Total: 5",
            {"order": {"total": 5}},
        ),
        (field("order", **field("total", type="integer")), "Nothing.", {}),
        (field("age", type="integer"), "Nobody says.", {}),
        (field("mail", format="email"), "The mail came.", {}),
    ],
)
def test_a_schema_is_filled_field_by_field(schema, text, value):
    assert first(schema, text) == value


def test_a_schema_deeper_than_anyone_needs_is_left_unfilled():
    schema: dict[str, object] = {"type": "string"}
    for _ in range(20):
        schema = field("inner", **schema)
    assert first(schema, "Inner: x") == {}


LIMITS = st.fixed_dictionaries({}, optional={"minimum": st.integers(-5, 5), "maximum": st.integers(3, 9)})
LEAVES = st.one_of(
    st.builds(lambda limits: {"type": "integer", **limits}, LIMITS),
    st.builds(lambda limits: {"type": "number", **limits}, LIMITS),
    st.builds(lambda most: {"type": "string", "maxLength": most}, st.integers(0, 30)),
    st.builds(lambda options: {"enum": options}, st.lists(st.sampled_from("abc"), min_size=1, unique=True)),
    st.sampled_from(
        [{"type": "boolean"}, {"type": ["string", "null"]}, {"type": "string", "format": "date"}]
    ),
)
NAMES = st.sampled_from(["title", "summary", "keywords", "count", "is_open", "dueDate", "risks"])
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda fields: {"type": "object", "properties": fields}, st.dictionaries(NAMES, inner, max_size=3)
        ),
        st.builds(
            lambda items, most: {"type": "array", "items": items, "maxItems": most}, inner, st.integers(0, 4)
        ),
    ),
    max_leaves=6,
)
TEXTS = st.one_of(
    st.text(st.sampled_from("ab .#-*`_[]()<>|:\n1,$@A!~="), max_size=120),
    st.just(DOCUMENT),
    st.just("# Seas\n- Count: 4\n- it is not open. Due date: 2027-01-02\n## Risks\n- 7 storms"),
)


@settings(max_examples=150)
@given(SCHEMAS, TEXTS)
def test_what_is_found_fits_the_schema_and_is_always_the_same(schema, text):
    values = list(Extractor(read_document(text), {}).values(schema))
    assert values == list(Extractor(read_document(text), {}).values(schema))
    assert [compile_schema(schema)(value) for value in values[:20]] == [[] for _ in values[:20]]


@settings(max_examples=60)
@given(TEXTS, st.integers(1, 80))
def test_any_text_can_be_ranked(text, room):
    document = read_document(text)
    chosen = best_sentences(document, 3, room=room)
    assert len(chosen) <= 3
    assert len(chosen) == 1 or sum(map(len, chosen[1:])) <= room + max(map(len, chosen), default=0)
