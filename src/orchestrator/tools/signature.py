"""A function's signature as an action's schema."""

import inspect
import typing
from collections.abc import Callable, Mapping
from typing import cast

from msgspec import Struct

from orchestrator.core.action import ActionContext
from orchestrator.errors import SetupError
from orchestrator.tools.code_place import place_of
from orchestrator.tools.docstring import read_docstring
from orchestrator.tools.misuse import NAMELESS, UNTYPED
from orchestrator.tools.shape import SUPPORTED, AnnotationError, Read, Schema, Shape, shape_of


class Signature(Struct, frozen=True, kw_only=True):
    """What an action takes and gives."""

    description: str
    parameters: Schema
    """JSON Schema of the mapping of parameters."""
    result: Schema
    reads: Mapping[str, Read]
    """How to make the Python values of those parameters that are not plain data."""
    context: str
    """The parameter that receives the context; empty without one."""
    is_async: bool


def read_signature(function: Callable[..., object], *, bound: bool = False) -> Signature:
    """Return the signature of a function; `bound` leaves the first parameter, `self`, out.

    Raises SetupError, naming function and parameter, for what cannot be an action's parameter.
    """
    hints = _hints(function)
    docstring = read_docstring(function.__doc__)
    entries = list(inspect.signature(function).parameters.values())[1 if bound else 0 :]
    context = next((entry.name for entry in entries if _is_context(entry, hints)), "")
    properties: dict[str, object] = {}
    required: list[str] = []
    reads: dict[str, Read] = {}
    others: object = False
    for entry in entries:
        if entry.name == context:
            continue
        shape = _parameter(function, entry, hints)
        if entry.kind is entry.VAR_KEYWORD:
            others = shape.schema or True
            continue
        properties[entry.name] = _described(shape.schema, entry, docstring.arguments.get(entry.name, ""))
        if entry.default is entry.empty:
            required.append(entry.name)
        if shape.read:
            reads[entry.name] = shape.read
    parameters: Schema = {"type": "object", "properties": properties, "additionalProperties": others}
    if required:
        parameters["required"] = required
    return Signature(
        description=docstring.summary,
        parameters=parameters,
        result=_result(function, hints),
        reads=reads,
        context=context,
        is_async=inspect.iscoroutinefunction(function),
    )


def _hints(function: Callable[..., object]) -> Mapping[str, object]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise SetupError(
            f"{place_of(function)}: an annotation names {error.name!r}, which is not defined in its module",
            hint="import it at run time, not only under TYPE_CHECKING.",
        ) from error


def _is_context(entry: inspect.Parameter, hints: Mapping[str, object]) -> bool:
    return entry.name == "ctx" or hints.get(entry.name) is ActionContext


def _parameter(
    function: Callable[..., object], entry: inspect.Parameter, hints: Mapping[str, object]
) -> Shape:
    where = f"{place_of(function)}, parameter `{entry.name}`"
    if entry.kind in (entry.POSITIONAL_ONLY, entry.VAR_POSITIONAL):
        raise SetupError(f"{where}: {NAMELESS[0]}", hint=NAMELESS[1])
    if entry.name not in hints:
        raise SetupError(f"{where}: {UNTYPED[0]}", hint=UNTYPED[1])
    return _checked(hints[entry.name], where)


def _result(function: Callable[..., object], hints: Mapping[str, object]) -> Schema:
    return _checked(hints.get("return", object), f"{place_of(function)}, result").schema


def _checked(annotation: object, where: str) -> Shape:
    try:
        return shape_of(annotation)
    except AnnotationError as error:
        raise SetupError(f"{where}: {error}", hint=f"supported are {SUPPORTED}.") from error


def _described(schema: Schema, entry: inspect.Parameter, meaning: str) -> Schema:
    if meaning:
        schema["description"] = meaning
    default = cast("object", entry.default)
    if type(default) in _PLAIN:
        schema["default"] = default
    return schema


_PLAIN = frozenset({bool, int, float, str, list, dict})
