"""Limits of a parameter, for `Annotated`."""

from msgspec import Struct


class Limit(Struct, frozen=True, kw_only=True):
    """What a value may be: `Annotated[int, Limit(ge=1)]`.

    Those of annotated-types and of pydantic's `Field` work as well: they are read by the same attributes.
    """

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    """Of text, a list or a mapping."""
    max_length: int | None = None
    pattern: str | None = None
    """A regular expression that is searched in text."""
