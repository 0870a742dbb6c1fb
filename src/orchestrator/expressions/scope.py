"""Which local variable has which place in a frame's cells; settled when a template is compiled."""

UNSET = object()
"""The content of a cell whose variable has not been set on this way through the template."""


class Scope:
    """The variables of a template or of a loop's body, and those around it."""

    __slots__ = ("_parent", "_places", "cells")

    def __init__(self, parent: "Scope | None" = None) -> None:
        self._parent = parent
        self._places: dict[str, int] = {}
        self.cells: list[str] = parent.cells if parent else []
        """The names of all cells of the template, shared by its scopes."""

    @property
    def own(self) -> tuple[int, ...]:
        """The places of this scope's own variables."""
        return tuple(self._places.values())

    def bind(self, name: str) -> int:
        """Return the place of a variable that is set in this scope."""
        if name not in self._places:
            self._places[name] = len(self.cells)
            self.cells.append(name)
        return self._places[name]

    def places(self, name: str) -> tuple[int, ...]:
        """Return where the variable may be, innermost first."""
        found = (self._places[name],) if name in self._places else ()
        return found + self._parent.places(name) if self._parent else found
