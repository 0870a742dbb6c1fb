"""The contract of a compiled template: text with holes, or one expression.

The core knows templates only by what they read and what they give; `expressions` implements them.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from orchestrator.core.extent import excess
from orchestrator.errors import TemplateError

REFER_TO_LESS = (
    "what several places share counts in each of them: keep it in one, and refer to it where it is needed."
)
_CONTAINERS = frozenset((dict, list, tuple))


class Reference(Struct, frozen=True, gc=False):
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


class Literal(Struct, frozen=True, gc=False):
    """A value without holes."""

    value: object

    @property
    def source(self) -> str:
        """The value as Python shows it; nobody evaluates it."""
        return repr(self.value)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Nothing."""
        return ()

    def render(self, names: Mapping[str, object]) -> object:  # noqa: ARG002
        """Return the value itself: receivers never change it."""
        return self.value

    def test(self, names: Mapping[str, object]) -> bool:  # noqa: ARG002
        """Return the truth of the value."""
        return bool(self.value)


class Compound:
    """A mapping or list with templates somewhere inside; renders to fresh containers."""

    __slots__ = ("_fixed", "_moving", "references", "source")

    def __init__(self, entries: Mapping[str, Template] | Sequence[Template]) -> None:
        pairs: list[tuple[str | int, Template]] = [
            *(entries.items() if isinstance(entries, Mapping) else enumerate(entries))
        ]
        self.source: str = f"{{{', '.join(f'{key}: {template.source}' for key, template in pairs)}}}"
        self.references: tuple[Reference, ...] = tuple(
            ref for _, template in pairs for ref in template.references
        )
        self._moving = [(key, template) for key, template in pairs if type(template) is not Literal]
        fixed: list[object] = [template.value if type(template) is Literal else None for _, template in pairs]
        self._fixed: dict[str, object] | list[object] = (
            dict(zip(entries, fixed, strict=True)) if isinstance(entries, Mapping) else fixed
        )

    def render(self, names: Mapping[str, object]) -> object:
        """Return a new container with every hole filled."""
        result = self._fixed.copy()
        large = 0
        for key, template in self._moving:
            value = template.render(names)
            large += type(value) in _CONTAINERS
            result[key] = value  # pyright: ignore[reportArgumentType, reportCallIssue]
        if large > 1 and (much := excess(result)):  # one alone was measured where it came from
            raise TemplateError(f"this makes a value of {much}", hint=REFER_TO_LESS)
        return result

    def test(self, names: Mapping[str, object]) -> bool:
        """Return whether the container has anything in it."""
        return bool(self.render(names))
