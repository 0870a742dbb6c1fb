"""JSON Schema for the values that flow: a quick checker for the common keywords, the full library for the rest.

A schema (draft 2020-12) is read once into closures, one per part that says something; what says nothing costs nothing.
A schema with a keyword, a dialect or a reference beyond the common ones goes to the `jsonschema` library as a whole, so
verdicts never differ in half. Both read values alike: `true` is no number, `1.0` and `Decimal("1")` are integers, a
tuple is a list, `format` is a note. Keywords that start with `x-` are free.
"""

from collections.abc import Mapping
from typing import Protocol

from orchestrator.core.misfit import Misfit as Misfit  # noqa: PLC0414 - handed on


class Validator(Protocol):
    """A compiled schema."""

    def __call__(self, value: object, /) -> list[Misfit]:
        """Return every misfit; an empty list means it fits."""
        ...


def compile_schema(schema: Mapping[str, object]) -> Validator:
    """Return the checker of a schema; raises ValueError, naming the keyword, when the schema itself is wrong."""
    from orchestrator.core.schema_reader import BeyondReach, read_schema

    try:
        check = read_schema(schema)
    except BeyondReach:
        from orchestrator.core.schema_library import LibraryCheck

        return LibraryCheck(schema)
    if check is None:
        return _anything

    def validate(value: object, /) -> list[Misfit]:
        return check(value) or []

    return validate


def _anything(value: object, /) -> list[Misfit]:  # noqa: ARG001
    return []
