"""One model's requests over OpenAI's protocols, through pydantic-ai's model classes; imported only when one is asked.

One request is one call: the SDK's own retries are off. What comes back wrong is raised as an ActionError with our classes.
"""

from collections.abc import Mapping
from decimal import Decimal
from json import dumps, loads
from typing import NamedTuple

from openai import AsyncOpenAI
from pydantic_ai import exceptions, messages
from pydantic_ai.direct import model_request
from pydantic_ai.models import Model as WireModel
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from orchestrator.core.misfit import shortened
from orchestrator.core.model import ModelRequest, ModelResponse
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.secret import MASK
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError

_CLASSES: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ModelRateLimitError, "rate_limited"),
    (exceptions.ModelQuotaExceededError, "budget"),
    (exceptions.ModelAuthenticationError, "permission"),
    (exceptions.ModelRequestRejectedError, "invalid_request"),
    (exceptions.ModelTimeoutError, "timeout"),
    (exceptions.ModelRequestTimeout, "timeout"),
    (exceptions.ModelConnectionError, "transient"),
    (exceptions.ModelUnavailableError, "transient"),
    (exceptions.ModelServerError, "transient"),
    (exceptions.UserError, "invalid_request"),
)
_ADVICE = {
    "budget": "the account has no credit left: top it up, or use another model",
    "permission": "check the key (OPENAI_API_KEY) and that it may use this model",
    "invalid_request": "check the model's name and the request; `py-orc models` lists what is known",
    "transient": "check that the server runs and can be reached",
}


class Wire:
    """An open connection to one model."""

    def __init__(self, name: str, base_url: str, *, key: str, timeout: float, free: bool) -> None:
        self._name = name
        self._key = key
        self._free = free
        self._client = AsyncOpenAI(base_url=base_url, api_key=key or "none", max_retries=0, timeout=timeout)
        self._model = _wire_model(name, self._client)

    async def ask(self, request: ModelRequest) -> ModelResponse:
        """Send one request; raises ActionError."""
        form = _form(request.schema, native=bool(self._model.profile.get("supports_json_schema_output")))
        try:
            answer = await model_request(
                self._model,
                _conversation(request, form),
                model_settings=_settings(request),
                model_request_parameters=_parameters(form),
            )
        except (exceptions.AgentRunError, exceptions.UserError) as error:
            raise self._failure(error) from error
        return self._response(answer, form)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _response(self, answer: messages.ModelResponse, form: "_Form") -> ModelResponse:
        text = "".join(part.content for part in answer.parts if isinstance(part, messages.TextPart))
        cut = answer.finish_reason == "length"
        if answer.finish_reason == "content_filter":
            raise ActionError(
                f"{self._name} refused to answer: its content filter", error_class="invalid_request"
            )
        if not text.strip() or (cut and form.schema is not None):
            what = "was cut at `max_tokens` before it was complete" if cut else "is empty"
            advice = "\n→ raise `max_tokens`" if cut else ""
            raise ActionError(f"the answer of {self._name} {what}{advice}", error_class="bad_output")
        value = form.read(text)
        return ModelResponse(
            text=text if value is None or not form.wrapped else dumps(value, ensure_ascii=False),
            value=value,
            model=self._answered_by(answer.model_name),
            usage=Usage(
                requests=1,
                input_tokens=answer.usage.input_tokens,
                output_tokens=answer.usage.output_tokens,
                cost=Decimal(0) if self._free else price(answer),
            ),
            warnings=("the answer was cut at `max_tokens`",) if cut else (),
        )

    def _answered_by(self, name: str | None) -> str:
        return f"{self._name.partition(':')[0]}:{name}" if name else self._name

    def _failure(self, error: exceptions.AgentRunError | exceptions.UserError) -> ActionError:
        error_class = next((name for kind, name in _CLASSES if isinstance(error, kind)), "bad_output")
        status = error.status_code if isinstance(error, exceptions.ModelHTTPError) else 0
        if error_class == "bad_output" and status:
            error_class = "transient" if status in (408, 409, 425) or status >= 500 else "invalid_request"
        said = _said(error)
        message = f"{self._name}: {f'HTTP {status}: ' if status else ''}{said}"
        advice = _ADVICE.get(error_class)
        return ActionError(
            (message.replace(self._key, MASK) if self._key else message)
            + (f"\n→ {advice}" if advice else ""),
            error_class=error_class,
            retry_after=error.retry_after if isinstance(error, exceptions.ModelAPIError) else None,
        )


