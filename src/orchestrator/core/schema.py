"""JSON Schema for the values that flow: a quick checker for the common keywords, the full library for the rest."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Misfit(NamedTuple):
    """One place where a value does not fit its schema."""

    path: tuple[str | int, ...]
    """Where in the value."""
    message: str
    """What is wrong, in words that name the value and what is allowed."""
    hint: str = ""


class Validator(Protocol):
    """A compiled schema."""

    def __call__(self, value: object, /) -> list[Misfit]:
        """Return every misfit; an empty list means it fits."""
        ...


def compile_schema(schema: Mapping[str, object]) -> Validator:
    """Return the checker of a schema; raises ValueError, naming the keyword, when the schema itself is wrong."""
    raise NotImplementedError
