"""What is said of the models that there are, and of the models that steps would ask."""

import asyncio

from orchestrator import build
from orchestrator.app.model_listing import explain_models, list_models
from orchestrator.core.action import Action
from orchestrator.core.model import Image, ModelProfile, ModelRequest
from orchestrator.errors import SetupError
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.catalogue.catalogue import Catalogue
from orchestrator.models.discovery import FoundServer
from orchestrator.models.generate import generate_action
from orchestrator.models.routing import need_of
from orchestrator.models.selection import Selector
from orchestrator.testing.models import ScriptedModel

BLIND = ScriptedModel(name="blind")
EYES = ScriptedModel(name="eyes", profile=ModelProfile(vision=True))


def keyless(name: str, _url: str) -> ScriptedModel:
    raise SetupError(f"{name} needs a key")


def served(name: str, _url: str) -> ScriptedModel:
    model = ScriptedModel()
    model.name = name
    return model


async def server() -> FoundServer:
    return FoundServer("ollama", "http://127.0.0.1:11434/v1", ("llama3.2:3b",))


def selector(*models: ScriptedModel, find_server=None) -> Selector:
    return Selector(
        builtin=BuiltinModel(),
        models=models,
        providers={"openai": keyless, "ollama": served},
        find_server=find_server,
        catalogue=Catalogue(),
    )


class OnlyGenerate:
    """An `ActionSource` with the one action."""

    def __init__(self, chosen: Selector) -> None:
        self._action = generate_action(chosen)

    def find(self, name: str) -> Action | None:
        return self._action if name == "generate" else None

    def names(self) -> list[str]:
        return ["generate"]


def explained(chosen: Selector, *wishes: object) -> list[dict[str, object]]:
    pipeline = build("p")
    for number, wish in enumerate(wishes):
        pipeline = pipeline.step(f"s{number}", "generate", {"model": wish}, prompt="Hi")
    actions = OnlyGenerate(chosen)
    found = asyncio.run(explain_models(pipeline.compile(actions), actions, chosen))
    return [step.as_data() for step in found]


def test_every_model_is_listed_with_why_it_cannot_be_asked():
    found = {model.name: model for model in asyncio.run(list_models(selector(BLIND, find_server=server)))}
    assert found["scripted:blind"].why_not == ""
    assert found["ollama:llama3.2:3b"].as_data()["origin"] == "catalogue"
    assert found["ollama:gemma3"].why_not == "the server on this machine does not have it"
    assert found["openai:gpt-4o"].as_data()["why_not"] == "openai:gpt-4o needs a key"
    assert found["builtin:extractive"].as_data()["price"]["output"] == "0"


def test_models_of_a_local_provider_need_a_server():
    found = {model.name: model.why_not for model in asyncio.run(list_models(selector()))}
    assert found["ollama:gemma3"] == "no server runs on this machine"


def test_each_step_says_what_it_would_ask_or_why_nobody():
    chain, nobody = explained(selector(BLIND), ["openai:gpt-4o", "scripted:blind"], {"quality": 5})
    assert chain["asks"] == [
        {
            "model": "openai:gpt-4o",
            "reason": "named in the file",
            "strategy": None,
            "refusal": "openai:gpt-4o needs a key",
        },
        {"model": "scripted:blind", "reason": "named in the file", "strategy": None, "refusal": None},
    ]
    assert nobody["asks"] == []
    assert "scripted:blind (its quality is 2)" in str(nobody["problem"])


def test_where_the_default_cannot_see_images_another_model_is_found():
    need = need_of(ModelRequest(prompt="What?", images=(Image("image/png", b"x"),)))
    chosen = asyncio.run(selector(BLIND, EYES).select("auto", need))
    assert [(each.model.name, each.refusal) for each in chosen] == [
        ("scripted:blind", "it cannot see images"),
        ("scripted:eyes", ""),
    ]
