"""OpenAI's protocols, driven through the real SDK against a server on loopback."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal

import pytest

from doubles import openai_server as double
from doubles.openai_server import Answer, Fault, OpenAIServer
from orchestrator.core.model import ModelRequest, ModelResponse
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError, SetupError
from orchestrator.integrations.address import is_loopback, ollama_url
from orchestrator.integrations.providers import default_model, open_model
from orchestrator.integrations.remote import RemoteModel

KEY = "sk-loopback-0815"
NAMES = ["openai:small", "openai-chat:small", "ollama:small"]
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer("small") as running:
        yield running


def opened(name: str, server: OpenAIServer, *, key: str = KEY) -> RemoteModel:
    environment = {
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_API_KEY": key,
        "OLLAMA_HOST": f"127.0.0.1:{server.port}",
    }
    return open_model(name, environment=environment)


def ask(model: RemoteModel, prompt: str = "Hello?", **request: object) -> ModelResponse:
    async def asking() -> ModelResponse:
        try:
            return await model.generate(ModelRequest(prompt=prompt, **request))
        finally:
            await model.close()

    return asyncio.run(asking())


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_comes_with_its_model_and_usage(name, server):
    server.script(Answer("Hi.", tokens=(7, 3)))
    assert ask(opened(name, server)) == ModelResponse(
        text="Hi.", model=name, usage=Usage(requests=1, input_tokens=7, output_tokens=3, cost=Decimal(0))
    )


@pytest.mark.parametrize(
    ("name", "path", "limit", "words"),
    [
        ("openai:small", "/v1/responses", "max_output_tokens", "input"),
        ("openai-chat:small", "/v1/chat/completions", "max_completion_tokens", "messages"),
        ("ollama:small", "/v1/chat/completions", "max_completion_tokens", "messages"),
    ],
)
def test_the_request_has_the_form_of_its_protocol(name, path, limit, words, server):
    server.script("ok")
    repair = (("first", "too long"),)
    ask(opened(name, server), system="Be brief.", max_tokens=9, temperature=0.5, repair=repair)
    sent = server.requests[0]
    assert sent.path == path
    assert (sent.body["model"], sent.body[limit], sent.body["temperature"]) == ("small", 9, 0.5)
    assert [(part["role"], part["content"]) for part in sent.body[words]] == [
        ("system", "Be brief."),
        ("user", "Hello?"),
        ("assistant", "first"),
        ("user", "That answer does not fit: too long\nAnswer again, whole, and without these mistakes."),
    ]


def test_a_schema_travels_natively(server):
    server.script('{"name": "Ada"}', '{"name": "Ada"}')
    for name in ("openai:small", "openai-chat:small"):
        assert ask(opened(name, server), schema=PERSON).value == {"name": "Ada"}
    responses, chat = (sent.body for sent in server.requests)
    assert responses["text"]["format"]["schema"] == PERSON
    assert chat["response_format"]["json_schema"]["schema"] == PERSON


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_that_is_no_object_travels_wrapped(name, server):
    schema = {"$ref": "#/$defs/topic", "$defs": {"topic": {"enum": ["a", "b"]}}}
    server.script('{"value": "a"}')
    response = ask(opened(name, server), schema=schema)
    assert (response.value, response.text) == ("a", '"a"')
    assert "topic" in str(server.requests[0].body)


def test_the_type_of_plain_choices_is_named(server):
    server.script('{"value": "a"}')
    ask(opened("openai-chat:small", server), schema={"enum": ["a", "b"]})
    sent = server.requests[0].body["response_format"]["json_schema"]["schema"]
    assert sent["properties"]["value"] == {"enum": ["a", "b"], "type": "string"}


@pytest.mark.parametrize("text", ["no JSON", '{"name": "Ada"', '{"name": NaN}', "[" * 10_000])
def test_text_that_is_no_json_is_handed_on_as_text(text, server):
    server.script(text)
    response = ask(opened("ollama:small", server), schema=PERSON)
    assert (response.text, response.value) == (text, None)


def test_a_schema_that_cannot_be_wrapped_is_asked_for_in_words(server):
    schema = {"type": "array", "items": {"$ref": "#"}}
    server.script("[[]]")
    response = ask(opened("openai-chat:small", server), schema=schema, system="Be brief.")
    assert response.value == [[]]
    assert "response_format" not in server.requests[0].body
    said = server.requests[0].body["messages"][0]["content"]
    assert said.startswith("Be brief.\n\nAnswer with JSON alone")
    assert '{"type": "array", "items": {"$ref": "#"}}' in said


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("fault", "error_class", "retry_after"),
    [
        (double.RATE_LIMITED, "rate_limited", None),
        (double.RATE_LIMITED_FOR_2S, "rate_limited", 2),
        (double.NO_CREDIT, "budget", None),
        (double.BROKEN, "transient", None),
        (double.OVERLOADED, "transient", None),
        (double.error(503, "unavailable"), "transient", None),
        (double.error(408, "request timeout"), "transient", None),
        (double.error(400, "bad request"), "invalid_request", None),
        (double.error(404, "no such model"), "invalid_request", None),
        (double.error(418, "teapot"), "invalid_request", None),
        (double.error(422, "cannot process"), "invalid_request", None),
        (double.error(401, "who?"), "permission", None),
        (double.error(403, "no"), "permission", None),
        (double.CUT_CONNECTION, "transient", None),
        (double.CUT_JSON, "bad_output", None),
        (double.NO_JSON, "bad_output", None),
        (Answer(""), "bad_output", None),
        (Answer("refused", finish="content_filter"), "invalid_request", None),
    ],
)
def test_faults_have_our_classes(name, fault, error_class, retry_after, server):
    server.script(fault)
    with pytest.raises(ActionError) as caught:
        ask(opened(name, server))
    error = caught.value
    assert (error.error_class, error.retry_after) == (error_class, retry_after), error.message
    assert name in error.message
    assert len(server.requests) == 1  # nobody below retries


def test_the_sentence_of_the_server_is_in_the_error(server):
    server.script(double.error(400, "max_tokens is  too\nlarge"), Fault(status=500, body=""))
    model = opened("openai-chat:small", server)
    with pytest.raises(
        ActionError, match=r"^openai-chat:small: HTTP 400: max_tokens is too large\n→ check the"
    ):
        ask(model)
    with pytest.raises(ActionError, match=r"^openai-chat:small: HTTP 500: .*\n→ check that the server runs"):
        ask(model)


def test_a_server_that_stays_silent_times_out(server):
    server.script(double.HANG)
    environment = {"OPENAI_BASE_URL": server.base_url}
    model = open_model("openai-chat:small", environment=environment, timeout=0.05)
    with pytest.raises(ActionError) as caught:
        ask(model)
    assert caught.value.error_class == "timeout"


def test_a_server_that_is_gone_is_a_passing_fault():
    with OpenAIServer("small") as gone:
        model = opened("openai:small", gone)
    with pytest.raises(ActionError) as caught:
        ask(model)
    assert caught.value.error_class == "transient"


def test_a_key_never_shows_in_an_error():
    with OpenAIServer("small", key="sk-right") as server, pytest.raises(ActionError) as caught:
        ask(opened("openai:small", server, key=KEY))
    assert caught.value.error_class == "permission"
    assert KEY not in caught.value.message
    assert "•••" in caught.value.message


def test_the_right_key_is_sent():
    with OpenAIServer("small", key=KEY) as server:
        server.script("in")
        assert ask(opened("openai:small", server)).text == "in"


def test_an_unknown_model_is_a_wrong_request(server):
    with pytest.raises(ActionError) as caught:
        ask(opened("openai-chat:large", server))
    assert caught.value.error_class == "invalid_request"
    assert "`large` does not exist" in caught.value.message


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_text_is_kept_with_a_warning_and_cut_data_is_none(name, server):
    server.script(Answer("half a sen", finish="length"), Answer('{"name": "A', finish="length"))
    assert ask(opened(name, server)).warnings == ("the answer was cut at `max_tokens`",)
    with pytest.raises(ActionError, match="was cut at `max_tokens` before it was complete\n→ raise"):
        ask(opened(name, server), schema=PERSON)


def test_another_model_that_answers_is_named(server):
    server.script(Answer("x", model="small-2027-01-01"))
    assert ask(opened("openai:small", server)).model == "openai:small-2027-01-01"


def test_one_model_serves_many_event_loops_and_many_calls_at_once(server):
    server.script(*["x"] * 6)
    model = opened("openai-chat:small", server)

    async def three() -> list[str]:
        answers = await asyncio.gather(*(model.generate(ModelRequest(prompt="p")) for _ in range(3)))
        await model.close()
        return [answer.text for answer in answers]

    assert asyncio.run(three()) == asyncio.run(three()) == ["x"] * 3


def test_closing_a_model_that_was_never_asked_is_fine(server):
    asyncio.run(opened("openai:small", server).close())


def test_what_is_known_of_prices_is_exact():
    from pydantic_ai.messages import ModelResponse as WireResponse
    from pydantic_ai.usage import RequestUsage

    from orchestrator.integrations.wire import price

    usage = RequestUsage(input_tokens=1_000_000, output_tokens=0)
    known = WireResponse(
        [],
        usage=usage,
        model_name="gpt-4o-mini",
        provider_name="openai",
        provider_url="https://api.openai.com/v1",
    )
    assert price(known) == Decimal("0.15")
    unknown = WireResponse([], usage=usage, model_name="no-such-model", provider_name="openai")
    assert price(unknown) is None
    assert price(WireResponse([], usage=usage)) is None


def test_a_remote_server_is_not_local_and_its_price_not_nothing():
    model = open_model("openai:small", environment={"OPENAI_API_KEY": "k"})
    assert (model.base_url, model.profile.local) == ("https://api.openai.com/v1", False)


@pytest.mark.parametrize("name", ["openai:small", "openai-chat:small"])
def test_without_a_key_openai_is_a_matter_of_setting_up(name):
    with pytest.raises(
        SetupError, match="needs a key, and OPENAI_API_KEY is not set\n  → set OPENAI_API_KEY, or"
    ):
        open_model(name, environment={})


def test_another_server_needs_no_key(server):
    model = open_model("openai-chat:small", environment={"OPENAI_BASE_URL": server.base_url + "/"})
    server.script("ok")
    assert ask(model).text == "ok"


def test_a_found_server_never_gets_the_key(server):
    model = open_model("openai-chat:small", server.base_url, environment={"OPENAI_API_KEY": KEY})
    server.script("ok")
    ask(model)
    assert KEY not in server.requests[0].authorization


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r'pip install "py-orc\[ollama\]"'):
        open_model("ollama:x", environment={})


@pytest.mark.parametrize("name", ["openai", "openai:", "other:x"])
def test_only_known_names_are_opened(name):
    with pytest.raises(ValueError, match="is no model of a known provider"):
        open_model(name, environment={})


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:11434/v1"),
        ({"OLLAMA_HOST": "0.0.0.0"}, "http://127.0.0.1:11434/v1"),  # noqa: S104
        ({"OLLAMA_HOST": "box:1234"}, "http://box:1234/v1"),
        ({"OLLAMA_HOST": "https://box.example"}, "https://box.example:443/v1"),
        ({"OLLAMA_HOST": "http://box/"}, "http://box:11434/v1"),
        ({"OLLAMA_HOST": "[::1]:99"}, "http://[::1]:99/v1"),
        ({"OLLAMA_HOST": "a", "OLLAMA_BASE_URL": "http://b:1/v1/"}, "http://b:1/v1"),
        ({"OLLAMA_BASE_URL": "http://b:1/proxy"}, "http://b:1/proxy/v1"),
    ],
)
def test_ollamas_address_may_be_written_in_many_ways(environment, url):
    assert ollama_url(environment) == url
    assert open_model("ollama:x", environment=environment).base_url == url


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:9", True),
        ("http://127.evil.example", False),
        ("https://api.openai.com/v1", False),
        ("nothing", False),
    ],
)
def test_loopback_is_told_by_the_text_of_an_address(address, expected):
    assert is_loopback(address) is expected


def test_a_key_stands_for_a_default_model():
    assert default_model({}) is None
    name = default_model({"OPENAI_API_KEY": "k"})
    assert name == "openai:gpt-5.6-luna"
    from pydantic_ai.models import KnownModelName

    assert name in KnownModelName.__value__.__args__
