"""Whether filters, tests, methods and functions exist, and whether they are called with arguments they take.

Asked while parsing, so that a wrong name is found before anything runs.
"""

from collections.abc import Callable, Iterable
from types import FunctionType

from orchestrator.core.suggestion import suggestion
from orchestrator.errors import TemplateError
from orchestrator.expressions.filters import FILTERS, REFUSED_FILTERS
from orchestrator.expressions.functions import FUNCTIONS, REFUSED
from orchestrator.expressions.methods import CHANGING, METHODS
from orchestrator.expressions.predicates import TESTS
from orchestrator.expressions.tree import Arguments, Const

_TAKES_MORE = 0x04
_TAKES_NAMED = 0x08
_NAMING_FILTERS = {"map": 0, "select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}
"""Filters that are given the name of another filter or of a test, and at which place."""


def check_filter(name: str, arguments: Arguments, offset: int) -> None:
    """Raise a `TemplateError` unless there is such a filter and it takes such arguments."""
    function = FILTERS.get(name)
    if function is None:
        hint = REFUSED_FILTERS.get(name) or suggestion(name, FILTERS, kind="there are")
        raise _unknown("filter", name, offset, hint)
    _check_arguments(f"the filter `{name}`", function, arguments, offset, skipped=2)
    if name in _NAMING_FILTERS:
        _check_named(name, arguments, _NAMING_FILTERS[name])


def check_test(name: str, arguments: Arguments, offset: int) -> None:
    """Raise a `TemplateError` unless there is such a test and it takes such arguments."""
    function = TESTS.get(name)
    if function is None:
        raise _unknown("test", name, offset, suggestion(name, TESTS, kind="there are"))
    _check_arguments(f"the test `{name}`", function, arguments, offset, skipped=2)


def check_method(name: str, offset: int) -> None:
    """Raise a `TemplateError` unless some value has such a method."""
    if name in METHODS:
        return
    if name in CHANGING:
        hint = "data cannot be changed; make a new value, as in `items + [x]`."
        raise TemplateError(f"`.{name}()` would change data", offset=offset, length=len(name), hint=hint)
    if name in {"format", "format_map"}:
        raise _unknown("method", name, offset, 'use the filter: `"%s items" | format(n)`.')
    raise _unknown("method", name, offset, suggestion(name, METHODS, kind="there are"))


def check_function(name: str, offset: int) -> None:
    """Raise a `TemplateError` unless there is such a function."""
    if name not in FUNCTIONS:
        raise _unknown(
            "function", name, offset, REFUSED.get(name) or suggestion(name, FUNCTIONS, kind="there are")
        )


def _check_named(name: str, arguments: Arguments, place: int) -> None:
    if len(arguments.positional) <= place:
        return
    node = arguments.positional[place]
    if isinstance(node, Const) and isinstance(node.value, str):
        kind, table = ("filter", FILTERS) if name == "map" else ("test", TESTS)
        if node.value not in table:
            hint = suggestion(node.value, table, kind="there are")
            raise TemplateError(
                f"there is no {kind} `{node.value}`",
                offset=node.offset,
                length=node.end - node.offset,
                hint=hint,
            )


def _unknown(kind: str, name: str, offset: int, hint: str) -> TemplateError:
    return TemplateError(f"there is no {kind} `{name}`", offset=offset, length=len(name), hint=hint)


def _check_arguments(
    what: str, function: Callable[..., object], arguments: Arguments, offset: int, *, skipped: int
) -> None:
    """Compare the arguments with the function's parameters, without the heavy `inspect`."""
    if not isinstance(function, FunctionType):
        return
    code = function.__code__
    parameters = code.co_varnames[skipped : code.co_argcount + code.co_kwonlyargcount]
    most = code.co_argcount - skipped
    least = most - len(function.__defaults__ or ())
    given = len(arguments.positional)
    named = [name for name, _ in arguments.named]
    if given > most and not code.co_flags & _TAKES_MORE:
        raise _misfit(f"{what} takes {_counted(most)}, {given} are given", offset, parameters)
    for name in named:
        if name not in parameters and not code.co_flags & _TAKES_NAMED:
            raise _misfit(f"{what} has no argument `{name}`", offset, parameters)
        if name in parameters[:given]:
            raise _misfit(f"{what} is given `{name}` twice", offset, parameters)
    lacking = [name for name in parameters[given:least] if name not in named]
    if lacking:
        raise _misfit(f"{what} needs `{lacking[0]}`", offset, parameters)


def _counted(most: int) -> str:
    return "no arguments" if most == 0 else "one argument" if most == 1 else f"at most {most} arguments"


def _misfit(message: str, offset: int, parameters: Iterable[str]) -> TemplateError:
    shown = ", ".join(parameters)
    return TemplateError(message, offset=offset, hint=f"its arguments: {shown}." if shown else "")
