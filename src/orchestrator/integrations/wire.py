"""One model's requests over its vendor's protocol, through pydantic-ai's model classes; imported only when one is asked.

One request is one call: the SDK's own retries are off. What comes back wrong is raised as an ActionError with our classes.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from json import dumps

from pydantic_ai import exceptions, messages
from pydantic_ai.direct import model_request

from orchestrator.core.model import ModelRequest, ModelResponse, ToolCall
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.integrations.access import Access, Line
from orchestrator.integrations.conversation import conversation, parameters, settings
from orchestrator.integrations.faults import Asked, failure
from orchestrator.integrations.form import ANSWER, Form, form_of


class Wire:
    """An open connection to one model."""

    def __init__(self, name: str, line: Line, access: Access, *, keys: Sequence[str], free: bool) -> None:
        self._name = name
        self._model, self._close = line
        self._asked = Asked(name, access.key, keys)
        self._free = free

    async def ask(self, request: ModelRequest) -> ModelResponse:
        """Send one request; raises ActionError."""
        form = self._form(request)
        try:
            answer = await model_request(
                self._model,
                conversation(request, form),
                model_settings=settings(request),
                model_request_parameters=parameters(request, form),
            )
        except (exceptions.AgentRunError, exceptions.UserError) as error:
            raise failure(error, self._asked) from error
        return self._response(answer, form, {tool.name for tool in request.tools})

    async def close(self) -> None:
        """Close the connections."""
        await self._close()

    def _form(self, request: ModelRequest) -> Form:
        """Return how the schema travels: some models take native schemas, but not beside tools."""
        profile = self._model.profile
        native = bool(profile.get("supports_json_schema_output")) and self._model.system != "huggingface"
        if request.tools and self._model.system == "google":
            native = native and bool(profile.get("google_supports_tool_combination"))
        return form_of(request, native=native, tools=bool(profile.get("supports_tools", True)))

    def _response(self, answer: messages.ModelResponse, form: Form, offered: set[str]) -> ModelResponse:
        usage = self._usage(answer)
        text = "".join(part.content for part in answer.parts if isinstance(part, messages.TextPart))
        calls = tuple(_calls(answer, offered))
        cut = answer.finish_reason == "length"
        self._refuse(answer, usage)
        if not calls:
            text = _answered(answer) or text
            if not text.strip() or (cut and form.schema is not None):
                raise self._no_answer(usage, cut=cut)
        value = None if calls else form.read(text)
        return ModelResponse(
            text=_sound(text if value is None or not form.wrapped else dumps(value, ensure_ascii=False)),
            value=value,
            model=self._answered_by(answer.model_name),
            usage=usage,
            warnings=("the answer was cut at `max_tokens`",) if cut else (),
            calls=calls,
        )

    def _refuse(self, answer: messages.ModelResponse, usage: Usage) -> None:
        if answer.finish_reason == "content_filter":
            raise ActionError(
                f"{self._name} refused to answer: its content filter",
                error_class="invalid_request",
                usage=usage,
            )

    def _no_answer(self, usage: Usage, *, cut: bool) -> ActionError:
        what = "was cut at `max_tokens` before it was complete" if cut else "is empty"
        advice = "\n→ raise `max_tokens`" if cut else ""
        return ActionError(
            f"the answer of {self._name} {what}{advice}", error_class="bad_output", usage=usage
        )

    def _usage(self, answer: messages.ModelResponse) -> Usage:
        return Usage(
            requests=1,
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            cost=Decimal(0) if self._free else price(answer),
        )

    def _answered_by(self, name: str | None) -> str:
        """Return the full name of who answered; Google puts `models/` before some."""
        provider = self._name.partition(":")[0]
        return f"{provider}:{name.removeprefix('models/')}" if name else self._name


def price(answer: messages.ModelResponse) -> Decimal | None:
    """Return what an answer cost in US dollars; None where the price is not known."""
    if not answer.model_name or answer.usage.unmeasured_requests:
        return None
    try:
        return answer.cost().total_price
    except LookupError:
        return None


def _calls(answer: messages.ModelResponse, offered: set[str]) -> Iterator[ToolCall]:
    """Yield the calls of tools that were on offer; a call whose arguments are no object keeps none."""
    for part in answer.parts:
        if isinstance(part, messages.ToolCallPart) and part.tool_name in offered:
            yield ToolCall(part.tool_call_id, part.tool_name, _arguments(part))


def _arguments(part: messages.ToolCallPart) -> Mapping[str, object]:
    try:
        return part.args_as_dict(raise_if_invalid=True)
    except (ValueError, AssertionError):
        return {}


def _answered(answer: messages.ModelResponse) -> str:
    """Return the JSON of the tool call that stands for the answer, empty where there is none."""
    for part in answer.parts:
        if isinstance(part, messages.ToolCallPart) and part.tool_name == ANSWER:
            return part.args_as_json_str()
    return ""


def _sound(text: str) -> str:
    """Return the text with halves of characters replaced, so that it can be stored."""
    return text.encode("utf-8", "replace").decode()
