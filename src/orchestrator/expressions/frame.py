"""What one rendering reads and how much it may still do.

Fuel bounds time: iterations, calls and the sizes of what they make are spent from one stock, so that no template runs
for long. Room bounds memory: no single text or list may pass its limit, whichever operator or filter makes it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from orchestrator.expressions.refusal import Refused


class Limits(NamedTuple):
    """Bounds of one rendering."""

    steps: int = 1_000_000
    """Iterations, calls, and a share for what is made: one step per 100 characters or 8 elements."""
    text: int = 10_000_000
    """Characters of one text."""
    elements: int = 1_000_000
    """Elements of one list or mapping."""


DEFAULT_LIMITS = Limits()
INTEGER_BITS = 65_536
"""The longest integer that arithmetic may make; Python prints no more than 4,300 digits anyway."""


class Frame:
    """The names of one rendering, its local variables and its fuel."""

    __slots__ = ("cells", "limits", "names", "steps")

    def __init__(self, names: Mapping[str, object], limits: Limits = DEFAULT_LIMITS) -> None:
        self.names = names
        self.limits = limits
        self.steps = limits[0]
        self.cells: list[object] = []
        """Local variables; which name has which place is settled when the template is compiled."""

    def spend(self, steps: int) -> None:
        """Take fuel."""
        self.steps -= steps
        if self.steps < 0:
            raise Refused(
                f"the template takes more than {self.limits.steps:,} steps",
                "work on less data, or do this in a step of its own.",
            )

    def text_room(self, length: int) -> None:
        """Check the length of a text before it is made."""
        if length > 100:
            if length > self.limits.text:
                raise Refused(f"this makes a text of more than {self.limits.text:,} characters")
            self.spend(length // 100)

    def element_room(self, count: int) -> None:
        """Check the length of a list before it is made."""
        if count > 8:
            if count > self.limits.elements:
                raise Refused(f"this makes a list of more than {self.limits.elements:,} elements")
            self.spend(count // 8)
