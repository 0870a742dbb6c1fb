"""The value of a name that has none.

A skipped step's value is *undefined but falsy*: so is every field of it, it works with `default`, `is defined` and in
conditions, and printing it without `default` fails with a sentence that names it.
"""

from typing import Final


class Undefined:
    """A missing value; `hint` says why it is missing and what to do."""

    __slots__ = ("hint", "name", "skipped")

    def __init__(self, name: str, *, skipped: bool = False, hint: str = "") -> None:
        self.name: Final = name
        """The name as the template wrote it, such as `steps.search.hits`."""
        self.skipped: Final = skipped
        """Whether it is missing because a step was skipped or tolerated: such a value is falsy instead of an error."""
        self.hint: Final = hint

    def field(self, name: str) -> "Undefined":
        """Return the undefined field of an undefined value."""
        return Undefined(f"{self.name}.{name}", skipped=self.skipped, hint=self.hint)

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"Undefined({self.name!r})"
