"""Values as documents for machines hold them: whole where they are of a usual size, cut with a marker where they are huge."""

from orchestrator.core.misfit import counted
from orchestrator.core.plain import is_list, is_mapping

MAX_CHARACTERS = 20_000
"""Characters of one task's value in a result document."""


def bounded(value: object, limit: int = MAX_CHARACTERS) -> tuple[object, bool]:
    """Return a plain value cut to about so many characters, and whether anything is missing.

    What is cut says so where it was cut: a text ends in `… (60 more characters)`, a list in `… (97 more items)`.
    """
    cut = _Cut(limit)
    return cut.value(value), cut.happened


class _Cut:
    def __init__(self, left: int) -> None:
        self._left = left
        self.happened = False

    def value(self, value: object) -> object:
        if isinstance(value, str):
            return self._text(value)
        if is_mapping(value):
            found: dict[str, object] = {}
            for key, item in value.items():
                if self._left <= 0:
                    return found | {"…": self._missing(len(value) - len(found), "item")}
                self._left -= len(key)
                found[key] = self.value(item)
            return found
        if is_list(value):
            items: list[object] = []
            for item in value:
                if self._left <= 0:
                    return [*items, self._missing(len(value) - len(items), "item")]
                items.append(self.value(item))
            return items
        self._left -= 4  # numbers, truth and nothing are short, and count all the same
        return value

    def _text(self, text: str) -> str:
        room, self._left = max(0, self._left), self._left - len(text) - 2
        if len(text) <= room:
            return text
        return text[:room] + self._missing(len(text) - room, "character")

    def _missing(self, number: int, noun: str) -> str:
        self.happened = True
        return f"… ({counted(number, f'more {noun}')})"
