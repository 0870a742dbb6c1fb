"""The contract of a compiled template: text with holes, or one expression.

The core knows templates only by what they read and what they give; `expressions` implements them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reference:
    """A chain of names and literal keys that a template reads, starting at a free name.

    `{{ steps.files.paths[0] | upper }}` has the path `("steps", "files", "paths", 0)`.
    """

    path: tuple[str | int, ...]
    offset: int
    """Where the chain starts in the template's text, in characters."""
    length: int
    guarded: bool = False
    """Whether an undefined value is expected here: `default`, `is defined`, a condition on the same chain."""
    dynamic: bool = False
    """Whether a computed key follows, so that anything below the path may be read."""


class Template(Protocol):
    """A compiled template; immutable and safe to share between runs and threads."""

    @property
    def source(self) -> str:
        """The text as written."""
        ...

    @property
    def references(self) -> tuple[Reference, ...]:
        """Everything that may be read from the names, once per place."""
        ...

    def render(self, names: Mapping[str, object]) -> object:
        """Return the value.

        A template that is one whole `{{ … }}` keeps the exact type of its expression; any other gives text. Never
        changes what it reads. Raises `TemplateError` for undefined names, wrong types and exhausted fuel.
        """
        ...

    def test(self, names: Mapping[str, object]) -> bool:
        """Return the truth of the value, as a condition asks for it.

        An undefined value is an error unless it comes from a skipped step; the texts "true", "false", "yes" and "no"
        are errors that say how to compare.
        """
        ...
