"""Fixtures: steps of a compiled pipeline whose work is replaced by a value or a failure.

The step keeps everything around its work: order, condition, `output`, retry, recovery. What would undo it does nothing.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from orchestrator.core.action import Action, ActionContext, ActionSource, ActionSpec, Effect, Params
from orchestrator.core.pipeline import Block, Call, ErrorRule, ForEach, Loop, Pipeline, Step, Switch, Undo
from orchestrator.core.pipeline_test import Fixture
from orchestrator.core.template import Literal
from orchestrator.errors import ActionError

PREFIX = "fixture."
_UNDO = f"{PREFIX}~undo"
_NOTHING = Literal({})


class FixtureActions:
    """The actions behind fixtures, and all others."""

    def __init__(self, actions: ActionSource, fixtures: Mapping[str, Fixture]) -> None:
        self._actions = actions
        self._made = {f"{PREFIX}{step}": _action(step, fixture) for step, fixture in fixtures.items()}
        if fixtures:
            self._made[_UNDO] = _action("~undo", Fixture())

    def find(self, name: str) -> Action | None:
        """Return the action of that name."""
        return self._made.get(name) or self._actions.find(name)

    def names(self) -> Sequence[str]:
        """Return the names that a file may write."""
        return self._actions.names()


def with_fixtures(pipeline: Pipeline, fixtures: Mapping[str, Fixture]) -> Pipeline:
    """Return the pipeline with its steps' work replaced."""
    if not fixtures:
        return pipeline
    swap = partial(_block, frozenset(fixtures))
    return replace(
        pipeline, root=swap(pipeline.root), on_failure=pipeline.on_failure and swap(pipeline.on_failure)
    )


def _action(step: str, fixture: Fixture) -> Action:
    def function(_parameters: Params, _context: ActionContext) -> object:
        if fixture.failure is not None:
            error_class, message = fixture.failure
            raise ActionError(message, error_class=error_class)
        return fixture.value

    spec = ActionSpec(
        name=f"{PREFIX}{step}",
        description="What a test says instead of a step.",
        parameters={"type": "object"},
        effect=Effect.PURE,
        runs="inline",
    )
    return Action(spec=spec, function=function)


def _block(names: frozenset[str], block: Block) -> Block:
    return replace(block, steps=tuple(_step(names, step) for step in block.steps))


def _step(names: frozenset[str], step: Step) -> Step:
    inside = partial(_block, names)
    around = replace(
        step,
        otherwise=step.otherwise and inside(step.otherwise),
        on_error=tuple(_rule(names, rule) for rule in step.on_error),
    )
    if step.id not in names:
        return replace(around, body=_body(names, step.body))
    return replace(
        around,
        body=Call(action=f"{PREFIX}{step.id}", parameters=_NOTHING),
        undo=step.undo and Undo(call=Call(action=_UNDO, parameters=_NOTHING)),
        effect=None,
        reuse=None,
        resources={},
        open_values=(),
    )


def _rule(names: frozenset[str], rule: ErrorRule) -> ErrorRule:
    return replace(rule, handler=_block(names, rule.handler)) if rule.handler else rule


def _body(
    names: frozenset[str], body: Call | Block | ForEach | Loop | Switch
) -> Call | Block | ForEach | Loop | Switch:
    if isinstance(body, Block):
        return _block(names, body)
    if isinstance(body, ForEach | Loop):
        return replace(body, body=_block(names, body.body)) if isinstance(body.body, Block) else body
    if isinstance(body, Switch):
        cases = tuple((key, _block(names, block)) for key, block in body.cases)
        return replace(body, cases=cases, default=body.default and _block(names, body.default))
    return body
