"""What a task that is through leaves behind: its record, and on the way past it again its value."""

from functools import partial

from orchestrator.core.failure import Failure
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskCompleted
from orchestrator.core.run_state import TaskState
from orchestrator.core.status import SETTLED
from orchestrator.core.undefined import Undefined
from orchestrator.engine.block import run_block
from orchestrator.engine.containing import walk_past
from orchestrator.engine.labels import reads_of
from orchestrator.engine.linking import LinkedStep
from orchestrator.engine.on_error import (
    Recovered,
    handler_blocks,
    missing,
    note_failure,
)
from orchestrator.engine.result_data import without_undefined
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError
from orchestrator.engine.undo import remember


def complete(
    run: Run,
    linked: LinkedStep,
    scope: Scope,
    path: TaskPath,
    value: object,
    labels: frozenset[str],
    *,
    undoable: bool = True,
) -> None:
    """Record that a container is through; its value follows from what it holds."""
    known = run.task(path)
    if known is None or known.status not in SETTLED:
        run.record(TaskCompleted(run.means.clock.now(), path, None, labels=labels, derived=True))
    if undoable and linked.step.undo is not None:
        remember(run, linked, scope, path, without_undefined(value))


async def reuse(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, known: TaskState) -> Recovered:
    """Return what a settled task left behind; raises `FailedError` for one that failed for good."""
    step = linked.step
    labels = known.labels
    if known.failure is not None and known.status in ("failed", "recovered"):
        labels = note_failure(linked, scope, known.failure)
        for block in handler_blocks(step) if run.has_past(path) else []:
            inner = scope.child(f"{path}.")
            await walk_past(partial(run_block, run, block, inner))
            labels |= inner.all_labels()
    if known.status == "failed":
        failure = known.failure or Failure("failed", "it failed", path)
        if not known.tolerated:
            raise FailedError(failure)
        return Recovered(missing(step, failure), "failed", labels=labels)
    if known.status == "skipped":
        return Recovered(Undefined(f"steps.{step.id}", skipped=True), "skipped")
    if known.goto and known.failure is not None:
        return Recovered(missing(step, known.failure), "recovered", known.goto, labels)
    if known.status == "recovered":
        labels |= scope.labels_read(reads_of(*(rule.value for rule in step.on_error)))
        return Recovered(known.value, "recovered", labels=labels)
    if step.undo is not None:
        remember(run, linked, scope, path, known.value)
    return Recovered(known.value, "completed", labels=labels)
