"""Our requests in pydantic-ai's words: the messages, the tools and the settings of one call."""

from collections.abc import Iterator
from json import dumps

from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelRequestPart,
    ModelResponsePart,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserContent,
    UserPromptPart,
)
from pydantic_ai.messages import ModelRequest as WireRequest
from pydantic_ai.messages import ModelResponse as WireResponse
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from orchestrator.core.model import Exchange, ModelRequest
from orchestrator.integrations.form import ANSWER, Form


def conversation(request: ModelRequest, form: Form) -> list[ModelMessage]:
    """Return what is said: the prompt with its pictures, the rounds of tool calls, and what was wrong with earlier answers."""
    system = request.system
    if form.schema is not None and form.way == "words":
        wanted = dumps(form.schema, ensure_ascii=False)
        system = f"{system}\n\nAnswer with JSON alone, without a fence, that fits this JSON Schema:\n{wanted}".strip()
    first: list[ModelRequestPart] = [SystemPromptPart(system)] if system else []
    said: list[ModelMessage] = [WireRequest([*first, UserPromptPart(_content(request))])]
    for exchange in request.exchanges:
        said += _round(exchange)
    for answer, wrong in request.repair:
        again = f"That answer does not fit: {wrong}\nAnswer again, whole, and without these mistakes."
        said.append(WireResponse([TextPart(answer)]))
        said.append(WireRequest([UserPromptPart(again)]))
    return said


def parameters(request: ModelRequest, form: Form) -> ModelRequestParameters:
    """Return the tools on offer, and the schema where it travels apart from the words."""
    tools = [
        ToolDefinition(
            name=tool.name, parameters_json_schema=dict(tool.parameters), description=tool.description
        )
        for tool in request.tools
    ]
    if form.schema is None or form.way == "words":
        return ModelRequestParameters(function_tools=tools)
    schema = dict(form.schema)
    if form.way == "native":
        wanted = OutputObjectDefinition(json_schema=schema, name=ANSWER)
        return ModelRequestParameters(function_tools=tools, output_mode="native", output_object=wanted)
    answer = ToolDefinition(
        name=ANSWER,
        parameters_json_schema=schema,
        description="Give the answer by calling this.",
        kind="output",
    )
    return ModelRequestParameters(
        function_tools=tools, output_mode="tool", output_tools=[answer], allow_text_output=False
    )


def settings(request: ModelRequest) -> ModelSettings:
    """Return the limits of the answer."""
    chosen = ModelSettings()
    if request.max_tokens is not None:
        chosen["max_tokens"] = request.max_tokens
    if request.temperature is not None:
        chosen["temperature"] = request.temperature
    return chosen


def _content(request: ModelRequest) -> str | list[UserContent]:
    if not request.images:
        return request.prompt
    pictures = (BinaryContent(image.data, media_type=image.media_type) for image in request.images)
    return [request.prompt, *pictures]


def _round(exchange: Exchange) -> Iterator[ModelMessage]:
    said: list[ModelResponsePart] = [TextPart(exchange.text)] if exchange.text else []
    calls = [ToolCallPart(call.name, dict(call.arguments), tool_call_id=call.id) for call in exchange.calls]
    results = [
        ToolReturnPart(call.name, result, tool_call_id=call.id)
        for call, result in zip(exchange.calls, exchange.results, strict=True)
    ]
    yield WireResponse([*said, *calls])
    yield WireRequest(results)
