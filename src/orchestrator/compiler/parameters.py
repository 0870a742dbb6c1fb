"""Literal parameters against the JSON Schema of their action; what a template gives is checked when it is rendered."""

from collections.abc import Mapping
from typing import cast

from orchestrator.compiler.auto_tags import is_computed
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.origin import Place
from orchestrator.compiler.schema import STEP
from orchestrator.core.misfit import joined
from orchestrator.core.plain import is_mapping
from orchestrator.core.schema_checks import not_misspelt
from orchestrator.core.template import Literal, Template

Schema = Mapping[str, object]
_PLAIN = frozenset(("type", "properties", "required", "additionalProperties", "title", "description"))
"""Keywords of schemas that can be checked parameter by parameter."""
_NAMING = frozenset(("id", "name", "description", "action", "with", "steps"))
"""Keys of steps that say nothing about how an action is done."""
_NO_SCHEMAS: Mapping[str, Schema] = {}


def expected_of(schema: Schema) -> Mapping[str, Schema]:
    """Return the schema of each property."""
    found = schema.get("properties")
    return cast("Mapping[str, Schema]", found) if is_mapping(found) else _NO_SCHEMAS


def check_parameters(
    c: Compilation,
    name: str,
    schema: Schema,
    parameters: Mapping[str, object],
    template: Template,
    place: Place,
) -> None:
    """Report literal parameters that do not fit, and those that are missing or unknown."""
    if not schema:
        return
    if misplaced := _of_the_step(c, schema, parameters):
        for key in misplaced:
            hint = f"`{key}` is a key of the step: write it beside `action`."
            c.problems.error((place, key), f"unknown parameter `{key}`", hint=hint, key=True)
        parameters = {key: value for key, value in parameters.items() if key not in misplaced}
    if type(template) is not Literal or (
        _PLAIN.issuperset(schema) and not _fits(c, name, schema, parameters)
    ):
        _check_mapping(c, name, schema, parameters, place)
    else:
        _report_misfits(c, name, schema, parameters, place)


def _of_the_step(c: Compilation, schema: Schema, parameters: Mapping[str, object]) -> list[str]:
    """Return the parameters that the action does not have, but steps do."""
    properties = expected_of(schema)
    if schema.get("additionalProperties") is not False or parameters.keys() <= properties.keys():
        return []
    strange = [key for key in parameters if key in STEP and key not in properties and key not in _NAMING]
    return [key for key in strange if not c.problems.near(key, properties)]


def _fits(c: Compilation, key: str, schema: Schema, parameters: Mapping[str, object]) -> bool:
    try:
        return not c.validator(key, schema)(parameters)
    except ValueError:
        return True  # a fault of the schema, which the check as a whole reports


def _check_mapping(
    c: Compilation, key: str, schema: Schema, value: Mapping[str, object], place: Place
) -> None:
    """Check a mapping that holds templates somewhere, piece by piece."""
    properties = expected_of(schema)
    others = schema.get("additionalProperties")
    closed = others is False and "patternProperties" not in schema
    absent = [name for name in cast("list[str]", schema.get("required", ())) if name not in value]
    if absent and closed:
        absent = not_misspelt(absent, [name for name in value if name not in properties])
    for name in absent:
        c.problems.error(place, f"the parameter `{name}` is missing", hint=f"add `{name}: …`.")
    for name, item in value.items():
        found = properties.get(name)
        if found is not None:
            _check_value(c, f"{key}.{name}", found, item, (place, name))
        elif is_mapping(others):
            _check_value(c, f"{key}.*", others, item, (place, name))
        elif closed:
            hint = _hint_of_unknown(c, name, properties)
            c.problems.error((place, name), f"unknown parameter `{name}`", hint=hint, key=True)


def _hint_of_unknown(c: Compilation, name: str, properties: Mapping[str, Schema]) -> str:
    if near := c.problems.near(name, properties):
        return f"did you mean `{near}`?"
    return (
        f"it takes {joined([f'`{known}`' for known in properties], last='and')}."
        if properties
        else "it takes nothing."
    )


def _check_value(c: Compilation, key: str, schema: Schema, value: object, place: Place) -> None:
    if not is_mapping(schema) or not schema:
        return
    kind = type(value)
    if not _holds_template(value):
        _report_misfits(c, key, schema, value, place)
    elif kind is dict and schema.get("type") == "object":
        _check_mapping(c, key, schema, cast("Mapping[str, object]", value), place)
    elif kind is list and schema.get("type") == "array":
        items = schema.get("items")
        if is_mapping(items):
            for index, item in enumerate(cast("list[object]", value)):
                _check_value(c, f"{key}[]", items, item, (place, index))
    elif kind is not str and schema.get("type") in (
        "string",
        "integer",
        "number",
        "boolean",
        "array",
        "object",
    ):
        _report_misfits(c, f"{key}?", {"type": schema["type"]}, value, place)


def _report_misfits(c: Compilation, key: str, schema: Schema, value: object, place: Place) -> None:
    try:
        validator = c.validator(key, schema)
    except ValueError as error:
        c.problems.error(
            place, f"the schema of `{key}` is wrong: {error}", hint="this is a fault of the tool."
        )
        return
    for misfit in validator(value):
        where = place
        for step in misfit.path:
            where = (where, step)
        c.problems.error(where, misfit.message, hint=misfit.hint, key=_is_unknown(schema, misfit.path))


def _is_unknown(schema: Schema, path: tuple[str | int, ...]) -> bool:
    """Tell whether a path ends in a key that the schema does not name."""
    for step in path:
        if type(step) is int:
            inner = schema.get("items")
        else:
            properties = expected_of(schema)
            if properties and step not in properties:
                return True
            inner = properties.get(str(step))
        if not is_mapping(inner):
            return False
        schema = inner
    return False


def _holds_template(value: object) -> bool:
    kind = type(value)
    if kind is str:
        return is_computed(cast("str", value))
    if kind is dict:
        return any(_holds_template(item) for item in cast("dict[str, object]", value).values())
    if kind is list:
        return any(_holds_template(item) for item in cast("list[object]", value))
    return False
