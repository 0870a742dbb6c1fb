"""The parts of the built-in model: prompts, documents, ranking, facts, fields."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.schema import compile_schema
from orchestrator.models.extractive.document import read_document, stem, stems
from orchestrator.models.extractive.extraction import Extractor, MissingFactError
from orchestrator.models.extractive.facts import labelled, matches, numbers, truth
from orchestrator.models.extractive.instruction import read_instruction
from orchestrator.models.extractive.ranking import best_sentences, cut, evidence, keywords


@pytest.mark.parametrize(
    ("prompt", "asked", "text"),
    [
        ("Summarise:\nA. B.", "Summarise:", "A. B."),
        ("Please list the facts\n\nOne.\n\nTwo.", "Please list the facts", "One.\n\nTwo."),
        ("Summarise: The sea is wide.", "Summarise", "The sea is wide."),
        (
            "The sea is wide.\nAnd blue.\nSummarise the above.",
            "Summarise the above.",
            "The sea is wide.\nAnd blue.",
        ),
        ("Sum it up.\n<text>\nThe sea: is\n</text>\nBe brief.", "Sum it up.\n\nBe brief.", "The sea: is"),
        ('Summarise the text:\n"""\nThe sea\n"""', "Summarise the text:", "The sea"),
        ("Which sea?\n```text\nThe sea\n```", "Which sea?", "The sea"),
        ("The sea is wide.", "", "The sea is wide."),
        ("# Summary\nThe sea is wide.", "", "# Summary\nThe sea is wide."),
        ("What is the sea?", "What is the sea?", ""),
        ("The following is about the sea:\nIt is wide.", "The following is about the sea:", "It is wide."),
    ],
)
def test_a_prompt_is_taken_apart(prompt, asked, text):
    assert read_instruction(prompt) == (asked, text)


def test_a_prompt_that_asks_nothing_is_asked_by_the_system_text():
    assert read_instruction("The sea is wide.", "Summarise.") == ("Summarise.", "The sea is wide.")


DOCUMENT = """---
title: "The sea"
---
Intro by Dr. Blue, e.g. about **waves** and [tides](http://x.example) <br> here. Second one!

Waves
=====

Waves `break`. <!-- hidden --> ![image](x.png) They come back
on a second line.

- first item
- [x] done item
  with more
1. numbered

> quoted words

Depth
-----
    indented code

~~~
fenced code
~~~

| a | table |
Author: Ada Blue
Year: 2020
"""


def test_markdown_is_read_as_sentences():
    document = read_document(DOCUMENT)
    assert document.title == "The sea"
    assert [sentence.text for sentence in document.sentences] == [
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
    waves = document.sentences[2]
    assert (waves.leads, waves.item, waves.above) == (True, False, stems("Waves"))
    assert [sentence.item for sentence in document.sentences[4:8]] == [True, True, True, False]
    assert document.items_under(stems("wave")) == ["first item", "done item with more", "numbered"]


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


def test_sentences_that_say_the_same_are_taken_once():
    document = read_document(
        "The cat sat on the mat today. Today the cat sat on the mat. A dog barked at the moon."
    )
    chosen = best_sentences(document, count=2, tokens=None)
    assert chosen == ["The cat sat on the mat today.", "A dog barked at the moon."]


def test_keywords_are_what_the_text_turns_around():
    text = "# Coral\nThe coral reef. Corals grow on reefs. Mail ada@example.org about 12 corals."
    assert keywords(read_document(text), 2) == ["coral", "reef"]


def test_explanations_of_choices_count_as_their_words():
    document = read_document("The pump leaks water.")
    found = evidence(["a", "b"], document, "a: water and pipes\nb (trees)")
    assert found["a"] > found["b"] == 0


def test_title_and_headings_speak_louder_than_the_text():
    document = read_document("# Billing\n## Refunds\nThe shipping took long. Shipping again.")
    found = evidence(["billing", "refund", "shipping"], document, "")
    assert found["billing"] > found["shipping"] > found["refund"] > 0


@pytest.mark.parametrize(
    ("length", "text"), [(99, "one two three"), (9, "one two…"), (5, "one…"), (2, "o…"), (1, "…"), (0, "")]
)
def test_text_is_cut_between_words(length, text):
    assert cut("one two three", length) == text


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("due_date", "Due date: soon", "soon"),
        ("dueDate", "- **Due date:** soon", "soon"),
        ("name", "* `name` = Ada ", "Ada"),
        ("name", "| name | Ada |", "Ada"),
        ("name", "his name: Ada", ""),
        ("", "x: y", ""),
        ("tag", "Tags: a, b", "a, b"),
    ],
)
def test_labels_lead_to_their_values(name, text, value):
    assert labelled(name, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        (
            "date",
            "on 2027-02-28, 1.3.2027, 4 May 2027 and May 5th, 2027",
            ["2027-02-28", "2027-03-01", "2027-05-04", "2027-05-05"],
        ),
        ("date", "on 2027-02-31 and 99.99.2027", []),
        ("email", "a@b.example, c.d@e.example; a@b.example", ["a@b.example", "c.d@e.example"]),
        ("uri", "(see https://x.example/a?b=c).", ["https://x.example/a?b=c"]),
        ("phone", "2027-01-01 or +49 (30) 123-456", ["+49 (30) 123-456"]),
        ("time", "at 9:30 am", ["9:30 am"]),
        ("version", "py 3.11.2 or v1.0-rc", ["3.11.2", "v1.0-rc"]),
        ("date-time", "2027-01-02T03:04:05Z", ["2027-01-02T03:04:05Z"]),
    ],
)
def test_facts_are_found_by_their_form(kind, text, found):
    assert matches(kind, text) == found


def test_numbers_know_what_they_count():
    found = {
        each.value: each.near for each in numbers("It has 1,200 pages, -3.5 degrees and two covers for $9.")
    }
    assert set(found) == {Decimal(1200), Decimal("-3.5"), Decimal(2), Decimal(9)}
    assert stem("pages") in found[Decimal(1200)]
    assert stem("covers") in found[Decimal(2)]
    assert stem("price") in found[Decimal(9)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("active", "Active: yes", True),
        ("active", "active: off", False),
        ("is_paid", "It was paid.", True),
        ("is_paid", "It is not paid.", False),
        ("is_paid", "Nothing else.", None),
        ("has_garden", "The house has a garden. It is without a pool.", True),
        ("hasPool", "The house has a garden. It is without a pool.", False),
    ],
)
def test_the_truth_of_a_field_is_read_from_affirmation_and_denial(name, text, expected):
    assert truth(name, text) is expected


TABLE = "| name | price | stock |\n|---|---|---|\n| Apple | 1.20 | 5 |\n| Pear | 2 | 0 |\n"
PRODUCT = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "price": {"type": "number"}, "stock": {"type": "integer"}},
    "required": ["name", "price", "stock"],
}


def array(**items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


def field(name: str, **schema: object) -> dict[str, object]:
    return {"type": "object", "properties": {name: schema}, "required": [name]}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"const": 5}, "x", 5),
        ({"type": "null"}, "x", None),
        ({"allOf": [{"type": "integer"}, {"minimum": 5}]}, "Count: 3 or 7", None),
        (field("count", allOf=[{"type": "integer"}, {"minimum": 5}]), "Count: 3 or 7", {"count": 7}),
        (field("count", type="integer", exclusiveMinimum=3, exclusiveMaximum=8), "3, 8, 7", {"count": 7}),
        (field("count", type="integer", maximum=5), "7 and 4.5 and 2", {"count": 2}),
        (field("level", enum=[1, 2, 3]), "Level: 2 of 3", {"level": 2}),
        (field("state", enum=["open", "done", None]), "All is done.", {"state": "done"}),
        (field("note", anyOf=[{"type": "null"}, {"type": "integer"}]), "5 notes", {"note": 5}),
        (field("note", oneOf=[{"type": "null"}, {"type": "integer"}]), "none", {"note": None}),
        (field("flag", type="boolean"), "nothing", {"flag": False}),
        (field("flag", type="boolean", default=True), "nothing", {"flag": True}),
        (field("author"), "The book by Ada Blue is long.", {"author": "Ada Blue"}),
        (field("title", type="string"), "# Seas\nThey are wide.", {"title": "Seas"}),
        (field("title", type="string"), "# Seas\n\nWide.\n\n| title | – |\n\ntitle: text", {"title": "Seas"}),
        (field("title", type="string"), "Seas are wide and deep.", {"title": "Seas are wide and deep."}),
        (field("summary", maxLength=12), "Seas are wide and deep.", {"summary": "Seas are…"}),
        (field("ending", description="how the war stopped"), "It began. The war stopped in May.", {"ending": "The war stopped in May."}),
        (field("website", type="string"), "see https://x.example", {"website": "https://x.example"}),
        (field("version", type="string"), "Version: three", {"version": "three"}),
        (field("code", pattern="[A-Z]{2}-\\d"), "the AB-1 thing", {"code": "AB-1"}),
        (field("tags", **array(type="string")), "Tags: a, b; c", {"tags": ["a", "b", "c"]}),
        (field("keywords", **array(type="string")), "Coral reefs, a reef.", {"keywords": ["reef", "coral"]}),
        (field("emails", **array(type="string")), "a@b.example", {"emails": ["a@b.example"]}),
        (field("links", **array(format="uri")), "https://x.example", {"links": ["https://x.example"]}),
        (field("risks", **array(type="string")), "# Risks\n- fire\n# Gains\n- gold", {"risks": ["fire"]}),
        (field("highlights", **array(type="string")), "The sea is wide.", {"highlights": ["The sea is wide."]}),
        (field("years", **array(type="integer")), "In 1999 and 2004.", {"years": [1999, 2004]}),
        (field("colours", **array(enum=["red", "blue", "green"])), "A blue and red flag.", {"colours": ["red", "blue"]}),
        (array(**PRODUCT), TABLE, [{"name": "Apple", "price": 1.2, "stock": 5}, {"name": "Pear", "price": 2, "stock": 0}]),
        (array(**field("name", type="string")), "Name: A\n\nName: B\n\nno more", [{"name": "A"}, {"name": "B"}]),
        (array(**field("count", type="integer")), "- 3 pears\n- apples", [{"count": 3}]),
        (array(type="string", maxLength=4), "- long enough\n- fits", ["fits"]),
        ({"type": "array"}, "- one\n- two", ["one", "two"]),
        ({"type": "object"}, "text", {}),
    ],
)  # fmt: skip
def test_a_schema_is_filled_field_by_field(schema, text, value):
    if value is None and "const" not in schema and schema.get("type") != "null":
        with pytest.raises(MissingFactError):
            Extractor(text, schema).value()
        return
    found = Extractor(text, schema).value()
    assert found == value
    assert compile_schema(schema)(found) == []


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        (field("age", type="integer"), "age"),
        (field("code", pattern="^Z{9}$"), "code"),
        (field("code", pattern="\\$"), "code"),
        (field("mail", format="email"), "mail"),
        (field("items", type="array", minItems=2), "items"),
        (field("who", anyOf=[{"type": "integer"}, {"format": "email"}]), "who"),
        ({"$ref": "#", "type": "string", "minLength": 999}, ""),
        (field("a", type="object", properties={"b": {"type": "integer"}}, required=["b"]), "a.b"),
        ({"type": "object", "properties": {"me": {"$ref": "#"}}, "required": ["me"]}, "me"),
    ],
)
def test_a_missing_fact_is_named(schema, path):
    with pytest.raises(MissingFactError) as caught:
        Extractor("The sea is wide.", schema).value()
    assert caught.value.path.startswith(path)


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab .#-*`_[]()<>|:\n1,$@A!~="), max_size=120))
def test_any_text_can_be_read(text):
    document = read_document(text)
    chosen = best_sentences(document, count=3, tokens=20)
    assert sum(map(len, chosen)) <= 80
    assert all(isinstance(word, str) for word in keywords(document, 5))
    filled = Extractor(text, array(type="number")).value()
    assert isinstance(filled, list)
