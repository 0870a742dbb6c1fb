"""All actions behind one `ActionSource`: the language's own, `generate`, and the tools."""

from collections.abc import Callable, Mapping, Sequence

from orchestrator.core.action import Action, ActionSource


class JoinedActions:
    """Finds actions in several places, the first that knows a name first."""

    def __init__(
        self,
        language: Mapping[str, Action],
        tools: ActionSource,
        *,
        made: Mapping[str, Callable[[], Action]] | None = None,
    ) -> None:
        self.tools = tools
        self._language = dict(language)
        self._made = dict(made or {})
        """Actions that are made when they are first asked for, for what making them costs."""

    def find(self, name: str) -> Action | None:
        """Return the action, making or loading it if need be."""
        action = self._language.get(name)
        if action is None and name in self._made:
            action = self._language[name] = self._made[name]()
        return action or self.tools.find(name)

    def names(self) -> Sequence[str]:
        """Return every known name, sorted."""
        return sorted({*self._language, *self._made, *self.tools.names()})
