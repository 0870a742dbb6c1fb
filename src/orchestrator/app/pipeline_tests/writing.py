"""Makes a test out of a run: its inputs, fixtures for what it asked of the world, and what came out as expectations."""

import re
from collections.abc import Mapping
from pathlib import Path

from orchestrator.app.derived import derived_value
from orchestrator.app.files import read_pipeline_text
from orchestrator.app.inventory import called_in, inner_blocks
from orchestrator.app.pipeline_tests.suite import tests_file
from orchestrator.app.plain import plain
from orchestrator.compiler import compile_tests
from orchestrator.core.action import ActionSource, Effect
from orchestrator.core.ids import TaskPath
from orchestrator.core.pipeline import Call, Pipeline, Step
from orchestrator.core.run_state import RunState, TaskState
from orchestrator.engine import ACTIONS
from orchestrator.errors import SetupError, UserError

_OWN = frozenset(action.spec.name for action in ACTIONS) - {"pipeline.run"}


def test_of(state: RunState, pipeline: Pipeline, actions: ActionSource, *, name: str) -> dict[str, object]:
    """Return a run as the entry of a test."""
    if state.status not in ("completed", "partial", "failed"):
        raise UserError(f"run {state.run_id} is {state.status}\n  → a test is made of a run that has ended")
    fixtures: dict[str, object] = {}
    statuses: dict[str, object] = {}
    for step in pipeline.root.steps:
        task = state.tasks.get(TaskPath(step.id))
        if task is None:
            continue
        statuses[step.id] = task.status
        if _asks_the_world(step, actions) and (found := _fixture(state, step, task)) is not None:
            fixtures[step.id] = found[0]
    secrets = {name: "secret" for name, spec in pipeline.inputs.items() if spec.type == "secret"}
    entry: dict[str, object] = {"name": name}
    if inputs := {**state.inputs, **secrets}:
        entry["inputs"] = plain(inputs)
    if fixtures:
        entry["fixtures"] = fixtures
    expect: dict[str, object] = {"status": state.status}
    if state.status != "failed" and state.outputs:
        expect["outputs"] = plain(state.outputs)
    return {**entry, "expect": {**expect, "steps": statuses}}


def add_test(file: Path, entry: Mapping[str, object], *, pipeline: Pipeline, steps: list[str]) -> Path:
    """Append a test to the file of tests beside a pipeline, and return that file."""
    import yaml

    path = tests_file(file)
    text = read_pipeline_text(path) if path.is_file() else "tests:\n"
    first = re.search(r"^( *)- ", text, re.MULTILINE)
    indent = first.group(1) if first else "  "
    dumped = yaml.safe_dump([dict(entry)], sort_keys=False, allow_unicode=True, width=110)
    added = "".join(indent + line for line in dumped.splitlines(keepends=True))
    whole = f"{text.rstrip()}\n{added}"
    compile_tests(whole, file=str(path), pipeline=pipeline, steps=steps)
    try:
        path.write_text(whole, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error.strerror}", hint="check its folder.") from None
    return path


def free_name(wanted: str, taken: frozenset[str]) -> str:
    """Return a name that no test has."""
    numbered = (f"{wanted} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name not in taken)


def _fixture(state: RunState, step: Step, task: TaskState) -> tuple[object] | None:
    """Return what stands in for a step; None where the journal does not tell its value, so that it is done again."""
    if task.status == "completed":
        derived = None if isinstance(step.body, Call) else derived_value(state, TaskPath(step.id))
        if derived is not None and derived.why:
            return None
        return (plain(task.value if derived is None else derived.value),)
    if task.failure is not None and task.status in ("failed", "recovered", "undone"):
        return ({"fail": {"class": task.failure.error_class, "message": task.failure.message}},)
    return (plain(task.value),) if task.status == "undone" else None


def _asks_the_world(step: Step, actions: ActionSource) -> bool:
    names = called_in(step)
    return any(_is_outward(name, actions) for name in names) or any(
        _asks_the_world(inner, actions) for block in inner_blocks(step) for inner in block.steps
    )


def _is_outward(name: str, actions: ActionSource) -> bool:
    action = None if name in _OWN else actions.find(name)
    return action is not None and action.spec.effect is not Effect.PURE