def price(answer: messages.ModelResponse) -> Decimal | None:
    """Return what an answer cost in US dollars; None where the price is not known."""
    if not answer.model_name or answer.usage.unmeasured_requests:
        return None
    try:
        return answer.cost().total_price
    except LookupError:
        return None


class _Form(NamedTuple):
    """How the schema of an answer travels: natively, or in the words of the request."""

    schema: Mapping[str, object] | None
    native: bool
    wrapped: bool
    """Whether the value travels as the field `value`: native schemas must be objects."""

    def read(self, text: str) -> object:
        """Return the data in an answer, None where there is none that can be read strictly."""
        if self.schema is None:
            return None
        try:
            value: object = loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return None
        if self.wrapped and is_mapping(value) and set(value) == {"value"}:
            return value["value"]
        return value


def _form(schema: Mapping[str, object] | None, *, native: bool) -> _Form:
    if schema is None or not native:
        return _Form(schema, native=False, wrapped=False)
    if schema.get("type") == "object":
        return _Form(schema, native=True, wrapped=False)
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    if '"$ref": "#"' in dumps(inner, default=str):  # it would point at the wrapping
        return _Form(schema, native=False, wrapped=False)
    options = inner.get("enum")
    if "type" not in inner and is_list(options) and all(isinstance(option, str) for option in options):
        inner["type"] = "string"  # OpenAI's strict schemas name the type of everything
    wrapping: dict[str, object] = {
        "type": "object",
        "properties": {"value": inner},
        "required": ["value"],
        "additionalProperties": False,
    }
    if "$defs" in schema:
        wrapping["$defs"] = schema["$defs"]
    return _Form(wrapping, native=True, wrapped=True)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _wire_model(name: str, client: AsyncOpenAI) -> WireModel:
    provider, _, model = name.partition(":")
    if provider == "ollama":
        return OllamaModel(model, provider=OllamaProvider(openai_client=client))
    kind = OpenAIResponsesModel if provider == "openai" else OpenAIChatModel
    return kind(model, provider=OpenAIProvider(openai_client=client))


def _conversation(request: ModelRequest, form: _Form) -> list[messages.ModelMessage]:
    system = request.system
    if form.schema is not None and not form.native:
        wanted = dumps(form.schema, ensure_ascii=False)
        system = f"{system}\n\nAnswer with JSON alone, without a fence, that fits this JSON Schema:\n{wanted}".strip()
    first: list[messages.ModelRequestPart] = [messages.SystemPromptPart(system)] if system else []
    history: list[messages.ModelMessage] = [
        messages.ModelRequest([*first, messages.UserPromptPart(request.prompt)])
    ]
    for answer, wrong in request.repair:
        again = f"That answer does not fit: {wrong}\nAnswer again, whole, and without these mistakes."
        history.append(messages.ModelResponse([messages.TextPart(answer)]))
        history.append(messages.ModelRequest([messages.UserPromptPart(again)]))
    return history


def _settings(request: ModelRequest) -> ModelSettings:
    settings = ModelSettings()
    if request.max_tokens is not None:
        settings["max_tokens"] = request.max_tokens
    if request.temperature is not None:
        settings["temperature"] = request.temperature
    return settings


def _parameters(form: _Form) -> ModelRequestParameters:
    if form.schema is None or not form.native:
        return ModelRequestParameters()
    return ModelRequestParameters(
        output_mode="native",
        output_object=OutputObjectDefinition(json_schema=dict(form.schema), name="answer"),
    )


def _said(error: exceptions.AgentRunError | exceptions.UserError) -> str:
    """Return the sentence of the server, else that of the library."""
    body = error.body if isinstance(error, exceptions.ModelAPIError) else None
    inner = body.get("error", body) if is_mapping(body) else body
    sentence = inner.get("message") if is_mapping(inner) else inner
    text = sentence if isinstance(sentence, str) and sentence.strip() else error.message
    return shortened(" ".join(text.split()), 300)
