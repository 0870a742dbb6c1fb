"""One task of a step's own action, with what the step says about failing; also for each item or iteration of a loop."""

from collections.abc import Callable
from typing import cast

from orchestrator.core.failure import Failure, classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskCompleted
from orchestrator.core.pipeline import Block, Call
from orchestrator.core.run_state import SETTLED, TaskState
from orchestrator.core.undefined import Undefined
from orchestrator.engine.attempt import Task, perform
from orchestrator.engine.block import run_block
from orchestrator.engine.in_place import labels_read
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.recovering import Recovered, block_value, missing, recover
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError
from orchestrator.engine.subpipeline import run_subpipeline
from orchestrator.engine.timer import wait_for
from orchestrator.engine.undo import remember
from orchestrator.errors import ActionError, TemplateError, UserError

_OWN = {"pipeline.run": run_subpipeline, "wait": wait_for}
Valued = tuple[object, frozenset[str]]
_NO_LABELS: frozenset[str] = frozenset()


async def run_body(
    run: Run,
    linked: LinkedStep,
    body: Call | Block,
    scope: Scope,
    path: TaskPath,
    stopping: Callable[[], bool],
) -> Valued:
    """Run a loop's body once in its scope; returns its value and labels."""
    if isinstance(body, Block):
        await run_block(run, body, scope, stopping)
        return block_value(body, scope), scope.all_labels()
    if is_own(linked):
        return await _run_own_item(run, linked, scope, path, stopping)
    recovered = await run_call(run, linked, scope, path, stopping)
    return recovered.value, labels_of(run, path)


def is_own(linked: LinkedStep) -> bool:
    """Whether the step's action is carried out by the engine itself."""
    return linked.call is not None and linked.call.name in _OWN


async def run_own(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Callable[[], bool]
) -> Valued:
    """Carry out an action of the engine's own; raises `FailedError` as any task."""
    try:
        return await _OWN[cast("LinkedCall", linked.call).name](run, linked, scope, path, stopping)
    except (ActionError, TemplateError, UserError) as error:
        raise FailedError(classify(error, step=path)) from error


async def _run_own_item(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Callable[[], bool]
) -> Valued:
    """Carry out an action of the engine's own for one item of a loop, with what the step says about failing."""
    known = run.task(path)
    settled = known is not None and known.status in SETTLED
    if known is not None and settled and not known.derived:
        return reuse(run, linked, scope, path, known).value, known.labels
    try:
        value, labels = await run_own(run, linked, scope, path, stopping)
    except FailedError as error:
        return (await recover(run, linked.step, scope, path, error.failure, stopping)).value, _NO_LABELS
    if not settled:
        run.record(TaskCompleted(run.means.clock.now(), path, None, labels=labels, derived=True))
        run.tell(lambda hook: hook.after_task(path, "completed"))
    return value, labels


async def run_call(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Callable[[], bool]
) -> Recovered:
    """Bring one task of the step's own action to its end; raises `FailedError` when nothing stands in for it."""
    known = run.task(path)
    if known is not None and known.status in SETTLED:
        return reuse(run, linked, scope, path, known)
    if run.halted:  # it is walked again for its past: what it had begun is not begun anew
        raise HaltedError
    call = linked.call
    assert call is not None, "only steps with an action of their own come here"  # noqa: S101
    try:
        value = await perform(run, _task(run, linked, call, scope, path))
    except FailedError as error:
        return await recover(run, linked.step, scope, path, error.failure, stopping)
    remember(run, linked, scope, path)
    return Recovered(value, "completed")


def reuse(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, known: TaskState) -> Recovered:
    """Return what a settled task left behind; raises `FailedError` for one that failed for good."""
    step = linked.step
    if known.failure is not None and known.status in ("failed", "recovered"):
        scope.failures[step.id] = known.failure
    if known.status == "failed":
        failure = known.failure or Failure("failed", "it failed", path)
        if not known.tolerated:
            raise FailedError(failure)
        return Recovered(missing(step, failure), "failed")
    if known.status == "skipped":
        return Recovered(Undefined(f"steps.{step.id}", skipped=True), "skipped")
    if known.goto and known.failure is not None:
        return Recovered(missing(step, known.failure), "recovered", known.goto)
    if known.status != "recovered":
        remember(run, linked, scope, path)
        return Recovered(known.value, "completed")
    return Recovered(known.value, "recovered")


def labels_of(run: Run, path: TaskPath) -> frozenset[str]:
    """Return the labels that a task's value was recorded with."""
    known = run.task(path)
    return known.labels if known else _NO_LABELS


def _task(run: Run, linked: LinkedStep, call: LinkedCall, scope: Scope, path: TaskPath) -> Task:
    step = linked.step
    return Task(
        call=call,
        step=step,
        path=path,
        names=scope.names,
        labels=labels_read(linked, scope),
        needs={**run.needs, **step.resources} if step.resources else run.needs,
    )
