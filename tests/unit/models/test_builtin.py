"""The built-in model takes answers out of a text, and says what it cannot do."""

import asyncio

import pytest

from orchestrator.core.model import ModelRequest, ModelResponse
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.models.builtin import LONGEST_PROMPT, NOTICE, BuiltinModel

REEF = """# The Great Barrier Reef

The Great Barrier Reef is the world's largest coral reef system, composed of over 2,900 individual reefs and 900 islands.
It stretches for over 2,300 kilometres off the coast of Queensland, Australia. The reef can be seen from outer space and
is the world's biggest single structure made by living organisms.

```python
reef = "a line of code about the reef that nobody wants in a summary of the reef"
```

## Protection

A large part of the reef is protected by the Great Barrier Reef Marine Park, which helps to limit the impact of fishing.
Other pressures on the reef include runoff of pollutants, and climate change accompanied by mass coral bleaching.

| year | loss |
|---|---|
| 2012 | half |
"""
MAIL = """From: Ada Lovelace <ada@example.org>
Date: 3 March 2027
Subject: Invoice 4711 overdue

Dear team, the invoice INV-4711 over $1,250.50 was due on 2027-02-15 and is not paid yet. Please pay within 14 days.
This is urgent!

- 3 widgets at $400 each
- 1 shipping at $50.50

Call +49 30 1234567 or see https://example.org/pay. Thank you, Ada
"""


def respond(prompt: str, **request: object) -> ModelResponse:
    return asyncio.run(BuiltinModel().generate(ModelRequest(prompt=prompt, **request)))


def refusal(prompt: str, **request: object) -> str:
    with pytest.raises(ActionError) as caught:
        respond(prompt, **request)
    assert caught.value.error_class == "invalid_request"
    assert "configure a model" in caught.value.message
    return caught.value.message


def test_it_says_what_it_is_once():
    model = BuiltinModel()

    async def twice() -> list[ModelResponse]:
        request = ModelRequest(prompt=f"Summarise:\n{REEF}")
        return [await model.generate(request), await model.generate(request)]

    first, second = asyncio.run(twice())
    assert first.model == second.model == "builtin:extractive"
    assert (first.warnings, second.warnings) == ((NOTICE,), ())
    assert NOTICE.startswith("builtin is extractive: ")
    assert first.text == second.text
    assert first.usage == Usage(requests=1, cost=first.usage.cost)


def test_a_summary_is_made_of_whole_sentences_in_their_order():
    text = respond(f"Summarise in two sentences:\n{REEF}").text
    assert text.startswith("The Great Barrier Reef is the world's largest coral reef system")
    positions = [" ".join(REEF.split()).find(sentence) for sentence in text.split(". ")]
    assert positions == sorted(positions)
    assert min(positions) > 0


@pytest.mark.parametrize("absent", ["reef =", "```", "| 2012", "#"])
def test_code_tables_and_headings_are_not_summarised(absent):
    assert absent not in respond(f"Give a detailed summary:\n{REEF}").text


@pytest.mark.parametrize(
    ("instruction", "sentences"),
    [
        ("Summarise in one sentence:", 1),
        ("Summarise in 2 sentences:", 2),
        ("Give me a brief summary:", 3),
        ("Summarise this:", 3),
        ("Which pressures are there?", 1),
    ],
)
def test_the_length_follows_the_instruction(instruction, sentences):
    assert respond(f"{instruction}\n{REEF}").text.count(". ") + 1 == sentences


@pytest.mark.parametrize("tokens", [3, 10, 20, 30, 60])
def test_max_tokens_is_kept(tokens):
    text = respond(f"Summarise:\n{REEF}", max_tokens=tokens).text
    assert 0 < len(text) <= tokens * 4


def test_points_come_as_a_list():
    lines = respond(f"List three key points:\n{REEF}").text.split("\n")
    assert len(lines) == 3
    assert all(line.startswith("- ") for line in lines)


def test_the_words_of_the_instruction_steer_the_choice():
    assert "bleaching" in respond(f"Summarise the climate pressures in one sentence:\n{REEF}").text


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a Python function that adds two numbers",
        "Translate to French:\nGood morning my friend.",
        "Write a poem about this:\nThe sea is blue today.",
        "Draft a reply:\nDear sir, where is my parcel?",
        "Calculate this:\nOne apple and two pears.",
        "Rewrite this politely:\nGo away right now please.",
        "Tell me about the moon",
        "Summarise:\n",
        "",
        "Summarise:\n```\nonly code in here\n```",
    ],
)
def test_what_it_cannot_do_is_refused(prompt):
    assert "finds no text, or nothing that it can do, in the prompt" in refusal(prompt)


