"""What a picture of a pipeline shows: boxes within boxes, and who waits for whom."""

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from orchestrator.app.plain import legible
from orchestrator.app.wording import expression, repeats
from orchestrator.core.action import ActionSource
from orchestrator.core.misfit import counted
from orchestrator.core.pipeline import Block, Call, ForEach, Loop, Pipeline, Step, Switch

BoxKind = Literal["action", "group", "for_each", "loop", "switch"]


class Box(Struct, frozen=True, kw_only=True):
    """One step."""

    path: str
    """Its id with those around it, joined by dots."""
    kind: BoxKind
    title: str
    subtitle: str
    """The action, or what a loop or switch goes by."""
    condition: str = ""
    effect: str = ""
    """The action's effect where it is known."""
    marks: tuple[str, ...] = ()
    """Short words on how it behaves: `retry ×3`, `undo`, `cached`."""
    tooltip: str = ""
    panels: tuple["Panel", ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return plain data; empty fields are left out."""
        data: dict[str, object] = {
            "id": self.path,
            "kind": self.kind,
            "title": self.title,
            "subtitle": self.subtitle,
        }
        more: Mapping[str, object] = {
            "condition": self.condition,
            "effect": self.effect,
            "marks": list(self.marks),
            "description": self.tooltip,
            "panels": [panel.as_data() for panel in self.panels],
        }
        return data | {key: value for key, value in more.items() if value}


class Panel(Struct, frozen=True, kw_only=True):
    """Steps that share a scope."""

    label: str
    """What leads here: a case, `else`, `on error`; empty for the body itself."""
    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int], ...]
    """Pairs of indexes into `boxes`: the second waits for the first. Edges that others imply are left out."""
    levels: tuple[tuple[int, ...], ...]

    def as_data(self) -> dict[str, object]:
        """Return plain data with edges by id."""
        return {
            **({"label": self.label} if self.label else {}),
            "nodes": [box.as_data() for box in self.boxes],
            "edges": [{"from": self.boxes[a].path, "to": self.boxes[b].path} for a, b in self.edges],
        }


class Outline(Struct, frozen=True, kw_only=True):
    """A whole pipeline."""

    name: str
    description: str
    panels: tuple[Panel, ...]
    """The steps, and `on failure` where the file has such a block."""

    def as_data(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "pipeline": self.name,
            "description": self.description,
            "panels": [panel.as_data() for panel in self.panels],
        }


def outline_of(pipeline: Pipeline, actions: ActionSource) -> Outline:
    """Return the outline of a pipeline."""
    panels = [_panel("", pipeline.root, "", actions)]
    if pipeline.on_failure is not None:
        panels.append(_panel("on failure", pipeline.on_failure, "", actions))
    return Outline(name=pipeline.name, description=pipeline.description, panels=tuple(panels))


def _panel(label: str, block: Block, prefix: str, actions: ActionSource) -> Panel:
    return Panel(
        label=label,
        boxes=tuple(_box(step, prefix, actions) for step in block.steps),
        edges=tuple(_essential(block)),
        levels=block.graph.levels,
    )


def _essential(block: Block) -> Iterator[tuple[int, int]]:
    """Yield the edges that no longer way implies (the transitive reduction)."""
    dependencies = block.graph.dependencies
    ancestors = [0] * len(dependencies)  # as bits: sets of a large graph would take its size squared
    for step in block.graph.order:
        for before in dependencies[step]:
            ancestors[step] |= ancestors[before] | 1 << before
    for after, befores in enumerate(dependencies):
        implied = 0
        for before in befores if len(befores) > 1 else ():
            implied |= ancestors[before]
        yield from ((before, after) for before in befores if not implied >> before & 1)


def _box(step: Step, prefix: str, actions: ActionSource) -> Box:
    path = f"{prefix}{step.id}"
    kind, subtitle, effect = _nature(step, actions)
    return Box(
        path=path,
        kind=kind,
        title=step.name or step.id,
        subtitle=subtitle,
        condition=expression(step.condition) if step.condition else "",
        effect=effect,
        marks=tuple(_marks(step)),
        tooltip=step.description,
        panels=tuple(_panels(step, f"{path}.", actions)),
    )


def _nature(step: Step, actions: ActionSource) -> tuple[BoxKind, str, str]:
    body = step.body
    if isinstance(body, Call):
        return "action", body.action, _effect(step, body, actions)
    if isinstance(body, Block):
        return "group", counted(len(body.steps), "step"), ""
    if isinstance(body, Switch):
        return "switch", f"switch {expression(body.value)}", ""
    kind: BoxKind = "for_each" if isinstance(body, ForEach) else "loop"
    inner = body.body
    if isinstance(inner, Call):
        return kind, f"{inner.action} · {repeats(body)}", _effect(step, inner, actions)
    return kind, repeats(body), ""


def _effect(step: Step, call: Call, actions: ActionSource) -> str:
    if step.effect is not None:
        return step.effect.value
    action = actions.find(call.action)
    return action.spec.effect.value if action else ""


def _marks(step: Step) -> Iterator[str]:
    if step.retry.attempts > 1:
        yield f"retry ×{step.retry.attempts}"
    if step.timeout is not None:
        yield f"≤ {step.timeout:g} s"
    if step.undo is not None:
        yield "undo"
    if step.reuse is not None:
        yield "cached"
    if any(rule.tolerate for rule in step.on_error):
        yield "may fail"
    elif any(rule.value is not None or rule.goto is not None for rule in step.on_error):
        yield "recovers"


def _panels(step: Step, prefix: str, actions: ActionSource) -> Iterator[Panel]:
    body = step.body
    inner = body.body if isinstance(body, ForEach | Loop) else body
    if isinstance(inner, Block):
        yield _panel("", inner, prefix, actions)
    if isinstance(inner, Switch):
        for key, case in inner.cases:
            yield _panel(legible(key), case, prefix, actions)
        if inner.default is not None:
            yield _panel("default", inner.default, prefix, actions)
    if step.otherwise is not None:
        yield _panel("else", step.otherwise, prefix, actions)
    for rule in step.on_error:
        if rule.handler is not None:
            label = f"on error {rule.match}" if rule.match else "on error"
            yield _panel(label, rule.handler, prefix, actions)
