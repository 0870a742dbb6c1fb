"""The variable `loop` inside `{% for %}`."""

from collections.abc import Sequence

from orchestrator.core.undefined import Undefined
from orchestrator.expressions.values import ABSENT, Record


class Loop(Record):
    """Where a loop stands."""

    __slots__ = ("_changed", "index0", "items")

    def __init__(self, items: Sequence[object]) -> None:
        self.items = items
        self.index0 = 0
        self._changed: object = ABSENT

    def field(self, key: object) -> object:
        """Return one of the loop's figures, or `ABSENT`."""
        index0 = self.index0
        length = len(self.items)
        if key == "previtem":
            return (
                self.items[index0 - 1]
                if index0
                else Undefined("loop.previtem", hint="this is the first item.")
            )
        if key == "nextitem":
            last = index0 == length - 1
            return (
                Undefined("loop.nextitem", hint="this is the last item.") if last else self.items[index0 + 1]
            )
        # depths count recursive loops in Jinja2, and this language has none
        figures: dict[object, object] = {
            "index": index0 + 1,
            "index0": index0,
            "first": index0 == 0,
            "last": index0 == length - 1,
            "length": length,
            "revindex": length - index0,
            "revindex0": length - index0 - 1,
            "depth": 1,
            "depth0": 0,
        }
        return figures.get(key, ABSENT)

    def cycle(self, *values: object) -> object:
        """Return the values one after the other."""
        return values[self.index0 % len(values)]

    def changed(self, *values: object) -> bool:
        """Tell whether the values differ from those of the last call."""
        before, self._changed = self._changed, values
        return before != values


LOOP_FIELDS = (
    "depth", "depth0", "first", "index", "index0", "last", "length", "nextitem", "previtem", "revindex", "revindex0",
)  # fmt: skip
