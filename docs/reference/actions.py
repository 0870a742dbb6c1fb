"""The actions that come with py-orc, from their own schemas."""

import json
from collections.abc import Iterator, Mapping, Sequence

from docs.reference.markdown import table
from orchestrator.core.action import ActionSpec
from orchestrator.core.plain import is_list, is_mapping

Schema = Mapping[str, object]
_NONE: Schema = {}
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "mapping",
}


def actions_overview(specs: Sequence[ActionSpec]) -> str:
    """Return one line per action, each a link to its section."""
    rows = [
        (f"[`{spec.name}`](#{spec.name.replace('.', '')})", spec.effect.value, spec.description)
        for spec in specs
    ]
    return table(("action", "effect", "what it does"), rows)


def actions(specs: Sequence[ActionSpec]) -> str:
    """Return a section per action: parameters, result, effect."""
    return "\n\n".join(_section(spec) for spec in specs)


def _section(spec: ActionSpec) -> str:
    parts = [f"### `{spec.name}`", f"{spec.description} Effect: `{spec.effect.value}`."]
    if parameters := list(_fields(spec.parameters, is_given=True)):
        parts.append(table(("parameter", "takes", "meaning"), parameters))
    if results := list(_fields(spec.result, is_given=False)):
        parts.append(table(("result", "is", "meaning"), results))
    elif spec.result.get("type"):
        parts.append(f"Result: {_type(spec.result)}.")
    return "\n\n".join(parts)


def _fields(schema: Schema, *, is_given: bool) -> Iterator[tuple[str, str, str]]:
    required = schema.get("required")
    for name, field in _mapping(schema.get("properties")).items():
        entry = _mapping(field)
        takes = _type(entry)
        if is_given and is_list(required) and name in required:
            takes += ", required"
        elif "default" in entry:
            takes += f", `{json.dumps(entry['default'], ensure_ascii=False)}` by default"
        yield f"`{name}`", takes, str(entry.get("description", ""))


def _type(schema: Schema) -> str:
    """Return a JSON Schema in a few words."""
    alternatives, options, kind = schema.get("anyOf"), schema.get("enum"), schema.get("type")
    if is_list(alternatives):
        return " or ".join(dict.fromkeys(_type(_mapping(each)) for each in alternatives))
    if is_list(options):
        return " or ".join(f"`{option}`" for option in options)
    if kind == "array":
        items = _mapping(schema.get("items"))
        return f"list of {_type(items)}" if items else "list"
    if is_list(kind):
        return " or ".join(_WORDS.get(str(each), str(each)) for each in kind)
    return _WORDS.get(str(kind), "any value") + _range(schema)


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return "" if high is None else f" up to {high}"
    return f" from {low} on" if high is None else f" from {low} to {high}"


def _mapping(value: object) -> Schema:
    return value if is_mapping(value) else _NONE
