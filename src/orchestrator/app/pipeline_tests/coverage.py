"""Which parts of a pipeline its tests exercised: steps, branches, handlers and templates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from orchestrator.app.inventory import all_steps
from orchestrator.compiler.pipeline_tests import last_id
from orchestrator.core.pipeline import Block, Call, ErrorRule, ForEach, Loop, Pipeline, Step, Switch
from orchestrator.core.run_state import RunState, TaskState
from orchestrator.core.template import Template

Kind = Literal["step", "branch", "handler", "template"]


class _Seen:
    """What one run did, by the ids of steps."""

    def __init__(self, state: RunState, fixtures: frozenset[str]) -> None:
        self.ended = state.status in ("completed", "partial")
        self.fixtures = fixtures
        self._tasks: dict[str, list[TaskState]] = {}
        self._undone = {last_id(path) for path in state.tasks if path.endswith("~undo")}
        for path, task in state.tasks.items():
            if not path.endswith("~undo"):
                self._tasks.setdefault(last_id(path), []).append(task)

    def reached(self, step: str) -> bool:
        """Tell whether the step was looked at."""
        return any(task.status != "skipped" or task.how == _FALSE for task in self._tasks.get(step, ()))

    def ran(self, step: str) -> bool:
        """Tell whether the step did something."""
        return any(task.status != "skipped" for task in self._tasks.get(step, ()))

    def was_false(self, step: str) -> bool:
        """Tell whether the step's condition was false."""
        return any(task.how == _FALSE for task in self._tasks.get(step, ()))

    def recovered(self, step: str) -> bool:
        """Tell whether a failure of the step led to something else than failing."""
        return any(task.status == "recovered" or task.tolerated for task in self._tasks.get(step, ()))

    def undone(self, step: str) -> bool:
        """Tell whether the step was taken back."""
        return step in self._undone

    def any_of(self, block: Block) -> bool:
        """Tell whether a step of the block ran."""
        return any(self.ran(step.id) for step in block.steps)


_FALSE = "the condition is false"
_Test = Callable[[_Seen], bool]


class Point(NamedTuple):
    """One thing that tests can exercise."""

    kind: Kind
    name: str
    line: int
    is_hit: _Test


class Coverage(Struct, frozen=True, kw_only=True):
    """What was exercised, of how much."""

    hit: Mapping[str, int]
    total: Mapping[str, int]
    missed: tuple[tuple[str, str, int], ...]
    """Kind, name and line (0 where unknown) of what no test exercised."""

    @property
    def share(self) -> float:
        """The share of everything that was exercised, in percent."""
        total = sum(self.total.values())
        return 100.0 if not total else 100.0 * sum(self.hit.values()) / total

    def as_data(self) -> dict[str, object]:
        """Return it as plain data."""
        return {
            "percent": round(self.share, 1),
            "kinds": {kind: {"hit": self.hit[kind], "total": self.total[kind]} for kind in self.total},
            "missed": [
                {"kind": kind, "name": name, "line": line or None} for kind, name, line in self.missed
            ],
        }


def coverage_of(pipeline: Pipeline, runs: Sequence[tuple[RunState, frozenset[str]]]) -> Coverage:
    """Return what runs exercised of a pipeline; with each run come the ids of the steps that had a fixture."""
    seen = [_Seen(state, fixtures) for state, fixtures in runs]
    kinds: tuple[str, ...] = ("step", "branch", "handler", "template")
    hit: dict[str, int] = dict.fromkeys(kinds, 0)
    total: dict[str, int] = dict.fromkeys(kinds, 0)
    missed: list[tuple[str, str, int]] = []
    for point in _points(pipeline):
        total[point.kind] += 1
        if any(point.is_hit(run) for run in seen):
            hit[point.kind] += 1
        else:
            missed.append((point.kind, point.name, point.line))
    return Coverage(hit=hit, total=total, missed=tuple(missed))


def _points(pipeline: Pipeline) -> Iterator[Point]:
    for path, step in all_steps(pipeline):
        line = step.location.line if step.location else 0
        yield Point("step", path, line, _ran(step))
        for kind, name, is_hit in (*_branches(step), *_handlers(step)):
            yield Point(kind, f"{path} {name}", line, is_hit)
        for name, template, is_hit in _templates(step):
            if template is not None and template.references:
                yield Point("template", f"{path} {name}", line, is_hit)
    for name, template in pipeline.outputs.items():
        at = pipeline.output_locations.get(name)
        if template.references:
            yield Point("template", f"outputs.{name}", at.line if at else 0, _has_ended)


def _has_ended(seen: _Seen) -> bool:
    return seen.ended


def _ran(step: Step) -> _Test:
    return lambda seen: seen.ran(step.id)


def _entered(block: Block) -> _Test:
    return lambda seen: seen.any_of(block)


def _branches(step: Step) -> Iterator[tuple[Kind, str, _Test]]:
    if step.condition is not None:
        yield "branch", "if: true", lambda seen: seen.ran(step.id) and not _only_else(step, seen)
        if step.otherwise is not None:
            other = step.otherwise
            yield "branch", "else", lambda seen: seen.any_of(other)
        else:
            yield "branch", "if: false", lambda seen: seen.was_false(step.id)
    body = step.body.body if isinstance(step.body, ForEach | Loop) else step.body
    if isinstance(body, Switch):
        for key, block in body.cases:
            yield "branch", f"case {key}", _entered(block)
        if body.default is not None:
            default = body.default
            yield "branch", "default", lambda seen: seen.any_of(default)


def _only_else(step: Step, seen: _Seen) -> bool:
    return step.otherwise is not None and seen.any_of(step.otherwise)


def _handlers(step: Step) -> Iterator[tuple[Kind, str, _Test]]:
    for number, rule in enumerate(step.on_error, 1):
        if not rule.fail:
            name = f"on_error {rule.match or (number if len(step.on_error) > 1 else '')}".rstrip()
            yield "handler", name, _handled(step, rule)
    if step.undo is not None:
        yield "handler", "undo", lambda seen: seen.undone(step.id)


def _handled(step: Step, rule: ErrorRule) -> _Test:
    handler = rule.handler
    return (lambda seen: seen.any_of(handler)) if handler else lambda seen: seen.recovered(step.id)


def _templates(step: Step) -> Iterator[tuple[str, Template | None, _Test]]:
    def worked(seen: _Seen) -> bool:
        return seen.ran(step.id) and step.id not in seen.fixtures and not _only_else(step, seen)

    yield "if", step.condition, lambda seen: seen.reached(step.id)
    body = step.body
    if isinstance(body, ForEach):
        yield "for_each", body.items, worked
        if body.reduce is not None:
            yield "reduce", body.reduce.value, worked
    elif isinstance(body, Loop):
        yield "until" if body.until else "while", body.condition, worked
    elif isinstance(body, Switch):
        yield "switch", body.value, worked
    inner = body.body if isinstance(body, ForEach | Loop) else body
    if isinstance(inner, Call):
        yield "with", inner.parameters, worked
    elif isinstance(inner, Block):
        yield "value", inner.value, worked
    for rule in step.on_error:
        yield "on_error value", rule.value, lambda seen: seen.recovered(step.id)
