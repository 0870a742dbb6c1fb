"""What goes wrong at a vendor's server, on every protocol: the right class of error, and what the call did use."""

import pytest

from contracts.test_models import MODELS, PROMPT, ask
from doubles.openai_server import (
    BROKEN,
    CUT_CONNECTION,
    CUT_JSON,
    NO_JSON,
    OVERLOADED,
    RATE_LIMITED,
    RATE_LIMITED_FOR_2S,
    Answer,
    OpenAIServer,
    error,
)
from orchestrator.core.failure import NOT_RETRIED
from orchestrator.core.model import ModelRequest
from orchestrator.errors import ActionError

PROVIDERS = ["openai", "openai-chat", "anthropic", "google", "huggingface", "ollama"]
FAULTS = {
    "too many requests": (RATE_LIMITED, {"rate_limited"}),
    "too many requests, and when to come back": (RATE_LIMITED_FOR_2S, {"rate_limited"}),
    "a broken server": (BROKEN, {"transient"}),
    "an overloaded server": (OVERLOADED, {"transient"}),
    "a cut connection": (CUT_CONNECTION, {"transient", "bad_output"}),
    "JSON that ends too early": (CUT_JSON, {"transient", "bad_output"}),
    "a page of a gateway": (NO_JSON, {"transient", "bad_output"}),
    "an empty answer": (Answer(""), {"bad_output"}),
    "a refusal": (Answer("", finish="content_filter"), {"invalid_request", "bad_output"}),
    "a wrong key": (error(401, "no such key", kind="authentication_error"), {"permission"}),
    "a request that is not understood": (
        error(400, "what?", kind="invalid_request_error"),
        {"invalid_request"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_fault_is_an_error_of_the_right_class_and_one_request(provider, fault):
    answer, classes = FAULTS[fault]
    with OpenAIServer() as server:
        server.script(answer)
        with pytest.raises(ActionError) as caught:
            ask(MODELS[provider](server), ModelRequest(prompt=PROMPT))
        assert caught.value.error_class in classes
        assert len(server.requests) == 1  # no SDK tries again by itself
        assert caught.value.usage.requests == 1
        assert f"{provider}:scripted-model" in caught.value.message
        if fault == "too many requests, and when to come back":
            assert caught.value.retry_after == 2
        if classes <= {"rate_limited", "transient"}:
            assert caught.value.error_class not in NOT_RETRIED


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_was_used_is_what_the_server_counted(provider):
    with OpenAIServer() as server:
        server.script(Answer("Water.", tokens=(31, 7)))
        (response,) = ask(MODELS[provider](server), ModelRequest(prompt=PROMPT, max_tokens=50))
        assert (response.usage.requests, response.usage.input_tokens, response.usage.output_tokens) == (
            1,
            31,
            7,
        )
