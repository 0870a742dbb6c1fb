"""What becomes known about values while the templates of a file are checked in the order of its steps."""

from collections.abc import Callable, Mapping
from typing import cast

from orchestrator.compiler.auto_tags import has_tag
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import Check, Draft, View
from orchestrator.compiler.origin import Place
from orchestrator.compiler.shapes import UNKNOWN, Shape, closed, step_shape
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.template import Template
from orchestrator.errors import TemplateError
from orchestrator.expressions import infer, is_template
from orchestrator.expressions.checker import examine
from orchestrator.expressions.shapes import element_shape, in_words, shape_of, types_of

_SHAPES: Mapping[type, Shape] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
}
_TEXT: Shape = {"type": "string"}


def check_block(c: Compilation, draft: Draft) -> None:
    """Check every template of a block and of the blocks inside it, what is read before what reads it."""
    for index in _order(draft):
        for item in draft.deferred[index]:
            if isinstance(item, Check):
                check_template(c, item)
            elif isinstance(item, Draft):
                check_block(c, item)
            else:
                item()
        draft.deferred[index] = []  # nothing holds on to anything in a circle
        step = draft.steps[index]
        c.shapes[step.id] = step_shape(step, c.shapes, c.own_shapes.get(step.id, UNKNOWN))


def check_template(c: Compilation, item: Check) -> None:
    """Report what is certainly wrong in a template, or with its value at the place where it stands."""
    template, place, names, expected, fields = item
    findings, shape = examine(template, cast("Mapping[str, Shape]", names))
    for message, offset, length, hint in findings:
        c.problems.error_inside(place, message, offset=offset, length=length, hint=hint)
    if fields is not None:
        fields[cast("str", place[1])] = shape  # pyright: ignore[reportGeneralTypeIssues]
    if expected and shape and not findings:
        _check_type(c, place, shape, expected)


def learn_items(
    c: Compilation, view: View, items: Template, item: dict[str, object], place: Place, *, batch: bool
) -> None:
    """Fill in the shape of a loop's item once the list can be judged; report what is no list."""

    def learn() -> None:
        shape = infer(items, cast("Mapping[str, Shape]", view.names))
        kinds = types_of(shape)
        if kinds and not kinds & {"array", "object"}:
            hint = "text can be taken apart with `| split`." if "string" in kinds else ""
            c.problems.error(place, f"`for_each` needs a list, not {in_words(kinds)}", hint=hint)
        elif "array" in kinds and len(kinds) == 1:
            element = element_shape(shape)
            item.update({"type": "array", "items": element} if batch else element)

    view.deferred.append(learn)


def learn_fields(
    c: Compilation, view: View, parameters: Mapping[str, object], fields: dict[str, object]
) -> None:
    """Keep the shapes of a `let`; those of texts with templates come with their checks."""
    c.own_shapes[view.draft.ids[view.at]] = closed(fields)
    for key, value in parameters.items():
        fields[key] = _SHAPES.get(type(value), UNKNOWN)
        if is_mapping(value) or is_list(value):
            view.deferred.append(_later(c, fields, key, value, view.names))


def _later(
    c: Compilation, fields: dict[str, object], key: str, value: object, names: dict[str, object]
) -> Callable[[], None]:
    def learn() -> None:
        fields[key] = value_shape(c, value, names)

    return learn


def learn_value(c: Compilation, view: View, value: object, names: dict[str, object]) -> None:
    """Keep the shape of what a step's `value` says."""
    step = view.draft.ids[view.at]

    def learn() -> None:
        c.own_shapes[step] = value_shape(c, value, names)

    view.deferred.append(learn)


def value_shape(c: Compilation, value: object, names: Mapping[str, object]) -> Shape:
    """Return the shape of a value with templates in it."""
    kind = type(value)
    if kind is str:
        return _text_shape(c, cast("str", value), names)
    if kind is dict:
        fields = cast("dict[str, object]", value)
        return closed({key: value_shape(c, item, names) for key, item in fields.items()})
    return shape_of(value)


def _text_shape(c: Compilation, text: str, names: Mapping[str, object]) -> Shape:
    if has_tag(text):
        return UNKNOWN
    if not is_template(text):
        return _TEXT
    try:
        return infer(c.templates.template(text), cast("Mapping[str, Shape]", names))
    except TemplateError:  # reported where it was read
        return UNKNOWN


def _check_type(c: Compilation, place: Place, shape: Shape, expected: Shape) -> None:
    wanted = types_of(expected)
    if not wanted:
        return
    found = types_of(shape)
    if (
        not found
        or found & wanted
        or ("integer" in found and "number" in wanted)
        or ("number" in found and "integer" in wanted)
    ):
        return
    message = f"{in_words(wanted)} is needed here, but this gives {in_words(found)}"
    c.problems.error(place, message, hint="read another field, or convert it with a filter.")


def _order(draft: Draft) -> range | tuple[int, ...]:
    """Return the steps as written, unless one reads a later one."""
    if any(before > at for at, edges in enumerate(draft.edges) for before in edges):
        return draft.graph.order
    return range(len(draft.steps))
