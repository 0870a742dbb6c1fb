"""Declared inputs: a JSON Schema each, with types of our own for paths, files and secrets."""

from collections.abc import Mapping
from typing import cast

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.kinds import NAME, is_identifier
from orchestrator.compiler.mappings import Entry, unknown_key, wrong_kind
from orchestrator.compiler.origin import Place
from orchestrator.compiler.schema import INPUT, INPUT_TYPES, SCHEMA_WORDS
from orchestrator.core.misfit import shown
from orchestrator.core.pipeline import InputSpec
from orchestrator.core.schema import compile_schema
from orchestrator.expressions import is_template

_TYPES_OF_VALUES: Mapping[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def read_inputs(c: Compilation, entry: Entry, place: Place) -> dict[str, InputSpec]:
    """Return the declared inputs by name."""
    found: dict[str, InputSpec] = {}
    for name, value in entry.items():
        where = (place, name)
        if not is_identifier(name):
            message = f"`{name}` cannot be the name of an input"
            c.problems.error(where, message, hint=f"use {NAME.expected}.", key=True)
        spec = _read_input(c, name, value, where)
        if spec is not None:
            found[name] = spec
    return found


def _read_input(c: Compilation, name: str, value: object, place: Place) -> InputSpec | None:
    if not isinstance(value, Mapping):
        message = f"the input `{name}` must be a mapping, not {shown(value)}"
        c.problems.error(place, message, hint=_spelt_out(value))
        return InputSpec(name=name, type="string", schema={}, required=False)
    entry = cast("Entry", value)
    for key, item in entry.items():
        if key in INPUT:
            if not INPUT[key].kind.accepts(item):
                wrong_kind(c, key, INPUT[key].kind, item, (place, key))
        elif key not in SCHEMA_WORDS and not (isinstance(key, str) and key.startswith("x-")):  # pyright: ignore[reportUnnecessaryIsInstance]
            unknown_key(c, key, [*INPUT, *SCHEMA_WORDS], place)
    kind = _type(c, name, entry, place)
    schema = _schema(c, entry, kind, place)
    required, default = _default(c, name, entry, kind, schema, place)
    return InputSpec(
        name=name,
        type=kind,
        schema=schema,
        required=required,
        default=default,
        description=str(entry.get("description", "")),
        location=c.problems.location(place),
    )


def _spelt_out(value: object) -> str:
    if type(value) is str and value in INPUT_TYPES:
        return f"write `{{type: {value}}}`."
    kind = _TYPES_OF_VALUES.get(type(value))
    return f"write `{{type: {kind}, default: {shown(value)}}}`." if kind else "write `{type: string}`."


def _type(c: Compilation, name: str, entry: Entry, place: Place) -> str:
    kind = entry.get("type")
    if type(kind) is str and kind in INPUT_TYPES:
        return kind
    guess = _TYPES_OF_VALUES.get(type(entry.get("default")))
    values = entry.get("enum")
    if guess is None and type(values) is list and values:
        guess = _TYPES_OF_VALUES.get(type(cast("list[object]", values)[0]))
    if kind is None and guess is None and "type" not in entry:
        c.problems.error(
            place, f"the input `{name}` has no `type`", hint="add `type: string`, or another type.", key=True
        )
    return guess or "string"


def _schema(c: Compilation, entry: Entry, kind: str, place: Place) -> dict[str, object]:
    schema = {key: item for key, item in entry.items() if key in SCHEMA_WORDS}
    schema["type"] = INPUT_TYPES[kind]
    if type(entry.get("required")) is list:
        schema["required"] = entry["required"]
    try:
        compile_schema(schema)
    except ValueError as error:
        c.problems.error(place, f"this is no valid JSON Schema: {error}", key=True)
        return {"type": INPUT_TYPES[kind]}
    return schema


def _default(
    c: Compilation, name: str, entry: Entry, kind: str, schema: dict[str, object], place: Place
) -> tuple[bool, object]:
    """Return whether a value must be given, and the one that stands in."""
    asked = entry.get("required")
    if "default" not in entry:
        return asked is not False, None
    default, at = entry["default"], (place, "default")
    if kind == "secret":
        c.problems.error(
            at, f"the secret `{name}` stands in the file", hint="take the default away; give it at the run."
        )
        return True, None
    if asked is True:
        hint = "take `required` or `default` away."
        c.problems.error((place, "required"), f"`{name}` is required and has a default", hint=hint)
    if isinstance(default, str) and is_template(default):
        hint = "a default is a fixed value: compute others in a step."
        c.problems.error(at, "a template in a default is never rendered", hint=hint)
    elif default is not None and type(entry.get("type")) is str:
        for misfit in compile_schema(schema)(default):
            where: Place = at
            for step in misfit.path:
                where = (where, step)
            c.problems.error(where, misfit.message, hint=misfit.hint)
    return False, default