def test_a_schema_is_filled_from_what_the_text_says():
    schema = {
        "type": "object",
        "properties": {
            "subject": {"type": "string"},
            "from": {"type": "string"},
            "date": {"type": "string", "format": "date"},
            "paid": {"type": "boolean"},
            "urgent": {"type": "boolean"},
            "days": {"type": "integer"},
            "priority": {"enum": ["low", "normal", "urgent"]},
            "items": {"type": "array", "items": {"type": "string"}},
            "iban": {"type": ["string", "null"], "pattern": "^[A-Z]{2}[0-9]{20}$"},
            "currency": {"type": "string", "default": "USD", "maxLength": 3, "minLength": 3},
        },
        "required": ["subject", "urgent", "iban"],
        "additionalProperties": False,
    }
    assert respond(f"Extract the fields of this mail:\n{MAIL}", schema=schema).value == {
        "subject": "Invoice 4711 overdue",
        "from": "Ada Lovelace <ada@example.org>",
        "date": "3 March 2027",
        "paid": False,
        "urgent": True,
        "days": 14,
        "priority": "urgent",
        "items": ["3 widgets at $400 each", "1 shipping at $50.50"],
        "iban": None,
        "currency": "USD",
    }


def test_what_the_text_does_not_say_is_refused_by_name():
    schema = {"type": "object", "properties": {"total": {"type": "integer"}}, "required": ["total"]}
    assert 'cannot fill the schema from the text ("total" is missing)' in refusal(
        "Extract:\nNobody says.", schema=schema
    )


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/total", "$defs": {"total": {"type": "integer"}}},
        {"type": "array", "items": {"type": "string"}, "contains": {"const": "x"}},
        {"allOf": [{"type": "integer"}]},
    ],
)
def test_a_schema_beyond_it_is_refused(schema):
    assert "cannot fill the schema from the text (" in refusal(f"List:\n{MAIL}", schema=schema)


def test_choices_may_be_explained_in_the_prompt():
    prompt = "Which team?\ngreen: gardens, trees, lawns\nblue: pipes, water, leaks\n\nA tree fell over, onto the lawn."
    assert respond(prompt, schema={"enum": ["blue", "green"]}).value == "green"


def test_data_comes_as_json_text_too():
    response = respond(
        "How many islands?\nThe reef has 900 islands and 2,900 reefs.", schema={"type": "integer"}
    )
    assert (response.value, response.text) == (900, "900")


def test_the_system_text_may_hold_the_instruction():
    assert respond("The tide turns. The moon pulls it.", system="Summarise in one sentence.").text.endswith(
        "."
    )


def test_a_long_text_gives_the_same_kind_of_answer():
    text = "The reef is wide and old. " + "Some fish swim by the coral walls. " * 2000
    assert respond(f"Summarise in one sentence:\n{text}").text == "Some fish swim by the coral walls."


@pytest.mark.parametrize(
    "pattern",
    [
        "a",
        "a ",
        "a. ",
        "*",
        "_a",
        "`",
        "[",
        "[](",
        "![](",
        "<a ",
        "<!--",
        "```\n",
        "|",
        "#",
        "\n",
        "- ",
        "1,",
        "1.",
        "A: ",
        "> ",
        "=\n",
    ],
)
@pytest.mark.parametrize("schema", [None, {"type": "array", "items": {"type": "number"}}])
def test_a_hostile_megabyte_is_answered_or_refused(pattern, schema):
    prompt = f"Summarise:\nThe sea is wide.\n\n{pattern * (1_000_000 // len(pattern))}"
    assert respond(prompt, schema=schema).text


def test_no_more_is_read_than_the_longest_prompt():
    prompt = f"Summarise in one sentence:\nThe sea is wide. {'a ' * LONGEST_PROMPT}"
    assert respond(prompt + "The sea is deep.").text == respond(prompt + "Bees dance.").text


def test_closing_is_fine():
    asyncio.run(BuiltinModel().close())


def test_a_prompt_that_is_too_long_is_read_in_part_and_says_so():
    request = ModelRequest(prompt="Summarise:\n" + "The river rises in the hills. " * 4000)
    response = asyncio.run(BuiltinModel().generate(request))
    assert "only the first 100,000 characters of the prompt were read" in response.warnings
