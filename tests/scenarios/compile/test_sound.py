"""Correct files that use every rule of the language: no error, no warning, and the same pipeline from every door."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from orchestrator.compiler import compile_document, compile_text, format_text, inner_documents, json_schema
from orchestrator.core.pipeline import Pipeline
from unit.compiler.known_actions import ACTIONS

SOUND = Path(__file__).parent / "sound"
FILES = sorted(file.name for file in SOUND.glob("*.yaml"))


def compiled(name: str) -> Pipeline:
    return compile_text((SOUND / name).read_text(), file=name, actions=ACTIONS)


@pytest.mark.parametrize("name", FILES)
def test_a_correct_file_compiles_without_a_word(name: str) -> None:
    assert [str(warning) for warning in compiled(name).warnings] == []


@pytest.mark.parametrize("name", FILES)
def test_the_canonical_document_survives_json_and_compiles_to_the_same_pipeline(name: str) -> None:
    pipeline = compiled(name)
    document = json.loads(json.dumps(pipeline.document))

    again = compile_document(document, actions=ACTIONS, documents=inner_documents(pipeline))

    assert again.digest == pipeline.digest
    assert again.root.graph == pipeline.root.graph
    assert [step.id for step in again.root.steps] == [step.id for step in pipeline.root.steps]


@pytest.mark.parametrize("name", FILES)
def test_formatting_changes_no_meaning_and_settles_at_once(name: str) -> None:
    text = (SOUND / name).read_text()
    formatted = format_text(text)

    assert compile_text(formatted, file=name, actions=ACTIONS).digest == compiled(name).digest
    assert format_text(formatted) == formatted
    assert text.count("#") == formatted.count("#")


@pytest.mark.parametrize("name", FILES)
def test_the_schema_for_editors_accepts_what_the_compiler_accepts(name: str) -> None:
    validator = Draft202012Validator(json_schema(ACTIONS))

    assert [error.message for error in validator.iter_errors(compiled(name).document)] == []
