"""Where the parts of a document come from: paths through plain data, found again in the YAML nodes of their file.

The compiler works on plain data. A `Place` is the path to a value, as a chain of cells that costs one tuple per level;
only when an error is shown is it walked through the nodes. Where files were joined (`extends`, `include`), the joined
node remembers its own file.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import Location

if TYPE_CHECKING:
    from yaml.nodes import Node

    from orchestrator.compiler.node_walk import Tables
    from orchestrator.compiler.text import Text

Place = tuple["Place", object] | tuple[()]
"""The place of the value around, and the key or index within it; empty for the document itself."""

TOP: Place = ()


class Origin:
    """Finds the file, line and column of a place, where there are any."""

    __slots__ = ("_document", "_grafts", "_root", "_tables", "_text", "file")

    def __init__(
        self,
        document: object,
        *,
        file: str = "",
        root: "Node | None" = None,
        text: "Text | None" = None,
        grafts: "Mapping[Node, Text] | None" = None,
    ) -> None:
        self._document = document
        self.file = file
        self._root = root
        self._text = text
        self._grafts: Mapping[Node, Text] = grafts or {}
        self._tables: Tables = {}

    def location(self, place: Place, *, key: bool = False) -> Location | None:
        """Return where the value (or its key) stands; the nearest one around it when it has no text of its own."""
        if self._root is None:
            return None
        from orchestrator.compiler.node_walk import extent, walk

        text, key_node, node = walk(
            self._root, cast("Text", self._text), self._grafts, steps_of(place), self._tables
        )
        start, end = extent(key_node if key and key_node is not None else node)
        return text.location(start, end - start)

    def item_locations(self, place: Place) -> "list[Location] | None":
        """Return where each item of a list stands."""
        if self._root is None:
            return None
        from orchestrator.compiler.node_walk import extent, walk

        text, _, node = walk(
            self._root, cast("Text", self._text), self._grafts, steps_of(place), self._tables
        )
        found: list[Location] = []
        for item in node.value:
            start, end = extent(item)
            found.append(self._grafts.get(item, text).location(start, end - start))
        return found

    def location_inside(self, place: Place, offset: int, length: int) -> Location | None:
        """Return where a stretch of a scalar's value stands."""
        if self._root is None:
            return None
        from orchestrator.compiler.node_walk import stretch, walk

        text, _, node = walk(
            self._root, cast("Text", self._text), self._grafts, steps_of(place), self._tables
        )
        start, end = stretch(text.content, node, offset, length)
        return text.location(start, end - start)

    def path_text(self, place: Place) -> str:
        """Return the path as people write it: `steps.digest.with.prompt`; steps go by their ids."""
        value = self._document
        words: list[str] = []
        for step in steps_of(place):
            value = _child(value, step)
            name = value.get("id") if is_mapping(value) else None
            if type(step) is not int:
                words.append(f".{step}")
            else:
                words.append(f".{name}" if type(name) is str else f"[{step}]")
        return "".join(words).removeprefix(".")


def steps_of(place: Place) -> list[object]:
    """Return the keys and indexes from the document down to the place."""
    steps: list[object] = []
    while place:
        place, step = place  # pyright: ignore[reportAssignmentType]
        steps.append(step)
    steps.reverse()
    return steps


def _child(value: object, step: object) -> object:
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value).get(step)
    if is_list(value) and type(step) is int and step < len(value):
        return value[step]
    return None
