"""The last link of a chain: no model at all, but the smallest answer that fits the step's `output`, marked as what it is."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse, Price
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.schema import compile_schema
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError

NAME = "minimal"
NOTICE = "no model answered: the value is the smallest that fits, and says nothing"
_FREE = Price(input=Decimal(0), output=Decimal(0), source="no model is asked")
_DEEPEST = 20
_SMALLEST: Mapping[str, object] = {"null": None, "boolean": False, "string": "", "array": [], "object": {}}


class MinimalAnswer:
    """A `core.model.Model` that asks nobody."""

    name = NAME
    profile = ModelProfile(structured=True, vision=True, tools=True, local=True, price=_FREE)

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer with the smallest value; raises ActionError where none is found."""
        usage = Usage(cost=Decimal(0))
        if request.schema is None:
            return ModelResponse(text="", value="", model=NAME, usage=usage, warnings=(NOTICE,))
        found = smallest(request.schema)
        if found is None:
            raise ActionError(
                "no smallest answer is known that fits `output`", error_class="bad_output", retryable=False
            )
        return ModelResponse(text="", value=found[0], model=NAME, usage=usage, warnings=(NOTICE,))

    async def close(self) -> None:
        """Hold nothing."""


def smallest(schema: Mapping[str, object]) -> tuple[object] | None:
    """Return the smallest value that fits a schema, in a tuple; None where this finds none.

    Defaults, examples and the first of an enumeration count as small; patterns and combinations are beyond it.
    """
    value = _value(schema, 0)
    return None if compile_schema(schema)(value) else (value,)


def _value(schema: Mapping[str, object], depth: int) -> object:
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        known = schema.get(key)
        if is_list(known) and known:
            return known[0]
    for key in ("anyOf", "oneOf", "allOf"):
        ways = schema.get(key)
        if is_list(ways) and ways and is_mapping(ways[0]):
            return _value(ways[0], depth + 1)
    kinds = schema.get("type", "object" if "properties" in schema else "null")
    options = [str(kind) for kind in kinds] if is_list(kinds) else [str(kinds)]
    kind = "null" if "null" in options else options[0]
    if depth < _DEEPEST and kind == "object":
        return _object(schema, depth)
    if depth < _DEEPEST and kind == "array":
        items = schema.get("items")
        item = _value(items, depth + 1) if is_mapping(items) else None
        return [item] * _count(schema, "minItems")
    if kind == "string":
        return "-" * _count(schema, "minLength")
    return _number(schema) if kind in ("integer", "number") else _SMALLEST.get(kind)


def _object(schema: Mapping[str, object], depth: int) -> dict[str, object]:
    properties, required = schema.get("properties"), schema.get("required")
    fields = properties if is_mapping(properties) else cast("Mapping[str, object]", {})
    needed = cast("Sequence[str]", required) if is_list(required) else ()
    return {
        name: _value(field, depth + 1) if is_mapping(field := fields.get(name)) else None for name in needed
    }


def _count(schema: Mapping[str, object], key: str) -> int:
    least = schema.get(key)
    return min(least, 1_000) if isinstance(least, int) else 0


def _number(schema: Mapping[str, object]) -> int | float:
    """Return 0 where it fits, else the bound next to it."""
    step = schema.get("multipleOf", 1)
    step = step if isinstance(step, int | float) and step > 0 else 1
    for key, towards in (("minimum", 0), ("exclusiveMinimum", step)):
        bound = schema.get(key)
        if isinstance(bound, int | float) and bound + towards > 0:
            return -(-bound // step) * step if not towards else (bound // step + 1) * step
    for key, towards in (("maximum", 0), ("exclusiveMaximum", step)):
        bound = schema.get(key)
        if isinstance(bound, int | float) and bound - towards < 0:
            return bound // step * step if not towards else (-(-bound // step) - 1) * step
    return 0
