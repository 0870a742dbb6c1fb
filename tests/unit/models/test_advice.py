"""What is wrong with a step's `model`, said before anything runs and at its place in the file."""

import pytest

from orchestrator.compiler import compile_document, compile_text
from orchestrator.core.action import Action
from orchestrator.core.model import ModelProfile
from orchestrator.errors import CompileError
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.generate import generate_action
from orchestrator.models.selection import Selector
from orchestrator.testing.models import ScriptedModel

BLIND = ScriptedModel(name="blind", profile=ModelProfile(structured=False, context=100, max_output=50))
EYES = ScriptedModel(name="eyes", profile=ModelProfile(structured=True, vision=True))
OBJECT = "output: {type: object, properties: {a: {type: string, pattern: '^x+$'}}, required: [a]}"


class OnlyGenerate:
    """An `ActionSource` with the one action, over some models."""

    def __init__(self, *models: ScriptedModel) -> None:
        selector = Selector(
            builtin=BuiltinModel(), models=models, providers={"openai": lambda _name, _url: ScriptedModel()}
        )
        self._action = generate_action(selector)

    def find(self, name: str) -> Action | None:
        return self._action if name == "generate" else None

    def names(self) -> list[str]:
        return ["generate"]


def checked(text: str) -> list[tuple[int, int, str]]:
    """Return line, column and message of every error, messages of warnings in brackets."""
    try:
        pipeline = compile_text(text, file="p.yaml", actions=OnlyGenerate(BLIND, EYES))
    except CompileError as error:
        return [_told(problem) for problem in error.problems]
    return [(line, column, f"[{message}]") for line, column, message in map(_told, pipeline.warnings)]


def _told(problem) -> tuple[int, int, str]:
    return problem.location.line, problem.location.column, problem.message


def step(*lines: str, prompt: str = "Hi") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"name: p\nsteps:\n  - id: a\n    action: generate\n    with: {{prompt: {prompt}}}\n{body}"


@pytest.mark.parametrize(
    ("lines", "line", "column", "message"),
    [
        (["model: opena:gpt"], 6, 12, 'there is no provider "opena"'),
        (["model: [scripted:eyes, scripted:eys]"], 6, 28, 'there is no provider "scripted"'),
        (["model: {quality: 9}"], 6, 22, "the requirement quality is a tier from 1 to 5, not 9"),
        (["model: {stratgy: cost}"], 6, 22, 'there is no requirement "stratgy"'),
        (["model: {max_cost: 0.05}"], 6, 23, "the requirement max_cost is US dollars for one call"),
        (["model: {models: [scripted:eyes, nobody]}"], 6, 37, 'there is no model "nobody"'),
        (["model: [minimal, scripted:eyes]"], 6, 13, "`minimal` stands at the end of a chain of models"),
        (['model: "{{ inputs.x }}"'], 6, 12, "a model cannot be computed"),
        (["model: minimal"], 6, 12, 'there is no model "minimal"'),
        (
            ["model: [scripted:eyes, minimal]", OBJECT],
            6,
            28,
            "no smallest answer is known that fits `output`",
        ),
        (
            ["model: {structured: false}", OBJECT],
            6,
            25,
            "the step has `output`, so structured cannot be false",
        ),
    ],
)
def test_a_wrong_model_is_an_error_at_its_place(
    lines: list[str], line: int, column: int, message: str
) -> None:
    (found,) = checked(step(*lines))
    assert found[:2] == (line, column)
    assert found[2].startswith(message)


def test_a_prompt_that_no_context_holds_is_an_error() -> None:
    (found,) = checked(step("model: [scripted:eyes, scripted:blind]", prompt="word " * 400))
    assert found[:2] == (6, 28)
    assert "scripted:blind does not fit this step: its context is 100 tokens" in found[2]


def test_a_prompt_with_templates_is_not_judged() -> None:
    assert checked(step("model: scripted:blind", prompt="'{{ run.id }}" + "word " * 400 + "'")) == []


def test_an_answer_longer_than_the_model_can_give_is_an_error() -> None:
    text = step("model: scripted:blind").replace("prompt: Hi", "prompt: Hi, max_tokens: 51")
    assert "its longest answer is 50 tokens, and `max_tokens` is 51" in checked(text)[0][2]


def test_a_model_that_knows_no_schemas_is_a_warning() -> None:
    (found,) = checked(step("model: scripted:blind", "output: {type: string, enum: [a]}"))
    assert found == (6, 12, "[scripted:blind does not fit this step: it does not hold itself to a schema]")


def test_a_wrong_default_is_told_once_at_its_place() -> None:
    text = step() + "  - id: b\n    action: generate\n    with: {prompt: Hi}\ndefaults: {model: opena:gpt}\n"
    assert checked(text) == [(9, 19, 'there is no provider "opena"')]


def test_a_default_that_does_not_fit_is_told_at_the_step() -> None:
    text = step("output: {type: string, enum: [a]}") + "defaults: {model: scripted:blind}\n"
    assert [found[:2] for found in checked(text)] == [(4, 13)]


@pytest.mark.parametrize(
    "model",
    [
        "<AUTO>a small one</AUTO>",
        "auto",
        "openai:some-model-of-tomorrow",
        "[scripted:eyes, minimal]",
        "{task: classify, minimal: true}",
    ],
)
def test_a_good_model_is_not_spoken_of(model: str) -> None:
    assert checked(step(f"model: {model}", "output: {type: string, enum: [a]}")) == []


def test_a_kept_run_is_not_judged_again_by_models_that_may_be_gone() -> None:
    document = compile_text(step("model: scripted:eyes"), file="p.yaml", actions=OnlyGenerate(EYES)).document
    assert compile_document(document, actions=OnlyGenerate()).root.steps[0].model == "scripted:eyes"
