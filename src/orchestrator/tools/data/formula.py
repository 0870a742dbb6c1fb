"""Expressions of the pipeline language, evaluated once per row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from orchestrator.core.template import Template
from orchestrator.errors import ActionError, TemplateError
from orchestrator.expressions import compile_expression

Value = TypeVar("Value")


def each_true(text: str, rows: Sequence[Mapping[str, object]], *, what: str) -> Iterator[bool]:
    """Give the truth of an expression over `row` and `index` (from 0) for each row."""
    return _each(text, rows, what, lambda template, names: template.test(names))


def each_value(text: str, rows: Sequence[Mapping[str, object]], *, what: str) -> Iterator[object]:
    """Give the value of an expression over `row` and `index` (from 0) for each row."""
    return _each(text, rows, what, lambda template, names: template.render(names))


def _each(
    text: str,
    rows: Sequence[Mapping[str, object]],
    what: str,
    evaluate: Callable[[Template, Mapping[str, object]], Value],
) -> Iterator[Value]:
    template = _compiled(text, what)
    for index, row in enumerate(rows):
        try:
            yield evaluate(template, {"row": row, "index": index})
        except TemplateError as error:
            raise ActionError(
                f"`{what}` ({text}) cannot be evaluated for row {index}: {error}", error_class="template"
            ) from error


def _compiled(text: str, what: str) -> Template:
    try:
        return compile_expression(text)
    except TemplateError as error:
        raise ActionError(
            f"`{what}` is no expression: {error} (at character {error.offset + 1} of {text!r})",
            error_class="invalid_request",
        ) from error
