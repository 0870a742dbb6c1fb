"""What `@tool` cannot mean, in the same words whether a file is executed or only read."""

from typing import Final

from orchestrator.core.action import Effect
from orchestrator.core.misfit import joined
from orchestrator.core.suggestion import nearest
from orchestrator.errors import SetupError

UNTYPED: Final = (
    "it has no type",
    "write one, such as `str` or `dict[str, object]`; `object` takes anything.",
)
NAMELESS: Final = ("parameters of an action have names", "make it a parameter that can be given by name.")


class ToolMisuseError(SetupError):
    """A `@tool` that says something it cannot mean."""


def no_effect(written: str, word: str) -> ToolMisuseError:
    """Return the error for a word that is no effect, with the nearest that is one."""
    near = nearest(word, Effect)
    there_are = f"there are {joined([f'`{effect}`' for effect in Effect], last='and')}."
    return ToolMisuseError(f"{written} is no effect", hint=f"did you mean `{near}`?" if near else there_are)
