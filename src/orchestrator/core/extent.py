"""How much a value is when it is written out: what several places share counts in each of them.

In memory a list of a million references to one list is small; in a journal, in JSON and on a page it is not.
"""

from collections.abc import Mapping
from typing import cast

MAX_PARTS = 5_000_000
MAX_CHARACTERS = 100_000_000

_ATOMS = frozenset((int, float, bool, type(None)))
_CONTAINERS = frozenset((dict, list, tuple))


def excess(value: object) -> str:
    """Return what a value has too much of to be written out, nothing when it may be; stops where that is clear."""
    parts = characters = 0
    level: list[object] = [value]
    while level:
        below: list[object] = []
        for item in level:
            kind = type(item)
            if kind in _ATOMS:
                continue
            if isinstance(item, str):
                characters += len(item)
                continue
            if kind not in _CONTAINERS and not isinstance(item, (Mapping, list, tuple)):
                continue
            if isinstance(item, Mapping):
                held = cast("Mapping[object, object]", item)
                characters += sum([len(key) for key in held if type(key) is str])
                below += held.values()
            else:
                below += cast("list[object]", item)
            if parts + len(below) > MAX_PARTS:
                return f"more than {MAX_PARTS:,} parts"
        if characters > MAX_CHARACTERS:
            return f"more than {MAX_CHARACTERS:,} characters"
        parts += len(below)
        level = below
    return ""
