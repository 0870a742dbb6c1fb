"""What an operator, a filter or a method will not do; the evaluator adds the place."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Mapping

from orchestrator.core.suggestion import suggestion
from orchestrator.core.undefined import Undefined
from orchestrator.errors import TemplateError
from orchestrator.expressions.tree import Node, place_of

USERS_MISTAKES = (TypeError, ValueError, ArithmeticError, LookupError)
"""What Python raises when a filter or method meets data of another kind than it takes."""


class Refused(Exception):  # noqa: N818 - not an error of its own: it becomes a TemplateError where the place is known
    """A value or size that is not accepted."""

    def __init__(self, message: str, hint: str = "", *, name: str = "") -> None:
        self.message = message
        self.hint = hint
        self.name = name
        """The name that has no value, if that is why."""
        super().__init__(message)

    def at(self, node: Node) -> TemplateError:
        """Return the error of a template whose `node` this happened in."""
        return failure(self.message, place_of(self.name, node) if self.name else node, self.hint)


class Missing(Undefined):
    """An undefined field that remembers where it was looked for."""

    __slots__ = ("key", "parent")

    def __init__(self, name: str, parent: object, key: object, *, hint: str = "") -> None:
        super().__init__(name, hint=hint)
        self.parent = parent
        self.key = key


def failure(message: str, node: Node, hint: str = "") -> TemplateError:
    """Return an error that points at the node."""
    return TemplateError(message, offset=node.offset, length=max(1, node.end - node.offset), hint=hint)


def not_defined(value: Undefined) -> Refused:
    """Return the refusal to use a value that is missing."""
    if value.skipped:
        return Refused(
            f"`{value.name}` has no value: its step was skipped or did not complete",
            value.hint or "give it a value with `| default(…)`, or ask `is defined` first.",
            name=value.name,
        )
    hint = value.hint
    if (
        not hint
        and isinstance(value, Missing)
        and isinstance(value.key, str)
        and isinstance(value.parent, Mapping)
    ):
        hint = suggestion(value.key, value.parent, kind="it has")
    return Refused(f"`{value.name}` is not defined", hint, name=value.name)
