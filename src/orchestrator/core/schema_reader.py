"""Reads a schema into checks; knows the common schema of draft 2020-12 and refuses malformed ones.

Invariant: for every schema it accepts, its verdict on any JSON value is that of the full library. What it does not know it
gives up with `BeyondReach`, never with a guess.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from orchestrator.core.graph import find_cycle
from orchestrator.core.misfit import Misfit, shown
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.schema_checks import (
    LENGTH_LIMITS,
    NUMBER_LIMITS,
    TYPES,
    Check,
    all_check,
    any_check,
    enum_check,
    guarded_check,
    items_check,
    length_check,
    multiple_check,
    not_check,
    nothing_check,
    number_check,
    object_check,
    one_check,
    pattern_check,
    type_check,
    unique_check,
)
from orchestrator.core.schema_visits import Visits
from orchestrator.core.suggestion import nearest

Place = tuple[str | int, ...]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOTES: dict[str, tuple[type, ...]] = {
    "title": (str,),
    "description": (str,),
    "$comment": (str,),
    "format": (str,),
    "examples": (list, tuple),
    "default": (object,),
    "deprecated": (bool,),
    "readOnly": (bool,),
    "writeOnly": (bool,),
}
_OBJECT = frozenset({"properties", "required", "additionalProperties"})
_ITEMS = frozenset({"items", "prefixItems"})
_CHOICES: dict[str, Callable[[Sequence[Check]], Check]] = {
    "allOf": all_check,
    "anyOf": any_check,
    "oneOf": one_check,
}
_SINGLE = ("enum", "const", "multipleOf", "pattern", "uniqueItems", "not", "$ref")
_COMMON = frozenset({"type", "$defs", "$schema", *_NOTES, *_OBJECT, *_ITEMS, *_CHOICES, *_SINGLE}).union(
    NUMBER_LIMITS, LENGTH_LIMITS
)
_FOREIGN = frozenset({"example", "id", "definitions"})
"""Other dialects' schema that look like ours but are no slips."""


class BeyondReach(Exception):  # noqa: N818 - not an error: the full library takes over
    """The schema uses something that only the full library knows."""


def read_schema(schema: object) -> Check | None:
    """Return the check of a whole schema, None where it accepts everything; raises ValueError and BeyondReach."""
    reader = _Reader(schema)
    check = reader.read(schema, ())
    reader.refuse_circles()
    return reader.visits.bounded(check) if check and reader.refers else check


class _Reader:
    def __init__(self, root: object) -> None:
        self.visits = Visits(each=20)
        self._root = root
        self._targets: dict[str, Check | None] = {}
        self._edges: dict[str, set[str]] = {}
        """Which reference leads to which other one at the same place of the value."""

    def read(self, schema: object, place: Place, *, within: str = "") -> Check | None:
        """Return the check of a schema at a place; `within` names the reference that led here without descending."""
        if isinstance(schema, bool):
            return None if schema else nothing_check
        if not is_mapping(schema):
            raise _wrong(place, f"a schema is a mapping, true or false, not {shown(schema)}")
        for keyword, value in schema.items():
            self._look_at(keyword, value, place)
        checks = list(self._checks(schema, place, within))
        rest = all_check(checks) if checks else None
        if "type" not in schema:
            return rest
        first = type_check(_types(schema["type"], (*place, "type")))
        return guarded_check(first, rest) if rest else first

    @property
    def refers(self) -> bool:
        """Whether there is any reference."""
        return bool(self._targets)

    def refuse_circles(self) -> None:
        """Raise ValueError when references lead back to themselves without descending into the value."""
        names = list(self._edges)
        cycle = find_cycle([[names.index(name) for name in self._edges[each]] for each in names])
        if cycle:
            raise _wrong((), f"the references {' → '.join(names[index] for index in cycle)} go in circles")

    def _look_at(self, keyword: object, value: object, place: Place) -> None:
        if not isinstance(keyword, str):
            raise _wrong(place, f"a keyword is text, not {shown(keyword)}")
        if keyword in _NOTES:
            if not isinstance(value, _NOTES[keyword]):
                raise _wrong((*place, keyword), f"{shown(value)} is not allowed")
        elif keyword == "$defs":
            for name, inner in _mapping(value, (*place, keyword)).items():
                self.read(inner, (*place, keyword, name))
        elif keyword not in _COMMON and not keyword.startswith("x-"):
            _refuse_slip(keyword, place)
            raise BeyondReach(keyword)
        elif keyword == "$schema" and value != _DIALECT:
            raise BeyondReach(keyword)

    def _checks(self, schema: Mapping[str, object], place: Place, within: str) -> Iterator[Check]:
        for keyword in schema:
            check = self._single(keyword, schema[keyword], (*place, keyword), within)
            if check:
                yield check
        if not _OBJECT.isdisjoint(schema):
            yield self._object(schema, place)
        if not _ITEMS.isdisjoint(schema):
            yield self._items(schema, place)

    def _single(self, keyword: str, value: object, place: Place, within: str) -> Check | None:
        if keyword in NUMBER_LIMITS:
            return number_check(keyword, _number(value, place))
        if keyword in LENGTH_LIMITS:
            return length_check(keyword, _count(value, place))
        if keyword in _CHOICES:
            alternatives = [self.read(each, (*place, i), within=within) for i, each in _some(value, place)]
            return _CHOICES[keyword]([each or _anything for each in alternatives])
        match keyword:
            case "enum":
                return enum_check(_list(value, place))
            case "const":
                return enum_check([value])
            case "multipleOf":
                return multiple_check(_positive(value, place))
            case "pattern":
                return pattern_check(_pattern(value, place))
            case "uniqueItems":
                return unique_check() if _flag(value, place) else None
            case "not":
                return not_check(self.read(value, place, within=within))
            case "$ref":
                return self._reference(value, place, within)
            case _:
                return None

    def _object(self, schema: Mapping[str, object], place: Place) -> Check:
        inner = _mapping(schema.get("properties", {}), (*place, "properties"))
        known = {name: self.read(each, (*place, "properties", name)) for name, each in inner.items()}
        required = _names(schema.get("required", []), (*place, "required"))
        extra = schema.get("additionalProperties", True)
        check = self.read(extra, (*place, "additionalProperties"))
        closed = extra is False
        return object_check(known, required, None if closed else check, closed=closed)

    def _items(self, schema: Mapping[str, object], place: Place) -> Check:
        first = _some(schema["prefixItems"], (*place, "prefixItems")) if "prefixItems" in schema else []
        prefix = [self.read(each, (*place, "prefixItems", index)) for index, each in first]
        rest = schema.get("items", True)
        check = self.read(rest, (*place, "items"))
        closed = rest is False
        return items_check(prefix, None if closed else check, closed=closed)

    def _reference(self, value: object, place: Place, within: str) -> Check:
        target = _text(value, place)
        if target != "#" and (not target.startswith("#/$defs/") or target.count("/") != 2 or "%" in target):
            raise BeyondReach(target)
        self._edges.setdefault(target, set())
        if within:
            self._edges[within].add(target)
        if target not in self._targets:
            self._targets[target] = None
            self._targets[target] = self.read(self._find(target, place), (target,), within=target)
        targets, spend = self._targets, self.visits.spend

        def check(found: object) -> list[Misfit] | None:
            spend()
            each = targets[target]
            return each and each(found)

        return check

    def _find(self, target: str, place: Place) -> object:
        if target == "#":
            return self._root
        name = target.removeprefix("#/$defs/").replace("~1", "/").replace("~0", "~")
        definitions = _mapping(_mapping(self._root, ()).get("$defs", {}), ("$defs",))
        if name in definitions:
            return definitions[name]
        near = nearest(name, definitions)
        raise _wrong(place, f"there is no {target}" + (f"; did you mean #/$defs/{near}?" if near else ""))


