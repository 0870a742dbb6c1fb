"""A tool of a user's file that cannot be an action: an error only where it is called, so that the others stay usable."""

from msgspec import Struct

from orchestrator.core.action import Action, ActionContext, ActionSpec, Params
from orchestrator.errors import SetupError


class Broken(Struct, frozen=True):
    """Stands in for the function of such a tool."""

    message: str
    hint: str

    @property
    def error(self) -> SetupError:
        """What is wrong with it, and where."""
        return SetupError(self.message, hint=self.hint)

    def __call__(self, parameters: Params, ctx: ActionContext) -> object:  # noqa: ARG002
        raise self.error


def broken_action(name: str, error: SetupError) -> Action:
    """Return what stands in for a tool that cannot be an action."""
    spec = ActionSpec(name=name, description="", parameters={"type": "object"})
    return Action(spec=spec, function=Broken(error.message, error.hint))
