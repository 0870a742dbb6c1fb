"""A guess of tokens counts everything that is sent."""

import pytest

from orchestrator.core.model import Exchange, Image, ModelRequest, ToolCall, ToolOffer
from orchestrator.models.token_estimate import input_tokens

LONG = "x" * 350


@pytest.mark.parametrize(
    ("more", "at_least"),
    [
        ({}, 0),
        ({"system": LONG}, 100),
        ({"schema": {"description": LONG}}, 100),
        ({"tools": (ToolOffer("t", LONG, {"description": LONG}),)}, 200),
        ({"exchanges": (Exchange((ToolCall("1", "t", {"q": LONG}),), (LONG,), LONG),)}, 300),
        ({"repair": ((LONG, LONG),)}, 200),
        ({"images": (Image("image/png", b""),)}, 1_000),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else None,
)
def test_every_part_counts(more, at_least):
    without = input_tokens(ModelRequest(prompt="What?"))
    extra = input_tokens(ModelRequest(prompt="What?", **more)) - without
    assert at_least <= extra <= at_least + 40


def test_other_scripts_have_more_tokens_to_a_letter_and_broken_text_does_not_fail():
    assert input_tokens(ModelRequest(prompt="猫" * 100)) > input_tokens(ModelRequest(prompt="c" * 200))
    assert input_tokens(ModelRequest(prompt="\ud800")) >= 1
