"""How many references one check of a value may follow.

A schema of a few lines can refer to its definitions so that the visits double with each of them, or with each level of the
value: they are counted, because nothing else would end them. Large values may have more of them than small ones.
"""

from collections.abc import Callable

from orchestrator.core.misfit import Misfit
from orchestrator.core.plain import is_list, is_mapping

_FREE = 2_000
"""What any value may follow; the parts of one that needs more are counted."""


class TooManyVisits(Exception):  # noqa: N818 - not an error: the check ends with a misfit
    """A value made a schema follow more references than one check may."""


class Visits:
    """The references that the check of one value may still follow: some for each of its parts."""

    __slots__ = ("_each", "_left", "_most", "_value")

    def __init__(self, *, each: int) -> None:
        self._each = each
        self._most = self._left = _FREE
        self._value: object = None

    def spend(self) -> None:
        """Count a reference; raises TooManyVisits."""
        self._left -= 1
        if self._left < 0:
            self._grant()

    def bounded(self, check: Callable[[object], list[Misfit] | None]) -> Callable[[object], list[Misfit]]:
        """Return a check that has all visits for each value, and ends with a misfit when they are spent."""

        def within(value: object, /) -> list[Misfit]:
            self._most = self._left = _FREE
            self._value = value
            try:
                return check(value) or []
            except TooManyVisits:
                message = (
                    f"the schema refers to itself too often for this value: more than {self._most:,} times"
                )
                return [Misfit((), message, "refer to each definition once where several say the same.")]
            finally:
                self._value = None

        return within

    def _grant(self) -> None:
        if self._most > _FREE:
            raise TooManyVisits
        self._left = self._each * _parts(self._value)
        self._most += self._left


def _parts(value: object) -> int:
    parts = 0
    level = [value]
    while level:
        parts += len(level)
        below: list[object] = []
        for item in level:
            if is_mapping(item):
                below += item.values()
            elif is_list(item):
                below += item
        level = below
    return parts
