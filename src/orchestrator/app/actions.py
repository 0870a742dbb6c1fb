"""All actions behind one `ActionSource`: the language's own, `generate`, and the tools."""

from collections.abc import Callable, Mapping, Sequence

from orchestrator.core.action import Action, ActionSource
from orchestrator.core.pipeline import ANSWER_ACTION


class JoinedActions:
    """Finds actions in several places, the first that knows a name first.

    Args:
        language: The language's own.
        tools: Gives the tools; asked when the first name is not the language's own.
        made: Actions that are made when they are first asked for, for what making them costs.
    """

    def __init__(
        self,
        language: Mapping[str, Action],
        tools: Callable[[], ActionSource],
        *,
        made: Mapping[str, Callable[[], Action]] | None = None,
    ) -> None:
        self._tools = tools
        self._language = dict(language)
        self._made = dict(made or {})

    def find(self, name: str) -> Action | None:
        """Return the action, making or loading it if need be."""
        action = self._language.get(name)
        if action is None and name in self._made:
            action = self._language[name] = self._made[name]()
        return action or self._tools().find(name)

    def names(self) -> Sequence[str]:
        """Return every known name, sorted."""
        known = {*self._language, *self._made, *self._tools().names()}
        return sorted(known - {ANSWER_ACTION})
