"""The containers of plain data; each question also tells the type checker what is inside."""

from collections.abc import Mapping, Sequence
from typing import TypeGuard

_MAPPINGS = (dict, Mapping)  # `dict` first: it is quick to recognise
_LISTS = (list, tuple)


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Return whether a value counts as a JSON object; its keys are taken to be text."""
    return isinstance(value, _MAPPINGS)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Return whether a value counts as a JSON array; text does not."""
    return isinstance(value, _LISTS)
