"""What every model promises, whoever wrote it."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from doubles.openai_server import OpenAIServer
from orchestrator.core.model import Model, ModelProfile, ModelRequest, ModelResponse
from orchestrator.core.purse import OpenPurse
from orchestrator.core.schema import compile_schema
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.integrations.providers import open_model
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.generate import generate_action
from orchestrator.models.selection import Selector

PROMPT = "Summarise:\nThe tide turns twice a day. The moon pulls the water. Nobody minds."
CHOICE = {"type": "string", "enum": ["tide", "train"]}


class ShortModel:
    """A user's own model, as small as one can be."""

    name = "mine:short"
    profile = ModelProfile()

    async def generate(self, request: ModelRequest) -> ModelResponse:
        if not request.prompt.strip():
            raise ActionError("there is nothing to answer", error_class="invalid_request")
        text = "tide" if request.schema else request.prompt.splitlines()[-1]
        return ModelResponse(text=text, model=self.name, usage=Usage(requests=1))

    async def close(self) -> None:
        pass


def _wire(name: str) -> Callable[[OpenAIServer], Model]:
    def make(server: OpenAIServer) -> Model:
        environment = {
            "OPENAI_BASE_URL": server.base_url,
            "OPENAI_API_KEY": "k",
            "OLLAMA_BASE_URL": server.base_url,
            "HF_BASE_URL": server.base_url,
            "HF_TOKEN": "k",
            "ANTHROPIC_BASE_URL": server.base_url.removesuffix("/v1"),
            "ANTHROPIC_API_KEY": "k",
            "GOOGLE_GEMINI_BASE_URL": server.base_url.removesuffix("/v1"),
            "GEMINI_API_KEY": "k",
        }
        return open_model(name, environment=environment)

    return make


MODELS: dict[str, Callable[[OpenAIServer], Model]] = {
    "builtin": lambda server: BuiltinModel(),
    "openai-chat": _wire("openai-chat:scripted-model"),
    "openai": _wire("openai:scripted-model"),
    "ollama": _wire("ollama:scripted-model"),
    "huggingface": _wire("huggingface:scripted-model"),
    "anthropic": _wire("anthropic:scripted-model"),
    "google": _wire("google:scripted-model"),
    "custom": lambda server: ShortModel(),
}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, server: OpenAIServer) -> Model:
    return MODELS[request.param](server)


def ask(model: Model, *requests: ModelRequest) -> list[ModelResponse]:
    async def asking() -> list[ModelResponse]:
        try:
            return [await model.generate(request) for request in requests]
        finally:
            await model.close()

    return asyncio.run(asking())


def test_its_name_has_a_provider(model):
    provider, colon, name = model.name.partition(":")
    assert provider
    assert colon
    assert name


def test_its_profile_is_a_fixed_value(model):
    assert model.profile == model.profile
    with pytest.raises(AttributeError):
        model.profile.vision = True


def test_text_comes_with_the_model_and_one_request(model, server):
    server.script("The moon pulls the water.")
    (response,) = ask(model, ModelRequest(prompt=PROMPT))
    assert response.text.strip()
    assert response.model == model.name
    assert response.usage.requests == 1
    assert response.usage.cost is None or response.usage.cost >= 0


def test_an_answer_can_be_held_to_a_schema(model, server):
    server.script('{"value": "tide"}')
    (response,) = ask(model, ModelRequest(prompt=PROMPT, schema=CHOICE))
    value = response.text if response.value is None else response.value
    assert compile_schema(CHOICE)(value) == []


def test_a_request_is_not_changed(model, server):
    schema = {"type": "string", "enum": ["tide", "train"]}
    request = ModelRequest(prompt=PROMPT, schema=schema, repair=(("x", "no"),))
    server.script('{"value": "tide"}')
    ask(model, request)
    assert schema == CHOICE
    assert request == ModelRequest(prompt=PROMPT, schema=CHOICE, repair=(("x", "no"),))


def test_it_can_be_asked_again_and_at_once(model, server):
    server.script(*["Water."] * 4)

    async def asking() -> list[ModelResponse]:
        try:
            await model.generate(ModelRequest(prompt=PROMPT))
            return await asyncio.gather(*(model.generate(ModelRequest(prompt=PROMPT)) for _ in range(3)))
        finally:
            await model.close()

    assert len({response.text for response in asyncio.run(asking())}) == 1


def test_what_it_cannot_do_is_an_action_error(model, server):
    with pytest.raises(ActionError) as caught:
        ask(model, ModelRequest(prompt=" "))
    assert caught.value.error_class in ("invalid_request", "transient")
    assert caught.value.message


def test_closing_twice_is_fine(model):
    async def closing() -> None:
        await model.close()
        await model.close()

    asyncio.run(closing())


def test_generate_works_with_it(model, server):
    server.script('{"value": "tide"}')

    class Context:
        model = "auto"
        output = CHOICE
        run_id = task = "here"
        purse = OpenPurse()

    action = generate_action(Selector(builtin=BuiltinModel(), models=[model]))

    async def acting() -> object:
        try:
            return await action.function({"prompt": PROMPT}, Context())
        finally:
            await model.close()

    outcome = asyncio.run(acting())
    assert (outcome.value, outcome.model) == ("tide", model.name)