def _anything(value: object) -> list[Misfit] | None:  # noqa: ARG001
    return None


def _wrong(place: Place, what: str) -> ValueError:
    where = ".".join(str(part) for part in place)
    return ValueError(f"the schema is wrong at {where}: {what}" if where else f"the schema is wrong: {what}")


def _refuse_slip(keyword: str, place: Place) -> None:
    near = nearest(keyword, _COMMON, cutoff=0.8)
    if near and keyword not in _FOREIGN and not keyword.startswith("$"):
        raise _wrong((*place, keyword), f"there is no such keyword; did you mean {near}?")


def _types(value: object, place: Place) -> list[str]:
    names = [value] if isinstance(value, str) else _names(value, place)
    if not names:
        raise _wrong(place, "at least one type is needed")
    for name in names:
        if name not in TYPES:
            near = nearest(name, TYPES)
            advice = f"did you mean {near}?" if near else f"there are {', '.join(TYPES)}"
            raise _wrong(place, f"{shown(name)} is no type; {advice}")
    return names


def _names(value: object, place: Place) -> list[str]:
    names = [_text(name, place) for name in _list(value, place)]
    if len(set(names)) < len(names):
        raise _wrong(place, "a name stands twice")
    return names


def _mapping(value: object, place: Place) -> Mapping[str, object]:
    if not is_mapping(value):
        raise _wrong(place, f"expected a mapping, not {shown(value)}")
    return {_text(name, place): inner for name, inner in value.items()}


def _list(value: object, place: Place) -> list[object]:
    if not is_list(value):
        raise _wrong(place, f"expected a list, not {shown(value)}")
    return list(value)


def _some(value: object, place: Place) -> list[tuple[int, object]]:
    items = list(enumerate(_list(value, place)))
    if not items:
        raise _wrong(place, "expected at least one schema")
    return items


def _text(value: object, place: Place) -> str:
    if not isinstance(value, str):
        raise _wrong(place, f"expected text, not {shown(value)}")
    return value


def _flag(value: object, place: Place) -> bool:
    if not isinstance(value, bool):
        raise _wrong(place, f"expected true or false, not {shown(value)}")
    return value


def _number(value: object, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(place, f"expected a number, not {shown(value)}")
    return value


def _positive(value: object, place: Place) -> float:
    number = _number(value, place)
    if number <= 0:
        raise _wrong(place, f"expected a number above 0, not {shown(value)}")
    return number


def _count(value: object, place: Place) -> int:
    number = _number(value, place)
    if number < 0 or number != int(number):
        raise _wrong(place, f"expected a count from 0 on, not {shown(value)}")
    return int(number)


def _pattern(value: object, place: Place) -> str:
    from orchestrator.core.backtracking import fault_of

    pattern = _text(value, place)
    fault = fault_of(pattern)
    if fault:
        raise _wrong(place, fault)
    return pattern
