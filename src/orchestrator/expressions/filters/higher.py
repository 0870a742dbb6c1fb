"""Filters that apply another filter or a test to each element, and `default`."""

# ruff: noqa: ARG001 - every filter takes the frame, whether it needs it or not
# ruff: noqa: FBT001, FBT002 - arguments stand in Jinja2's own order
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping, Sequence

from orchestrator.core.suggestion import suggestion
from orchestrator.core.undefined import Undefined
from orchestrator.expressions.filters.date import DATE_FILTERS
from orchestrator.expressions.filters.json import JSON_FILTERS
from orchestrator.expressions.filters.number import NUMBER_FILTERS
from orchestrator.expressions.filters.pattern import PATTERN_FILTERS
from orchestrator.expressions.filters.sequence import SEQUENCE_FILTERS, getter
from orchestrator.expressions.filters.text import TEXT_FILTERS
from orchestrator.expressions.frame import Frame
from orchestrator.expressions.predicates import TESTS
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import ABSENT, defined, elements_of, truth, usable

PLAIN_FILTERS: Mapping[str, Callable[..., object]] = {
    **TEXT_FILTERS, **SEQUENCE_FILTERS, **NUMBER_FILTERS, **JSON_FILTERS, **PATTERN_FILTERS, **DATE_FILTERS,
}  # fmt: skip


def default(frame: Frame, value: object, default_value: object = "", boolean: bool = False) -> object:
    """Give another value when there is none, or with `boolean` also when it is false or empty."""
    if isinstance(value, Undefined):
        return default_value
    return default_value if truth(boolean) and not truth(value) else value


def map_each(frame: Frame, value: object, *args: object, **kwargs: object) -> list[object]:
    """Apply a filter to each element, or take one key of each: `map("upper")`, `map(attribute="name")`."""
    if not args and "attribute" in kwargs:
        change = _key_reader(dict(kwargs))
    elif args:
        change = _filter_named(frame, args, kwargs)
    else:
        raise Refused("`map` needs the name of a filter, or `attribute=`")
    items = _elements(value)
    frame.spend(len(items))
    frame.element_room(len(items))
    return [defined(change(item)) for item in items]


def select(frame: Frame, value: object, *args: object, **kwargs: object) -> list[object]:
    """Keep the elements for which a test holds, or which are true."""
    return _chosen(frame, value, args, kwargs, wanted=True)


def reject(frame: Frame, value: object, *args: object, **kwargs: object) -> list[object]:
    """Drop the elements for which a test holds, or which are true."""
    return _chosen(frame, value, args, kwargs, wanted=False)


def select_by(
    frame: Frame, value: object, attribute: str | int, *args: object, **kwargs: object
) -> list[object]:
    """Keep the elements for one key of which a test holds, or which is true."""
    return _chosen(frame, value, args, kwargs, wanted=True, read=getter(attribute))


def reject_by(
    frame: Frame, value: object, attribute: str | int, *args: object, **kwargs: object
) -> list[object]:
    """Drop the elements for one key of which a test holds, or which is true."""
    return _chosen(frame, value, args, kwargs, wanted=False, read=getter(attribute))


HIGHER_FILTERS: Mapping[str, Callable[..., object]] = {
    "d": default, "default": default, "map": map_each, "select": select, "reject": reject,
    "selectattr": select_by, "rejectattr": reject_by,
}  # fmt: skip


def _elements(value: object) -> Sequence[object]:
    """Return the elements; null, false, zero and the like have none, as in Jinja2."""
    return elements_of(value) if truth(value) else ()


def _key_reader(arguments: dict[str, object]) -> Callable[[object], object]:
    attribute = arguments.pop("attribute")
    fallback = arguments.pop("default", None)
    if arguments:
        raise Refused(f"`map` has no argument `{next(iter(arguments))}`")
    if not isinstance(attribute, (str, int)):
        raise Refused("`attribute` is a key, or keys joined by dots")
    return getter(attribute, default=ABSENT if fallback is None else fallback)


def _filter_named(
    frame: Frame, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Callable[[object], object]:
    name, *rest = args
    function = PLAIN_FILTERS.get(name) or HIGHER_FILTERS.get(name) if isinstance(name, str) else None
    if function is None:
        raise Refused(
            f"there is no filter {name!r}", suggestion(str(name), (*PLAIN_FILTERS, *HIGHER_FILTERS))
        )
    if name in {"d", "default"}:
        return lambda item: function(frame, item, *rest, **kwargs)
    return lambda item: function(frame, usable(item), *rest, **kwargs)


def _chosen(
    frame: Frame,
    value: object,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    *,
    wanted: bool,
    read: Callable[[object], object] | None = None,
) -> list[object]:
    items = _elements(value)
    frame.spend(len(items))
    holds = _test_named(frame, args, kwargs)
    return [item for item in items if holds(read(item) if read else item) is wanted]


def _test_named(
    frame: Frame, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Callable[[object], bool]:
    if not args:
        return truth
    name, *rest = args
    function = TESTS.get(name) if isinstance(name, str) else None
    if function is None:
        raise Refused(f"there is no test {name!r}", suggestion(str(name), TESTS, kind="there are"))
    if name in {"defined", "undefined"}:
        return lambda item: isinstance(item, Undefined) is (name == "undefined")
    return lambda item: truth(function(frame, usable(item), *rest, **kwargs))
