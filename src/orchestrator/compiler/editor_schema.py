"""The JSON Schema of pipeline files, for editors: made from the tables that the compiler itself checks with."""

from collections.abc import Mapping

import orchestrator.compiler.schema as schema
from orchestrator.compiler.schema import Key, Keys
from orchestrator.core.action import ActionSource
from orchestrator.core.plain import is_mapping

_NOTHING: Mapping[str, object] = {}
_TEMPLATE = {"type": "string", "pattern": r"\{[\{%]|<AUTO"}
"""A text with a template in it can stand for a value of any type."""


def json_schema(actions: ActionSource) -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of pipeline files that use these actions."""
    names = sorted(actions.names())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "py-orc pipeline",
        **_mapping(
            schema.TOP,
            required=["name", "steps"],
            overrides={"inputs": _inputs(), "defaults": _mapping(schema.DEFAULTS)},
        ),
        "patternProperties": {"^x-": {}},
        "$defs": {
            "steps": {
                "type": "array",
                "items": {
                    "if": {"required": ["include"]},
                    "then": _include(),
                    "else": {"$ref": "#/$defs/step"},
                },
            },
            "step": _step(actions, names),
            "retry": _mapping(schema.RETRY),
            "cache": _mapping(schema.CACHE),
            "budget": _mapping(schema.BUDGET),
            "undo": _mapping(schema.UNDO, required=["action"], overrides={"action": {"enum": names}}),
            "reduce": _mapping(schema.REDUCE, required=list(schema.REDUCE)),
            "case": _mapping(schema.CASE, required=list(schema.CASE)),
            "test": _mapping(schema.TEST, required=["name"], overrides={"expect": _mapping(schema.EXPECT)}),
            "recovery": {"anyOf": [{"enum": ["fail", "continue"]}, _mapping(schema.RECOVERY)]},
        },
    }


def key_table(keys: Keys) -> list[tuple[str, str, str]]:
    """Return key, what it takes and what it means, for the reference of the language."""
    return [(name, key.kind.expected, key.meaning) for name, key in keys.items()]


def _mapping(
    keys: Keys, *, required: list[str] | None = None, overrides: Mapping[str, object] | None = None
) -> dict[str, object]:
    overrides = overrides or {}
    found: dict[str, object] = {
        "type": "object",
        "properties": {
            name: {**_value(key), **_as_mapping(overrides.get(name)), "description": key.meaning}
            for name, key in keys.items()
        },
        "additionalProperties": False,
    }
    beside = {name: _one_of(key.beside) for name, key in keys.items() if key.beside}
    if beside:
        found["dependentSchemas"] = beside
    return {**found, "required": required} if required else found


def _value(key: Key) -> Mapping[str, object]:
    return key.kind.schema


def _as_mapping(value: object) -> Mapping[str, object]:
    return value if is_mapping(value) else _NOTHING


def _one_of(names: tuple[str, ...]) -> dict[str, object]:
    return {"anyOf": [{"required": [name]} for name in names]}


def _include() -> dict[str, object]:
    return _mapping(schema.INCLUDE, required=["include"])


def _inputs() -> dict[str, object]:
    own = {name: {**key.kind.schema, "description": key.meaning} for name, key in schema.INPUT.items()}
    words: dict[str, object] = {word: {} for word in sorted(schema.SCHEMA_WORDS)}
    entry: dict[str, object] = {
        "type": "object",
        "properties": {**words, **own},
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }
    return {"additionalProperties": entry}


def _step(actions: ActionSource, names: list[str]) -> dict[str, object]:
    """Return the schema of a step, with the parameters of each action behind a condition on its name."""
    step = _mapping(schema.STEP, required=["id"], overrides={"action": {"enum": names}})
    step["anyOf"] = [{"required": [work]} for work in ("action", "steps", "switch")]
    step["allOf"] = [
        {
            "if": {"properties": {"action": {"const": name}}, "required": ["action"]},
            "then": {"properties": {"with": _parameters(action.spec.parameters)}},
        }
        for name in names
        if (action := actions.find(name)) is not None and action.spec.parameters
    ]
    return step


def _parameters(parameters: Mapping[str, object]) -> dict[str, object]:
    """Return an action's schema with templates allowed for each parameter."""
    properties = _as_mapping(parameters.get("properties"))
    return {
        **parameters,
        "properties": {name: {"anyOf": [found, _TEMPLATE]} for name, found in properties.items()},
    }
