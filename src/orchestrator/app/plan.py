"""What a pipeline will do, said before it runs: order, loops, effects, what each step may touch, models.

A plan is read off the compiled file alone: no tool of the user is executed and nobody is contacted.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from msgspec import Struct, field

from orchestrator.app.plain import legible
from orchestrator.app.wording import expression, repeats
from orchestrator.app.written_steps import written_steps
from orchestrator.core.action import ActionSource, Touch
from orchestrator.core.pipeline import Block, Call, ForEach, InputSpec, Loop, Pipeline, Step, Switch
from orchestrator.errors import TemplateError
from orchestrator.expressions import TemplateCache

if TYPE_CHECKING:
    from orchestrator.app.bill import Bill

UNKNOWN = "…"
"""Stands where a value is known only at run time."""


class PlanStep(Struct, frozen=True, kw_only=True):
    """What one step will do."""

    path: str
    does: str
    """The action, or `group`, `switch …`."""
    repeats: str = ""
    bound: int | None = None
    """The most iterations; None for no loop, or one whose list is known only at run time."""
    condition: str = ""
    effect: str = ""
    touches: tuple[Touch, ...] = ()
    model: object = None
    asks: tuple[str, ...] = ()
    """Where the step leaves values open: `with.max_tokens`, and `if (late)` where each run asks anew."""
    undo: bool = False
    attempts: int = 1
    blocks: Mapping[str, "PlanBlock"] = field(default_factory=dict[str, "PlanBlock"])
    """The steps inside, by what leads to them: `steps`, `case brief`, `default`, `else`, `on error`."""

    def as_data(self) -> dict[str, object]:
        """Return plain data; empty fields are left out."""
        data: dict[str, object] = {"id": self.path, "does": self.does}
        more: Mapping[str, object] = {
            "if": self.condition,
            "repeats": self.repeats,
            "bound": self.bound,
            "effect": self.effect,
            "touches": [{"kind": touch.kind, "what": touch.what} for touch in self.touches],
            "model": self.model,
            "asks": list(self.asks),
            "attempts": self.attempts if self.attempts > 1 else None,
            "undo": self.undo,
            "blocks": {label: block.as_data() for label, block in self.blocks.items()},
        }
        return data | {key: value for key, value in more.items() if value}


class PlanBlock(Struct, frozen=True, kw_only=True):
    """Steps by level: what shares one runs together."""

    levels: tuple[tuple[PlanStep, ...], ...]

    def as_data(self) -> list[list[dict[str, object]]]:
        """Return plain data."""
        return [[step.as_data() for step in level] for level in self.levels]

    def steps(self) -> Iterator[PlanStep]:
        """Yield every step, inner ones after the one around them."""
        for level in self.levels:
            for step in level:
                yield step
                for block in step.blocks.values():
                    yield from block.steps()


class Plan(Struct, frozen=True, kw_only=True):
    """What a whole pipeline will do."""

    pipeline: str
    file: str
    inputs: tuple[InputSpec, ...]
    max_parallel: int | None
    root: PlanBlock
    on_failure: PlanBlock | None
    outputs: tuple[str, ...]
    warnings: tuple[str, ...]
    bill: "Bill | None" = None
    """What it may cost."""

    def as_data(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "pipeline": self.pipeline,
            "file": self.file,
            "inputs": {
                spec.name: {"type": spec.type, "required": spec.required, "default": spec.default}
                for spec in self.inputs
            },
            "max_parallel": self.max_parallel,
            "levels": self.root.as_data(),
            "on_failure": self.on_failure and self.on_failure.as_data(),
            "outputs": list(self.outputs),
            "warnings": list(self.warnings),
            **({"cost": self.bill.as_data()} if self.bill else {}),
        }


def plan_of(pipeline: Pipeline, actions: ActionSource, *, inputs: Mapping[str, object] | None = None) -> Plan:
    """Return the plan of a compiled pipeline; what depends on other than the given inputs stays `…`."""
    planner = _Planner(actions, dict(_written_calls(pipeline.document, _Known(inputs or {}))))
    return Plan(
        pipeline=pipeline.name,
        file=pipeline.file,
        inputs=tuple(pipeline.inputs.values()),
        max_parallel=pipeline.max_parallel,
        root=planner.block(pipeline.root, ""),
        on_failure=planner.block(pipeline.on_failure, "") if pipeline.on_failure else None,
        outputs=tuple(pipeline.outputs),
        warnings=tuple(str(problem) for problem in pipeline.warnings),
    )


def written_parameters(pipeline: Pipeline, inputs: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    """Return the parameters of each step by its id, those that depend on more than the inputs as `…`."""
    return dict(_written_calls(pipeline.document, _Known(inputs)))


def known_value(source: object, inputs: Mapping[str, object]) -> object:
    """Return what a value will be, or `…` where that depends on more than the inputs."""
    return _Known(inputs).value(source)


class _Planner:
    def __init__(self, actions: ActionSource, written: Mapping[str, Mapping[str, object]]) -> None:
        self._actions = actions
        self._written = written
        """Parameters as the canonical document has them, by step id."""

    def block(self, block: Block, prefix: str) -> PlanBlock:
        return PlanBlock(
            levels=tuple(
                tuple(self._step(block.steps[index], prefix) for index in level)
                for level in block.graph.levels
            )
        )

    def _step(self, step: Step, prefix: str) -> PlanStep:
        path = f"{prefix}{step.id}"
        body = step.body
        inner = body.body if isinstance(body, ForEach | Loop) else body
        effect, touches = self._reach(step, inner) if isinstance(inner, Call) else ("", ())
        return PlanStep(
            path=path,
            does=_does(step.body, inner),
            repeats=repeats(body) if isinstance(body, ForEach | Loop) else "",
            bound=body.max_iterations if isinstance(body, Loop) else None,
            condition=expression(step.condition) if step.condition else "",
            effect=effect,
            touches=touches,
            model=step.model,
            asks=tuple(f"{value.key}{'' if value.early else ' (late)'}" for value in step.open_values),
            undo=step.undo is not None,
            attempts=step.retry.attempts,
            blocks=dict(self._blocks(step, inner, f"{path}.")),
        )

    def _reach(self, step: Step, call: Call) -> tuple[str, tuple[Touch, ...]]:
        """Return the effect of a call and what it may touch, as far as its parameters are known."""
        action = self._actions.find(call.action)
        if action is None:
            return step.effect.value if step.effect else "", ()
        effect = (step.effect or action.spec.effect).value
        if action.touches is None:
            return effect, ()
        return effect, tuple(action.touches(self._written.get(step.id, {})))

    def _blocks(self, step: Step, inner: object, prefix: str) -> Iterator[tuple[str, PlanBlock]]:
        if isinstance(inner, Block):
            yield "steps", self.block(inner, prefix)
        if isinstance(inner, Switch):
            yield from ((f"case {legible(key)}", self.block(case, prefix)) for key, case in inner.cases)
            if inner.default is not None:
                yield "default", self.block(inner.default, prefix)
        if step.otherwise is not None:
            yield "else", self.block(step.otherwise, prefix)
        for rule in step.on_error:
            if rule.handler is not None:
                yield f"on error {rule.match}" if rule.match else "on error", self.block(rule.handler, prefix)


def _does(body: object, inner: object) -> str:
    if isinstance(inner, Call):
        return inner.action
    if isinstance(inner, Switch):
        return f"switch {expression(inner.value)}"
    return "for_each" if isinstance(body, ForEach) else "loop" if isinstance(body, Loop) else "group"


class _Known:
    """What can be said of parameters before the run: constants, and what reads nothing but known inputs."""

    def __init__(self, inputs: Mapping[str, object]) -> None:
        self._inputs = inputs
        self._cache = TemplateCache()

    def value(self, value: object) -> object:
        if isinstance(value, str):
            return self._text(value) if "{{" in value or "{%" in value else value
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in cast("Mapping[str, object]", value).items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in cast("list[object]", value)]
        return value

    def _text(self, text: str) -> object:
        try:
            template = self._cache.template(text)
            paths = [reference.path for reference in template.references]
            if all(len(path) > 1 and path[0] == "inputs" and path[1] in self._inputs for path in paths):
                return template.render({"inputs": self._inputs})
        except TemplateError:
            pass  # it fails, or depends on more, at run time
        return UNKNOWN


def _written_calls(
    document: Mapping[str, object], known: _Known
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the parameters of each step of a canonical document, computed ones as `…`."""
    for step in written_steps(document):
        parameters = step.get("with")
        if isinstance(parameters, Mapping):
            yield (
                str(step.get("id")),
                cast("Mapping[str, object]", known.value(cast("Mapping[str, object]", parameters))),
            )
