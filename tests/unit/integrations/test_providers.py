"""Opening models of every vendor: keys, addresses, packages, and that its real SDK reaches the address once."""

import asyncio

import pytest

from doubles.openai_server import OpenAIServer
from orchestrator.core.model import ModelRequest
from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.errors import ActionError, SetupError
from orchestrator.integrations.providers import default_model, open_model

NAMES = ["anthropic:claude-haiku-5-5", "google:gemini-3.8-flash", "huggingface:small"]


def everywhere(address: str) -> dict[str, str]:
    return {"ANTHROPIC_BASE_URL": address, "GOOGLE_GEMINI_BASE_URL": address, "HF_BASE_URL": address}


def error_of(name: str, environment: dict[str, str]) -> ActionError:
    model = open_model(name, environment=environment)

    async def asking() -> None:
        try:
            await model.generate(ModelRequest(prompt="Hello?"))
        finally:
            await model.close()

    with pytest.raises(ActionError) as caught:
        asyncio.run(asking())
    return caught.value


@pytest.mark.parametrize("name", NAMES)
def test_the_vendors_sdk_asks_the_address_of_the_environment(name):
    with OpenAIServer("other") as server:
        error = error_of(name, everywhere(f"http://127.0.0.1:{server.port}"))
    assert (error.error_class, error.usage) == ("invalid_request", Usage(requests=1))
    assert error.message.startswith(f"{name}: HTTP 404: ")
    assert f"The model `{name.partition(':')[2]}` does not exist" in error.message


@pytest.mark.parametrize("name", NAMES)
def test_a_request_that_no_server_saw_counts_as_none(name):
    with OpenAIServer("other") as gone:
        environment = everywhere(f"http://127.0.0.1:{gone.port}")
    error = error_of(name, environment)
    assert (error.error_class, error.usage) == ("transient", NO_USAGE)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (NAMES[0], "needs a key, and ANTHROPIC_API_KEY is not set\n  → set ANTHROPIC_API_KEY"),
        (
            NAMES[1],
            "neither GOOGLE_API_KEY nor GEMINI_API_KEY is set\n  → set GOOGLE_API_KEY or GEMINI_API_KEY",
        ),
        (NAMES[2], "needs a key, and HF_TOKEN is not set\n  → set HF_TOKEN"),
    ],
)
def test_a_missing_key_is_named(name, said):
    with pytest.raises(SetupError) as caught:
        open_model(name, environment={})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "extra"), list(zip(NAMES, ["anthropic", "google", "huggingface"], strict=True))
)
def test_a_missing_package_is_named_with_its_extra(name, extra, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SetupError, match=rf'install it with: pip install "py-orc\[{extra}\]"'):
        open_model(name, environment={})


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"ANTHROPIC_API_KEY": "k"}, "anthropic:claude-haiku-5-5"),
        ({"GEMINI_API_KEY": "k"}, "google:gemini-3.8-flash"),
        ({"GOOGLE_API_KEY": "k", "OPENAI_API_KEY": "k"}, "openai:gpt-5.6-luna"),
        ({"HF_TOKEN": "for downloads"}, None),
    ],
)
def test_a_key_stands_for_its_vendors_small_model(environment, name):
    assert default_model(environment) == name


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("anthropic:claude-haiku-5-5", True),
        ("openai:gpt-5.6-luna", True),
        ("openai:o3-mini", False),
        ("ollama:llava:7b", True),
        ("ollama:llama3.2", False),
        ("huggingface:Qwen/Qwen3-VL-8B", True),
    ],
)
def test_whether_a_model_sees_is_told_by_its_name(name, sees):
    keys = dict.fromkeys(("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "HF_TOKEN"), "k")
    assert open_model(name, environment=keys).profile.vision is sees
