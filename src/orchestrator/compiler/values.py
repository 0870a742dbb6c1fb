"""Values with templates in them: compiled, their references resolved, and put down for the later checks."""

from collections.abc import Mapping
from typing import cast

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import Check, View
from orchestrator.compiler.open_values import leave_open
from orchestrator.compiler.origin import Place
from orchestrator.compiler.references import resolve
from orchestrator.core.template import Compound, Literal, Template
from orchestrator.errors import TemplateError

Schema = Mapping[str, object]
NOTHING = Literal(None)


def compile_value(c: Compilation, value: object, place: Place, view: View) -> Template:
    """Return a value as a template; texts, mappings and lists may hold templates at any depth."""
    kind = type(value)
    if kind is str:
        return compile_text_value(c, cast("str", value), place, view)
    if kind is dict:
        return _mapping(c, cast("dict[object, object]", value), place, view)
    if kind is list or kind is tuple:
        items = cast("list[object]", value)
        parts = [compile_value(c, item, (place, index), view) for index, item in enumerate(items)]
        if all(type(part) is Literal for part in parts):
            return Literal([cast("Literal", part).value for part in parts])
        return Compound(parts)
    if isinstance(value, Mapping):
        return _mapping(c, dict(cast("Mapping[object, object]", value)), place, view)
    return Literal(value)


def compile_mapping(
    c: Compilation,
    value: dict[str, object],
    place: Place,
    view: View,
    expected: Mapping[str, Schema],
    fields: dict[str, object] | None = None,
) -> Template:
    """Return a mapping of parameters as a template.

    `expected` holds the schema of each; `fields` takes the shapes of what their templates give.
    """
    parts: dict[str, Template] = {}
    fixed = True
    for key, item in value.items():
        if type(item) is str:
            part = compile_text_value(c, item, (place, key), view, expected.get(key), fields)
        else:
            part = compile_value(c, item, (place, key), view)
        fixed = fixed and type(part) is Literal
        parts[key] = part
    if fixed:
        return Literal({key: cast("Literal", part).value for key, part in parts.items()})
    return Compound(parts)


def compile_text_value(
    c: Compilation,
    text: str,
    place: Place,
    view: View,
    expected: Schema | None = None,
    fields: dict[str, object] | None = None,
) -> Template:
    """Return a text as a template; `expected` is the schema of what is needed there."""
    if "<AUTO" in text:
        left_open = leave_open(c, text, place, view, expected)
        if left_open is None:
            return NOTHING
        text = left_open
    if "{" not in text or ("{{" not in text and "{%" not in text and "{#" not in text):
        return Literal(text)
    try:
        template = c.templates.template(text)
    except TemplateError as error:
        return refuse(c, error, place)
    return use(c, template, place, view, expected, fields)


def compile_condition(c: Compilation, value: object, place: Place, view: View) -> Template:
    """Return a condition, list or choice: an expression, bare or as one whole `{{ … }}`."""
    if type(value) is not str:
        return compile_value(c, value, place, view)
    if not value.strip():
        c.problems.error(place, "an expression is missing here", hint="write one such as `inputs.count > 3`.")
        return NOTHING
    if "<AUTO" in value:
        left_open = leave_open(c, value, place, view)
        if left_open is None:
            return NOTHING
        value = left_open
    try:
        template = c.templates.expression(value)
    except TemplateError as error:
        return refuse(c, error, place)
    return use(c, template, place, view)


def use(
    c: Compilation,
    template: Template,
    place: Place,
    view: View,
    expected: Schema | None = None,
    fields: dict[str, object] | None = None,
) -> Template:
    """Resolve what a template reads, and put it down for its check."""
    for reference in template.references:
        resolve(c, reference, place, view)
    view.deferred.append(Check(template, place, view.names, expected, fields))
    return template


def refuse(c: Compilation, error: TemplateError, place: Place) -> Template:
    """Report a template that cannot be read."""
    c.problems.error_inside(place, error.message, offset=error.offset, length=error.length, hint=error.hint)
    return NOTHING


def _mapping(c: Compilation, value: dict[object, object], place: Place, view: View) -> Template:
    parts: dict[str, Template] = {}
    fixed = True
    for key, item in value.items():
        if type(key) is not str:
            hint = f'write it in quotes: "{key}".'
            c.problems.error((place, key), f"the key {key!r} must be a text here", hint=hint, key=True)
        part = compile_value(c, item, (place, key), view)
        fixed = fixed and type(part) is Literal
        parts[cast("str", key)] = part
    if fixed:
        return Literal({key: cast("Literal", part).value for key, part in parts.items()})
    return Compound(parts)
