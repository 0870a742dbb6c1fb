"""What templates may use, from the tables that they are checked with."""

import inspect
from collections.abc import Callable, Mapping

from docs.reference.markdown import code_list, first_sentence, table
from orchestrator.expressions.filters import FILTERS, REFUSED_FILTERS
from orchestrator.expressions.functions import FUNCTIONS
from orchestrator.expressions.loops import LOOP_FIELDS
from orchestrator.expressions.methods import METHODS
from orchestrator.expressions.predicates import TESTS

_KINDS = {"str": "text", "Mapping": "mapping", "Loop": "`loop`"}
_AS_WRITTEN = {"None": "null", "True": "true", "False": "false"}
_PLAIN = (str, int, float, bool, tuple, type(None))
_STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def filters() -> str:
    """Return every filter."""
    return _callables(FILTERS, skipped=2)


def template_tests() -> str:
    """Return every test behind `is`."""
    return _callables(TESTS, skipped=2)


def functions() -> str:
    """Return every function."""
    return _callables(FUNCTIONS, skipped=1)


def refused_filters() -> str:
    """Return the filters of Jinja2 that are not part of the language, with what to do instead."""
    return table(
        ("not there", "instead"), [(f"`{name}`", meaning) for name, meaning in REFUSED_FILTERS.items()]
    )


def methods() -> str:
    """Return every method by the kind of value that has it."""
    kinds: dict[str, list[str]] = {}
    for name, homes in METHODS.items():
        for kind in homes:
            kinds.setdefault(_KINDS.get(kind.__name__, kind.__name__), []).append(name)
    return table(("value", "methods"), [(kind, code_list(sorted(names))) for kind, names in kinds.items()])


def loop_fields() -> str:
    """Return the fields of `loop`."""
    return f"{code_list(f'loop.{name}' for name in LOOP_FIELDS)}."


def _callables(known: Mapping[str, Callable[..., object]], *, skipped: int) -> str:
    names: dict[Callable[..., object], list[str]] = {}
    for name, function in known.items():
        names.setdefault(function, []).append(name)
    rows = [
        (code_list(sorted(called)), _arguments(function, skipped), first_sentence(function))
        for function, called in sorted(names.items(), key=lambda entry: min(entry[1]))
    ]
    return table(("name", "arguments", "what it does"), rows)


def _arguments(function: Callable[..., object], skipped: int) -> str:
    parameters = list(inspect.signature(function).parameters.values())[skipped:]
    return code_list(_argument(parameter) for parameter in parameters) or "–"


def _argument(parameter: inspect.Parameter) -> str:
    name = f"{_STARS.get(parameter.kind, '')}{parameter.name}"
    value: object = parameter.default
    if value is inspect.Parameter.empty:
        return name
    written = repr(value) if type(value) in _PLAIN else "…"
    return f"{name}={_AS_WRITTEN.get(written, written)}"
