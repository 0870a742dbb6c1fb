"""Recording and replay of model calls: the outermost layer of the gateway.

While a tape plays, nothing further inside is asked: no cache, no limit, no model.
"""

import asyncio
from collections.abc import Mapping
from typing import cast

from msgspec import convert, to_builtins
from msgspec.structs import replace

from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.core.tape import Tape, failure_answer, raise_failure, unfinished_answer
from orchestrator.errors import ActionError
from orchestrator.models.gateway import Ask, Caller, Layer

RECORDING = "recording"
"""The `origin` of an answer that was replayed."""


def taped(tape: Tape) -> Layer:
    """Return the layer that keeps every answer on a tape, or gives those it holds."""

    def layer(ask: Ask) -> Ask:
        async def record(model: Model, request: ModelRequest, caller: Caller) -> ModelResponse:
            asked = _asked(model, request)
            try:
                response = await ask(model, request, caller)
            except ActionError as error:
                tape.keep("model", asked, failure_answer(error))
                raise
            except asyncio.CancelledError:
                tape.keep("model", asked, unfinished_answer())
                raise
            tape.keep("model", asked, _answer(response))
            return response

        async def replay(model: Model, request: ModelRequest, _caller: Caller) -> ModelResponse:
            answer = tape.play("model", _asked(model, request))
            raise_failure(answer)
            return _response(answer)

        return replay if tape.playing else record

    return layer


def _asked(model: Model, request: ModelRequest) -> dict[str, object]:
    """Return what makes one request equal to another, without what was left at its default."""
    said = cast("dict[str, object]", to_builtins(request))
    unsaid = cast("dict[str, object]", to_builtins(ModelRequest(prompt="")))
    told = {name: value for name, value in said.items() if name == "prompt" or value != unsaid[name]}
    return {"model": model.name, **told}


def _answer(response: ModelResponse) -> dict[str, object]:
    usage = response.usage
    said = cast("dict[str, object]", to_builtins(replace(response, value=None)))
    return {**said, "value": response.value, "usage": usage}


def _response(answer: Mapping[str, object]) -> ModelResponse:
    usage, value = answer.get("usage"), answer.get("value")
    said = {name: item for name, item in answer.items() if name not in ("usage", "value")}
    response = convert(said, ModelResponse)
    kept = replace(response, value=value, origin=RECORDING)
    return kept if usage is None else replace(kept, usage=usage)  # pyright: ignore[reportArgumentType] - it was one
