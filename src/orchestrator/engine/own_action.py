"""Actions that the engine carries out itself: they contain tasks or wait, so that they never block one attempt."""

from typing import cast

from msgspec.structs import replace

from orchestrator.core.action import Effect
from orchestrator.core.failure import classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskRetrying, TaskStarted
from orchestrator.core.status import SETTLED
from orchestrator.engine.containing import Valued, contain
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.on_error import (
    Level,
    Recovered,
    recover,
)
from orchestrator.engine.open_values import answer
from orchestrator.engine.recovery import pause_before_retry
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.settled import complete, reuse
from orchestrator.engine.signals import FailedError, HaltedError
from orchestrator.engine.subpipeline import run_subpipeline
from orchestrator.engine.task import check_output
from orchestrator.engine.timer import wait_for
from orchestrator.errors import ActionError, TemplateError, UserError

_OWN = {"pipeline.run": run_subpipeline, "wait": wait_for}


def is_own(linked: LinkedStep) -> bool:
    """Whether the step's action is carried out by the engine itself."""
    return linked.call is not None and linked.call.name in _OWN


async def run_own(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping) -> Valued:
    """Carry out an action of the engine's own, as often as its step says; raises `FailedError` as any task."""
    call = cast("LinkedCall", linked.call)
    known = run.state.tasks[path]
    attempt = known.attempt or 1
    if known.status == "retrying":
        attempt = await _again(run, call, path, attempt, known.resume_at or 0.0, stopping)
    while True:
        try:
            if linked.step.open_values:
                await answer(run, linked, "with", scope, path, stopping)
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


async def run_own_item(
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


async def _again(
    run: Run, call: LinkedCall, path: TaskPath, attempt: int, resume_at: float, stopping: Stopping
) -> int:
    """Wait for the next attempt and begin it."""
    await run.sleep(resume_at - run.means.clock.now(), stopping)
    run.record(TaskStarted(run.means.clock.now(), path, call.name, attempt + 1))
    return attempt + 1
