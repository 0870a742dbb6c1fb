"""How a schema travels to a model and its answer back: as the API's own, as a tool that must be called, or in words."""

from collections.abc import Mapping
from json import dumps, loads
from typing import Literal, NamedTuple

from orchestrator.core.model import ModelRequest
from orchestrator.core.plain import is_list, is_mapping

ANSWER = "answer"
"""The name of the schema, and of the tool that stands for it."""

Way = Literal["native", "tool", "words"]


class Form(NamedTuple):
    """The way of one request's schema."""

    schema: Mapping[str, object] | None
    way: Way = "words"
    wrapped: bool = False
    """Whether the value travels as the field `value`: native schemas and tools must be objects."""

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


def form_of(request: ModelRequest, *, native: bool, tools: bool) -> Form:
    """Return the strictest way that a model has: `native` and `tools` say what it can."""
    schema = request.schema
    if schema is None or not (native or tools):
        return Form(schema)
    way: Way = "native" if native else "tool"
    if schema.get("type") == "object":
        return Form(schema, way)
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    if '"$ref": "#"' in dumps(inner, default=str):  # it would point at the wrapping
        return Form(schema)
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
    return Form(wrapping, way, wrapped=True)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
