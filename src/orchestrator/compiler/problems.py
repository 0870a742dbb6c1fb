"""The collection of everything wrong and doubtful that one compilation finds."""

from collections.abc import Collection

from orchestrator.compiler.origin import Origin, Place
from orchestrator.core.suggestion import nearest
from orchestrator.errors import CompileError, Location, Problem

MAX_PROBLEMS = 500
"""Errors, and warnings, of one compilation that are shown; each costs a look at its line, and nobody reads more."""

_MAX_COMPARED = 200_000
"""Names of one compilation that misspelt ones are compared with; about a second."""

_MAX_INSIDE = 50
"""Errors of one text that are shown: each is looked for from the text's beginning."""


class Problems:
    """Errors and warnings in the order found; sorted by place when they are shown."""

    __slots__ = ("_compared", "_counts", "_errors", "_inside", "_more", "_origin", "_warnings")

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._compared = 0
        self._counts: dict[Place, int] = {}
        self._more = 0
        self._inside: set[tuple[Place, int]] = set()
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []

    def error(self, place: Place, message: str, *, hint: str = "", key: bool = False) -> None:
        """Add what must be repaired; `key` points at the place's key instead of its value."""
        if self._has_room():
            self._errors.append(self._problem(place, message, hint, self._origin.location(place, key=key)))

    def error_inside(self, place: Place, message: str, *, offset: int, length: int, hint: str = "") -> None:
        """Add an error within the text of a scalar."""
        if (place, offset) in self._inside or not self._has_room():
            return  # whoever looked first knew most
        self._inside.add((place, offset))
        count = self._counts[place] = self._counts.get(place, 0) + 1
        if count > _MAX_INSIDE:
            return
        location = self._origin.location_inside(place, offset, length)
        self._errors.append(self._problem(place, message, hint, location))

    def warning(self, place: Place, message: str, *, hint: str = "", key: bool = False) -> None:
        """Add what is doubtful."""
        if len(self._warnings) < MAX_PROBLEMS:
            self._warnings.append(self._problem(place, message, hint, self._origin.location(place, key=key)))

    def warning_inside(self, place: Place, message: str, *, offset: int, length: int, hint: str = "") -> None:
        """Add a doubt about a part of the text of a scalar."""
        if len(self._warnings) < MAX_PROBLEMS:
            location = self._origin.location_inside(place, offset, length)
            self._warnings.append(self._problem(place, message, hint, location))

    def near(self, word: object, known: Collection[object]) -> str:
        """Return the name nearest to a wrong one; nothing when none is, or when it would not be shown or took too long."""
        self._compared += len(known)
        if len(self._errors) >= MAX_PROBLEMS or self._compared > _MAX_COMPARED:
            return ""
        return nearest(word, known)

    def has_error_at(self, place: Place) -> bool:
        """Tell whether an error was found at a place or its key."""
        spots = [self._origin.location(place), self._origin.location(place, key=True)]
        path = self._origin.path_text(place)
        return any(
            error.location in spots if error.location else error.path == path for error in self._errors
        )

    def location(self, place: Place) -> Location | None:
        """Return where a value stands, if there is a text."""
        return self._origin.location(place)

    def item_locations(self, place: Place) -> list[Location] | None:
        """Return where each item of a list stands, if there is a text."""
        return self._origin.item_locations(place)

    def line_of(self, place: Place, offset: int = 0) -> int:
        """Return the line of a value, or of a character in it; 0 without a text."""
        location = self._origin.location_inside(place, offset, 1)
        return location.line if location else 0

    def extend(self, problems: tuple[Problem, ...]) -> None:
        """Take over errors that have their places already."""
        self._errors.extend(problems)

    def raise_if_any(self) -> None:
        """Raise `CompileError` with every error, sorted by place."""
        if self._errors:
            raise CompileError([*self._sorted(self._errors), *self._unshown()])

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Every warning, sorted by place."""
        return tuple(self._sorted(self._warnings)) if self._warnings else ()

    def _has_room(self) -> bool:
        if len(self._errors) < MAX_PROBLEMS:
            return True
        self._more += 1
        return False

    def _unshown(self) -> list[Problem]:
        if not self._more:
            return []
        return [
            Problem(
                f"{self._more:,} more problems are not shown", hint="repair the first ones, then check again."
            )
        ]

    def _problem(self, place: Place, message: str, hint: str, location: Location | None) -> Problem:
        return Problem(message, location, hint=hint, path=self._origin.path_text(place))

    def _sorted(self, problems: list[Problem]) -> list[Problem]:
        main = self._origin.file
        unique: dict[object, Problem] = {}
        for (
            problem
        ) in problems:  # what an anchor holds is read wherever its aliases stand, and wrong only once
            unique.setdefault((problem.message, problem.location or problem.path), problem)
        return sorted(unique.values(), key=lambda problem: _position(problem.location, main))


def _position(location: Location | None, main: str) -> tuple[bool, str, int, int]:
    if location is None:
        return (False, "", 0, 0)
    return (location.file != main, location.file, location.line, location.column)
