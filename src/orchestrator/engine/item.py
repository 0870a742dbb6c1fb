"""One task of a step's own action, with what the step says about failing; also for each item or iteration of a loop."""

from typing import cast

from msgspec.structs import replace

from orchestrator.core.action import Effect
from orchestrator.core.failure import Failure, classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskCompleted, TaskRetrying, TaskStarted
from orchestrator.core.pipeline import Block, Call
from orchestrator.core.run_state import SETTLED, TaskState
from orchestrator.core.undefined import Undefined
from orchestrator.engine.attempt import perform
from orchestrator.engine.block import block_labels, block_value, run_block
from orchestrator.engine.containing import Valued, contain, walk_past
from orchestrator.engine.in_place import labels_read
from orchestrator.engine.labels import reads_of
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.plain import without_undefined
from orchestrator.engine.recovering import (
    Level,
    Recovered,
    failure_under_recovery,
    handler_blocks,
    missing,
    note_failure,
    recover,
)
from orchestrator.engine.recovery import pause_before_retry
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError
from orchestrator.engine.subpipeline import run_subpipeline
from orchestrator.engine.task import Task, check_output
from orchestrator.engine.timer import wait_for
from orchestrator.engine.undo import can_be_undone, remember
from orchestrator.errors import ActionError, TemplateError, UserError

_OWN = {"pipeline.run": run_subpipeline, "wait": wait_for}


async def run_body(
    run: Run, linked: LinkedStep, body: Call | Block, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued:
    """Run a loop's body once in its scope; returns its value and labels."""
    if isinstance(body, Block):
        await run_block(run, body, scope, stopping)
        return block_value(body, scope), block_labels(run, body, scope)
    run_one = _run_own_item if is_own(linked) else run_call
    recovered = await run_one(run, linked, scope, path, stopping, level="item")
    return recovered.value, recovered.labels


def is_own(linked: LinkedStep) -> bool:
    """Whether the step's action is carried out by the engine itself."""
    return linked.call is not None and linked.call.name in _OWN


async def run_call(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping, *, level: Level = "step"
) -> Recovered:
    """Bring one task of the step's own action to its end; raises `FailedError` when nothing stands in for it."""
    known = run.task(path)
    if known is not None and known.status in SETTLED:
        return await reuse(run, linked, scope, path, known)
    call = cast("LinkedCall", linked.call)
    if failure := failure_under_recovery(run, path):
        return await recover(run, linked, scope, path, failure, stopping, level=level)
    try:
        value = await perform(run, _task(linked, call, scope, path, stopping))
    except FailedError as error:
        return await recover(run, linked, scope, path, error.failure, stopping, level=level)
    finally:
        if (task := run.task(path)) and can_be_undone(task, linked.step):
            remember(run, linked, scope, path, task.value)
    return Recovered(value, "completed", labels=run.state.tasks[path].labels)


async def run_own(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping) -> Valued:
    """Carry out an action of the engine's own, as often as its step says; raises `FailedError` as any task."""
    call = cast("LinkedCall", linked.call)
    known = run.state.tasks[path]
    attempt = known.attempt or 1
    if known.status == "retrying":
        attempt = await _again(run, call, path, attempt, known.resume_at or 0.0, stopping)
    while True:
        try:
            value, labels = await _OWN[call.name](run, linked, scope, path, attempt, stopping)
            check_output(call, value)
        except (ActionError, TemplateError, UserError) as error:
            failure = classify(error, step=path, attempt=attempt)
        except FailedError as error:
            failure = replace(error.failure, attempt=attempt)
        else:
            return value, labels
        chance = run.means.randomness.random()
        pause = pause_before_retry(
            failure, linked.step.retry, effect=Effect.READ, definite=True, chance=chance
        )
        if pause is None:
            raise FailedError(failure)
        resume_at = run.means.clock.now() + pause
        run.record(TaskRetrying(run.means.clock.now(), path, failure, resume_at))
        try:
            attempt = await _again(run, call, path, attempt, resume_at, stopping)
        except HaltedError:
            if run.halted:
                raise
            raise FailedError(failure) from None  # what surrounds it failed: there is no next attempt


async def _again(
    run: Run, call: LinkedCall, path: TaskPath, attempt: int, resume_at: float, stopping: Stopping
) -> int:
    """Wait for the next attempt and begin it."""
    await run.sleep(resume_at - run.means.clock.now(), stopping)
    run.record(TaskStarted(run.means.clock.now(), path, call.name, attempt + 1))
    return attempt + 1


async def _run_own_item(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping, *, level: Level
) -> Recovered:
    """Carry out an action of the engine's own for one item of a loop, with what the step says about failing."""
    known = run.task(path)
    if known is not None and known.status in SETTLED and not known.derived:
        return await reuse(run, linked, scope, path, known)
    try:
        value, labels = await _contain_own(run, linked, scope, path, stopping)
    except FailedError as error:
        return await recover(run, linked, scope, path, error.failure, stopping, level=level)
    complete(run, linked, scope, path, value, labels)
    return Recovered(value, "completed", labels=labels)


async def _contain_own(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued:
    """Carry out an action of the engine's own within its time."""
    valued = await contain(
        run,
        path,
        lambda stopping: run_own(run, linked, scope, path, stopping),
        kind=cast("LinkedCall", linked.call).name,
        limit=linked.step.timeout,
        stopping=stopping,
    )
    return cast("Valued", valued)


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
            await walk_past(lambda stopping, b=block, i=inner: _walk(run, b, i, stopping))
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


async def _walk(run: Run, block: Block, scope: Scope, stopping: Stopping) -> None:
    await run_block(run, block, scope, stopping)


def _task(linked: LinkedStep, call: LinkedCall, scope: Scope, path: TaskPath, stopping: Stopping) -> Task:
    step = linked.step
    return Task(
        call=call,
        step=step,
        path=path,
        names=scope.names,
        labels=labels_read(linked, scope),
        needs={**scope.needs, **step.resources} if step.resources else scope.needs,
        stopping=stopping,
    )
