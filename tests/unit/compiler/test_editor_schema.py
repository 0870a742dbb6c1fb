"""The JSON Schema for editors says what the compiler says."""

import pytest
from jsonschema import Draft202012Validator

from orchestrator.compiler import json_schema
from orchestrator.compiler.editor_schema import key_table
from orchestrator.compiler.schema import STEP
from unit.compiler.known_actions import ACTIONS

SCHEMA = json_schema(ACTIONS)
VALIDATOR = Draft202012Validator(SCHEMA)


def is_right(**step: object) -> bool:
    return VALIDATOR.is_valid({"name": "p", "steps": [{"id": "a", **step}]})


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "step",
    [
        {"action": "filesystem.raed", "with": {"path": "x"}},
        {"action": "filesystem.read", "with": {"pth": "x"}},
        {"action": "filesystem.read", "with": {"path": 3}},
        {"action": "let", "foreach": []},
        {"action": "let", "as": "x"},
        {"action": "let", "timeout": "soon"},
        {"action": "let", "retry": {"attempt": 1}},
        {"action": "let", "on_error": "ignore"},
        {"steps": [{"id": "b c", "action": "let"}]},
        {},
    ],
)
def test_mistakes_are_underlined(step: dict[str, object]) -> None:
    assert not is_right(**step)


@pytest.mark.parametrize(
    "step",
    [
        {"action": "filesystem.read", "with": {"path": "{{ inputs.x }}"}},
        {"action": "generate", "with": {"prompt": "x", "max_tokens": "{{ inputs.n }}"}},
        {"action": "let", "retry": 3, "timeout": 1.5, "for_each": "x", "as": "y"},
        {"steps": [{"include": "x.yaml"}]},
    ],
)
def test_what_compiles_is_not_underlined(step: dict[str, object]) -> None:
    assert is_right(**step)


def test_the_reference_lists_every_key_with_its_meaning() -> None:
    table = key_table(STEP)

    assert [name for name, _, _ in table] == list(STEP)
    assert all(takes and meaning.endswith(".") for _, takes, meaning in table)
