"""Tags in texts: found wherever they stand, read exactly, every fault with its place."""

import pytest

from orchestrator.compiler.auto_contract import Contract
from orchestrator.compiler.auto_tags import literal, read_tags


def only_tag(text, expected=None, otherwise="string"):
    found = read_tags(text)
    assert found.faults == ()
    (tag,) = found.tags
    contract = Contract(tag, expected, otherwise)
    assert contract.faults == []
    return contract


@pytest.mark.parametrize(
    ("text", "question", "attributes"),
    [
        ("<AUTO>how many?</AUTO>", "how many?", {}),
        ("  <AUTO>\n  how\n  many? </AUTO> ", "how\n  many?", {}),
        ("<AUTO type=\"integer\" min='1' max=9>n</AUTO>", "n", {"type": "integer", "min": "1", "max": "9"}),
        ('<AUTO enum="a, b" />', "", {"enum": "a, b"}),
        ('<AUTO\n  type="string"\n/>', "", {"type": "string"}),
        ("<AUTO>a: b # c > d < e</AUTO>", "a: b # c > d < e", {}),
        ("<AUTO>{{ steps.a.x }} or 'y'</AUTO>", "{{ steps.a.x }} or 'y'", {}),
        ('<AUTO pattern="a>b">x</AUTO>', "x", {"pattern": "a>b"}),
    ],
)
def test_a_tag_is_read(text, question, attributes):
    (tag,) = read_tags(text).tags
    assert (tag.question, dict(tag.attributes)) == (question, attributes)
    assert text[tag.start : tag.end].strip() == text.strip()
    assert not question or text[tag.question_at :].startswith(question)


def test_several_tags_stand_in_one_text():
    text = r'from <AUTO>a</AUTO> to <AUTO type="string"/>, not \<AUTO>c</AUTO>, <AUTOMATIC>'
    assert [text[tag.start : tag.end] for tag in read_tags(text).tags] == [
        "<AUTO>a</AUTO>",
        '<AUTO type="string"/>',
    ]
    assert literal(r"write \<AUTO>x</AUTO>") == "write <AUTO>x</AUTO>"


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("x <AUTO>never", "this `<AUTO>` is never closed", "<AUTO>never"),
        ("<AUTO", "this `<AUTO` is never closed", "<AUTO"),
        ('<AUTO type="string"', "this `<AUTO` is never closed", "<AUTO"),
        ("<AUTO>a <AUTO>b</AUTO> c</AUTO>", "an `<AUTO>` cannot stand inside another", "<AUTO>b"),
        ("<AUTO>a <AUTO>b</AUTO>", "this `<AUTO>` is never closed", "<AUTO>a"),
        ('<AUTO min="1" min="2">x</AUTO>', "the attribute `min` stands twice", 'min="2"'),
        ("<AUTO type>x</AUTO>", "the attribute `type` has no value", "type>"),
        ("<AUTO =>x</AUTO>", "unexpected `=` in an `<AUTO` tag", "=>"),
        ('<AUTO typ="string">x</AUTO>', "`<AUTO>` has no attribute `typ`", "typ"),
        ("<AUTO></AUTO>", "this `<AUTO>` asks nothing", "<AUTO>"),
        ("<AUTO/>", "this `<AUTO>` asks nothing", "<AUTO/>"),
    ],
)
def test_a_fault_stands_where_it_is(text, message, at):
    (fault,) = read_tags(text).faults
    assert fault.message == message
    assert text[fault.offset :].startswith(at)


@pytest.mark.parametrize(
    ("text", "expected", "schema"),
    [
        ("<AUTO>x</AUTO>", None, {"type": "string"}),
        (
            "<AUTO>x</AUTO>",
            {"type": "integer", "minimum": 1, "default": 3},
            {"type": "integer", "minimum": 1},
        ),
        (
            '<AUTO max="5">x</AUTO>',
            {"type": "integer", "minimum": 1},
            {"type": "integer", "minimum": 1, "maximum": 5},
        ),
        ('<AUTO type="integer" max="5">x</AUTO>', {"type": "number"}, {"type": "integer", "maximum": 5}),
        ('<AUTO min="1" max="5">x</AUTO>', None, {"type": "integer", "minimum": 1, "maximum": 5}),
        ('<AUTO min="0.5">x</AUTO>', None, {"type": "number", "minimum": 0.5}),
        ('<AUTO type="string" max="5">x</AUTO>', None, {"type": "string", "maxLength": 5}),
        ('<AUTO enum="a, b">x</AUTO>', None, {"type": "string", "enum": ["a", "b"]}),
        ('<AUTO type="integer" enum="1,2">x</AUTO>', None, {"type": "integer", "enum": [1, 2]}),
        (
            '<AUTO items="string" max="3">x</AUTO>',
            None,
            {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        ),
        ('<AUTO pattern="[a-z]+">x</AUTO>', None, {"type": "string", "pattern": "[a-z]+"}),
        (
            "<AUTO>x</AUTO>",
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ),
    ],
)
def test_attributes_and_the_place_make_one_schema(text, expected, schema):
    assert only_tag(text, expected).schema == schema


def test_a_default_has_the_type_of_the_answer():
    assert only_tag('<AUTO type="integer" default="3">x</AUTO>').default == 3
    assert only_tag('<AUTO default="3">x</AUTO>').default == "3"
    assert not only_tag("<AUTO>x</AUTO>").has_default


@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        ('<AUTO type="integr">x</AUTO>', None, "there is no type `integr`"),
        ('<AUTO type="string">x</AUTO>', {"type": "integer"}, "`string` does not fit here"),
        ('<AUTO type="boolean" min="1">x</AUTO>', None, "a boolean has no `min`"),
        ('<AUTO type="integer" min="x">x</AUTO>', None, "`min` is 'x', which is no integer"),
        ('<AUTO type="integer" default="1.5">x</AUTO>', None, "`default` is '1.5', which is no integer"),
        ('<AUTO enum=" , ">x</AUTO>', None, "`enum` lists nothing"),
        ('<AUTO type="integer" pattern="a">x</AUTO>', None, "a integer has no `pattern`"),
        ('<AUTO type="string" items="string">x</AUTO>', None, "a string has no `items`"),
        ('<AUTO items="strin">x</AUTO>', None, "there is no type `strin`"),
    ],
)
def test_attributes_that_cannot_be_are_faults(text, expected, message):
    (tag,) = read_tags(text).tags
    (fault,) = Contract(tag, expected, "string").faults
    assert fault.message == message
