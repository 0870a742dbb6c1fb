"""Builders of compiled pipelines for tests that need no compiler."""

from collections.abc import Mapping, Sequence

from orchestrator.core.action import Action, ActionSpec, Effect
from orchestrator.core.graph import build_graph
from orchestrator.core.ids import StepId
from orchestrator.core.pipeline import Block, Body, Call, Pipeline, Step
from orchestrator.core.template import Literal, Reference


class Text:
    """A template that is only looked at."""

    def __init__(self, source: str, *paths: tuple[str | int, ...]) -> None:
        self.source = source
        self.references = tuple(Reference(path, 0, 1) for path in paths)

    def render(self, names: Mapping[str, object]) -> object:
        return self.source

    def test(self, names: Mapping[str, object]) -> bool:
        return True


class Actions:
    """An action source with the named actions, `name: effect`."""

    def __init__(self, **effects: str) -> None:
        self.effects = {name.replace("__", "."): effect for name, effect in effects.items()}

    def find(self, name: str) -> Action | None:
        if name not in self.effects:
            return None
        spec = ActionSpec(name=name, description="", parameters={}, effect=Effect(self.effects[name]))
        return Action(spec=spec, function=lambda params, ctx: None)

    def names(self) -> Sequence[str]:
        return sorted(self.effects)


def call(action: str = "let") -> Call:
    return Call(action=action, parameters=Literal({}))


def step(ident: str, body: Body | None = None, **fields: object) -> Step:
    return Step(id=StepId(ident), body=body or call(), **fields)  # type: ignore[arg-type]


def block(*steps: Step, after: Mapping[str, Sequence[str]] | None = None) -> Block:
    """Return a block; `after` says which step waits for which."""
    names = [one.id for one in steps]
    waits = after or {}
    return Block(
        steps=steps,
        graph=build_graph(
            [[names.index(StepId(before)) for before in waits.get(name, ())] for name in names]
        ),
    )


def pipeline(root: Block, **fields: object) -> Pipeline:
    defaults: dict[str, object] = {"name": "demo", "inputs": {}, "outputs": {}, "document": {}, "digest": ""}
    return Pipeline(root=root, **(defaults | fields))  # type: ignore[arg-type]
