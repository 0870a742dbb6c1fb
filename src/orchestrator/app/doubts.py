"""What a person says about tasks in doubt, held to what those tasks may give."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from orchestrator.app.inputs import Written
from orchestrator.app.inventory import all_steps
from orchestrator.app.paths import step_id
from orchestrator.app.runs import Doubts, open_doubts
from orchestrator.app.written_steps import written_step
from orchestrator.core.action import ActionSource
from orchestrator.core.misfit import Misfit
from orchestrator.core.pipeline import Call, ForEach, Loop, Pipeline, Step
from orchestrator.core.plain import is_mapping
from orchestrator.core.run_state import RunState
from orchestrator.core.schema import compile_schema
from orchestrator.errors import UserError


def read_doubts(state: RunState, doubts: Doubts, pipeline: Pipeline, actions: ActionSource) -> Doubts:
    """Return the decisions with their values read; raises `UserError` for tasks and values that do not fit."""
    if strangers := list(_strangers(state, doubts)):
        raise UserError("\n".join(strangers))
    problems: list[str] = []
    values: dict[str, object] = {}
    for task, value in doubts.done.items():
        found = _read(value, _schemas(pipeline, task, actions))
        values[task] = found.value
        if found.misfits:
            problems.append(_misfitting(task, value, found.misfits[0], state.run_id))
    if problems:
        raise UserError("\n".join(problems))
    return doubts._replace(done=values)


def _strangers(state: RunState, doubts: Doubts) -> Iterator[str]:
    known = open_doubts(state)
    for task in (*doubts.again, *doubts.done):
        if task not in known:
            advice = f"in doubt: {', '.join(known)}." if known else "no task of this run is in doubt."
            yield f"{task} of run {state.run_id} is not in doubt\n  → {advice}"


class _Read(NamedTuple):
    value: object
    misfits: Sequence[Misfit] = ()


def _read(value: object, schemas: Sequence[Mapping[str, object]]) -> _Read:
    """Return a value that fits; of a text on the command line its meaning as JSON, else the text itself."""
    if not isinstance(value, Written):
        return _Read(value, _misfits(value, schemas))
    meanings = [*_as_json(value.text), value.text]
    found = [_Read(meaning, _misfits(meaning, schemas)) for meaning in meanings]
    return next((one for one in found if not one.misfits), found[0])


def _as_json(text: str) -> Iterator[object]:
    def no_constant(name: str) -> object:
        raise ValueError(name)

    try:
        yield cast("object", json.loads(text, parse_constant=no_constant))
    except (ValueError, RecursionError):
        return


def _misfits(value: object, schemas: Sequence[Mapping[str, object]]) -> list[Misfit]:
    return [misfit for schema in schemas for misfit in compile_schema(schema)(value)]


def _misfitting(task: str, value: object, misfit: Misfit, run: str) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in misfit.path)
    told = f"{where.lstrip('.')}: {misfit.message}" if where else misfit.message
    what = "needs its result" if value is None else "cannot have this result"
    return f"{task} {what}: {told}\n  → say what it gave, as JSON or text: py-orc resume {run} --done '{task}=VALUE'"


def _schemas(pipeline: Pipeline, task: str, actions: ActionSource) -> list[Mapping[str, object]]:
    """Return what a task's result must fit: its step's `output`, and what its action says it returns."""
    step = _step(pipeline, task)
    if step is None:
        return []
    body = step.body.body if isinstance(step.body, ForEach | Loop) else step.body
    action = actions.find(body.action) if isinstance(body, Call) else None
    return [schema for schema in (step.output, action and action.spec.result) if schema]


def _step(pipeline: Pipeline, task: str) -> Step | None:
    """Return the step that a task executes, also in a file that the pipeline runs; None where no step is written."""
    steps, document, found = dict(_by_id(pipeline)), pipeline.document, None
    for part in task.split("."):
        if "/" in part or part.find("~") > 0:  # the call of an action, an undo: no step of their own
            return None
        found = steps.get(step_id(part))
        inner = pipeline.pipelines.get(_file(document, step_id(part))) if found else None
        if inner is not None:
            pipeline, document, steps = inner, inner.document, dict(_by_id(inner))
    return found


def _by_id(pipeline: Pipeline) -> Iterator[tuple[str, Step]]:
    return ((step.id, step) for _, step in all_steps(pipeline))


def _file(document: Mapping[str, object], step: str) -> str:
    """Return the file that a step runs, as it is written."""
    given = written_step(document, step).get("with")
    return str(given.get("file", "")) if is_mapping(given) else ""
