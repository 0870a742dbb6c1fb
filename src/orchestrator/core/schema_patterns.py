"""Keeps the regular expressions and references of a schema that the full library reads within their bounds.

The library searches with whatever pattern it meets, and follows whatever reference. So references are counted, every pattern
is weighed when the schema is read, and those that only a reference into data reaches are weighed when they are met; texts and
names too long for a pattern are misfits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from jsonschema.exceptions import ValidationError

from orchestrator.core.backtracking import cost_of, fault_of
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.schema_checks import too_long

Keyword = Callable[[object, object, object, Mapping[str, object]], Iterator[ValidationError]]
Place = tuple[str | int, ...]

_OF_SCHEMAS = frozenset(
    ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
)
_OF_DATA = frozenset(("const", "enum", "default", "examples"))
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_OF_NAMES = ("patternProperties", "additionalProperties", "unevaluatedProperties")


def faulty_patterns(schema: object, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Find the patterns of a schema that are not accepted: each with its place and what is wrong."""
    if is_list(schema):
        for index, each in enumerate(schema):
            yield from faulty_patterns(each, (*place, index))
    elif is_mapping(schema):
        for keyword, value in schema.items():
            yield from _faults(keyword, value, (*place, keyword))


def guarded(keywords: Mapping[str, Keyword]) -> dict[str, Keyword]:
    """Return the keywords that search, each of which first looks at what it would search in."""
    found = {name: _guarded_names(keywords[name]) for name in _OF_NAMES if name in keywords}
    return {**found, "pattern": _guarded_text(keywords["pattern"])}


def counted_references(keywords: Mapping[str, Keyword], spend: Callable[[], None]) -> dict[str, Keyword]:
    """Return the keywords that refer, each of which is counted first."""
    return {name: _counted(keywords[name], spend) for name in _REFERENCES if name in keywords}


def _faults(keyword: str, value: object, place: Place) -> Iterator[tuple[Place, str]]:
    if keyword == "pattern":
        yield from _fault(place, value)
    elif keyword in _OF_SCHEMAS and is_mapping(value):
        for name, each in value.items():
            if keyword == "patternProperties":
                yield from _fault((*place, name), name)
            yield from faulty_patterns(each, (*place, name))
    elif keyword not in _OF_DATA:
        yield from faulty_patterns(value, place)


def _fault(place: Place, pattern: object) -> Iterator[tuple[Place, str]]:
    fault = fault_of(pattern) if isinstance(pattern, str) else ""
    if fault:
        yield place, fault


def _counted(follow: Keyword, spend: Callable[[], None]) -> Keyword:
    def check(
        library: object, reference: object, value: object, schema: Mapping[str, object]
    ) -> Iterator[ValidationError]:
        spend()
        yield from follow(library, reference, value, schema) or ()

    return check


def _guarded_text(search: Keyword) -> Keyword:
    def check(
        library: object, pattern: object, value: object, schema: Mapping[str, object]
    ) -> Iterator[ValidationError]:
        obstacle = _obstacle(str(pattern), [value]) if isinstance(value, str) else ""
        if obstacle:
            yield ValidationError(obstacle)
        else:
            yield from search(library, pattern, value, schema) or ()

    return check


def _guarded_names(search: Keyword) -> Keyword:
    def check(
        library: object, given: object, value: object, schema: Mapping[str, object]
    ) -> Iterator[ValidationError]:
        patterns = schema.get("patternProperties")
        names = [name for name in value if isinstance(name, str)] if is_mapping(value) else []  # pyright: ignore[reportUnnecessaryIsInstance]
        for pattern in patterns if is_mapping(patterns) else ():
            obstacle = _obstacle(pattern, names)
            if obstacle:
                yield ValidationError(obstacle)
                return
        yield from search(library, given, value, schema) or ()

    return check


def _obstacle(pattern: str, texts: Sequence[str]) -> str:
    fault, longest = _weighed(pattern)
    length = max(map(len, texts), default=0)
    return fault or (too_long(length, pattern, longest) if length > longest else "")


@lru_cache(maxsize=256)
def _weighed(pattern: str) -> tuple[str, int]:
    fault = fault_of(pattern)
    return fault, 0 if fault else cost_of(pattern).longest_text()
