"""A block of steps while it is being read, and what templates can see from a place inside it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from orchestrator.compiler.origin import Place
from orchestrator.core.graph import Graph
from orchestrator.core.pipeline import OpenValue, Step
from orchestrator.core.template import Template
from orchestrator.errors import Location

EMPTY_GRAPH = Graph(dependencies=(), dependents=())


class Cause(NamedTuple):
    """Why one step waits for another: a stretch of a template, or a whole value."""

    place: Place
    offset: int = -1
    length: int = 0


class Draft:
    """The steps of one block with the order found so far."""

    __slots__ = (
        "around",
        "at",
        "conditions",
        "deferred",
        "edges",
        "entries",
        "graph",
        "handler",
        "ids",
        "locations",
        "open_values",
        "place",
        "steps",
    )

    def __init__(
        self, place: Place, *, around: "Draft | None" = None, at: int = -1, handler: bool = False
    ) -> None:
        self.place = place
        self.around = around
        """The block that holds this one's step."""
        self.at = at
        """The index of that step; -1 where nothing waits (`on_failure`)."""
        self.handler = handler
        """Whether it runs because that step failed."""
        self.ids: list[str] = []
        self.edges: list[dict[int, Cause]] = []
        """For each step, the steps it waits for."""
        self.deferred: list[list[Deferred]] = []
        """For each step, its templates, to be checked once the shapes of what it reads are known."""
        self.steps: tuple[Step, ...] = ()
        self.graph = EMPTY_GRAPH
        self.locations: list[Location] | None = None
        """Where each step stands, if there is a text."""
        self.open_values: dict[int, list[OpenValue]] = {}
        """For each step that leaves values open, those values."""
        self.entries: list[object] = []
        """The steps as written."""
        self.conditions: dict[int, Template] = {}
        """What decides whether a step (or which part of it) runs."""


class Check(NamedTuple):
    """A template that waits for its check."""

    template: Template
    place: Place
    names: dict[str, object]
    expected: Mapping[str, object] | None = None
    """JSON Schema of what is needed there."""
    fields: dict[str, object] | None = None
    """Where the shape of the value is kept, under the last step of the place."""


Deferred = Check | Draft | Callable[[], None]
"""What happens in order, once the steps that it reads are known: a check, a whole inner block, or something learnt."""


class View:
    """What a template at one place can see."""

    __slots__ = ("at", "deferred", "draft", "handled", "names", "sealed")

    def __init__(
        self,
        draft: Draft,
        at: int,
        names: dict[str, object],
        deferred: "list[Deferred]",
        *,
        handled: bool = False,
        sealed: bool = False,
    ) -> None:
        self.draft = draft
        self.at = at
        """The step on whose behalf it reads; -1 where nothing waits."""
        self.names = names
        """Shapes of the names that can be read."""
        self.deferred = deferred
        """Where its templates wait for their checks."""
        self.handled = handled
        """Whether the step has failed already, so that its own error can be read."""
        self.sealed = sealed
        """Whether secrets may be placed here."""

    def seeing(
        self, names: dict[str, object] | None = None, *, handled: bool = False, sealed: bool = False
    ) -> "View":
        """Return the same view with more names, or other rights."""
        seen = {**self.names, **names} if names else self.names
        return View(self.draft, self.at, seen, self.deferred, handled=handled, sealed=sealed)

    def within(self, draft: Draft, names: dict[str, object]) -> "View":
        """Return the view of an inner block's end, where all its steps have settled."""
        return View(draft, -1, names, self.deferred)
