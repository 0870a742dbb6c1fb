"""The parts that a test runs with: nothing they do leaves the temporary workspace.

What reads works on the copy; what writes, calls or asks a model needs a fixture or a recording. The built-in model costs
nothing and reaches nowhere, so it may be asked.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from orchestrator.app.assemble import Parts
from orchestrator.app.pipeline_tests.fixtures import FixtureActions
from orchestrator.core.action import Action, ActionContext, ActionSource, Effect, Params
from orchestrator.core.pipeline_test import Fixture
from orchestrator.errors import ActionError

if TYPE_CHECKING:
    from orchestrator.models.selection import Selector
    from orchestrator.tools.registry import ToolRegistry

_OUTWARD = frozenset({"web", "model"})
"""Labels of what reads from elsewhere than the workspace."""
_ADVICE = "→ give the step a fixture, or replay a recording: `fixtures: {STEP: …}`, `replay: DIR`"


class Bench(Parts):
    """Everything that one test holds."""

    fixtures: Mapping[str, Fixture] = {}

    def _taped(self, tools: "ToolRegistry | None") -> Callable[[], ActionSource]:
        find = super()._taped(tools)
        if self.tape is not None:
            return lambda: FixtureActions(find(), self.fixtures)
        return lambda: FixtureActions(_Harmless(find()), self.fixtures)

    def _select_from(self) -> "Selector":
        if self.tape is not None:
            return super()._select_from()
        from orchestrator.app.pipeline_tests.only_builtin import OnlyBuiltin

        return OnlyBuiltin()


class _Harmless:
    """Actions of which those with an effect refuse."""

    def __init__(self, actions: ActionSource) -> None:
        self._actions = actions

    def find(self, name: str) -> Action | None:
        """Return the action, or what refuses in its place."""
        action = self._actions.find(name)
        if action is None or _is_harmless(action):
            return action
        return replace(
            action,
            spec=replace(action.spec, runs="inline", effect=Effect.READ),
            function=_refuse(action),
            prepare=None,
        )

    def names(self) -> Sequence[str]:
        """Return the names of all actions."""
        return self._actions.names()


def _is_harmless(action: Action) -> bool:
    spec = action.spec
    return spec.effect is Effect.PURE or (spec.effect is Effect.READ and not spec.labels & _OUTWARD)


def _refuse(action: Action) -> Callable[[Params, ActionContext], object]:
    def refuse(_parameters: Params, context: ActionContext) -> object:
        effect = action.spec.effect
        why = "reads from elsewhere" if effect is Effect.READ else f"has an effect (`{effect}`)"
        message = f"{context.task}: a test does not call {action.spec.name}, which {why}\n{_ADVICE}"
        raise ActionError(message, error_class="permission", retryable=False)

    return refuse
