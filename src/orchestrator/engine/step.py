"""The life of one step in a scope: its condition, its work, what its failure means, and how it settles."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from orchestrator.core.failure import classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskCancelled, TaskCompleted, TaskSkipped, TaskStarted
from orchestrator.core.pipeline import Block, ForEach, Loop, Step, Switch
from orchestrator.core.run_state import SETTLED
from orchestrator.engine.flow import run_for_each, run_group, run_loop, run_switch, skip_inside
from orchestrator.engine.item import is_own, labels_of, reuse, run_call, run_own
from orchestrator.engine.linking import LinkedStep, body_blocks
from orchestrator.engine.recovering import Recovered, recover
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError
from orchestrator.errors import TemplateError

Stopping = Callable[[], bool]
Valued = tuple[object, frozenset[str]]


async def run_step(run: Run, linked: LinkedStep, scope: Scope, stopping: Stopping) -> str:
    """Bring a step to its end and settle it in its scope; returns the target of a `goto`, else an empty text.

    Raises `FailedError` when it failed and nothing stands in for it, `ParkedError` and `HaltedError` when it has no
    outcome yet.
    """
    path = TaskPath(scope.prefix + linked.id)
    known = run.task(path)
    if known is not None and known.status in SETTLED and not known.derived:
        return _settle(scope, linked.id, reuse(run, linked, scope, path, known), labels_of(run, path))
    try:
        if linked.step.condition is not None and not _holds(run, linked.step, scope, path):
            return await _otherwise(run, linked, scope, path, stopping)
        if linked.call is not None and not _is_container(linked):
            recovered = await run_call(run, linked, scope, path, stopping)
            return _settle(scope, linked.id, recovered, labels_of(run, path))
        valued = await _contain(run, linked, scope, path, stopping)
    except TemplateError as error:
        failure = classify(error, step=path)
    except FailedError as error:
        if _has_failed(run, path):
            raise
        failure = error.failure
    else:
        return _complete(run, linked, scope, path, valued)
    recovered = await recover(run, linked.step, scope, path, failure, stopping)
    return _settle(scope, linked.id, recovered, frozenset())


def _is_container(linked: LinkedStep) -> bool:
    call = linked.call
    return call is None or isinstance(linked.step.body, ForEach | Loop) or is_own(linked)


def _has_failed(run: Run, path: TaskPath) -> bool:
    """Whether the failure of this very task is recorded already."""
    known = run.task(path)
    return known is not None and known.status == "failed"


def _holds(run: Run, step: Step, scope: Scope, path: TaskPath) -> bool:
    condition = step.condition
    return condition is None or bool(run.decide(path, "if", lambda: condition.test(scope.names)))


async def _otherwise(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping) -> str:
    """Settle a step whose condition is false: by its `else` branch, or as skipped."""
    step = linked.step
    for block in body_blocks(step):
        if block is not step.otherwise:
            skip_inside(run, block, path, "the condition is false")
    if step.otherwise is None:
        run.record(TaskSkipped(run.means.clock.now(), path, "the condition is false"))
        run.tell(lambda hook: hook.after_task(path, "skipped"))
        scope.skip(linked.id)
        return ""
    return _complete(run, linked, scope, path, await run_group(run, step.otherwise, scope, path, stopping))


async def _contain(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued | None:
    """Run what a container holds, within its time."""
    known = run.task(path)
    if known is None or known.started_at is None:
        if known is None:
            run.tell(lambda hook: hook.before_task(path))
        run.record(TaskStarted(run.means.clock.now(), path, _kind(linked)))
    if linked.step.otherwise is not None:
        skip_inside(run, linked.step.otherwise, path, "the condition is true")
    try:
        async with _deadline(run, linked, path):
            return await _body(run, linked, scope, path, stopping)
    except TimeoutError as error:
        message = f"it took longer than {linked.step.timeout:g} s"
        raise FailedError(classify(TimeoutError(message), step=path)) from error
    except HaltedError:
        known = run.task(path)
        if known is not None and known.status == "running":
            run.record(TaskCancelled(run.means.clock.now(), path))
        raise


async def _body(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued | None:
    body = linked.step.body
    if isinstance(body, Block):
        return await run_group(run, body, scope, path, stopping)
    if isinstance(body, ForEach):
        return await run_for_each(run, linked, scope, path, stopping)
    if isinstance(body, Loop):
        return await run_loop(run, linked, scope, path, stopping)
    if isinstance(body, Switch):
        return await run_switch(run, body, scope, path, stopping)
    return await run_own(run, linked, scope, path, stopping)


def _deadline(run: Run, linked: LinkedStep, path: TaskPath) -> AbstractAsyncContextManager[object]:
    """Return the time that is left for a group or loop; it began when the container first started, in any process."""
    limit, known = linked.step.timeout, run.task(path)
    if limit is None or (linked.call is not None and not is_own(linked)):
        return run.means.clock.timeout(None)
    began = known.started_at if known and known.started_at is not None else run.means.clock.now()
    return run.means.clock.timeout(max(0.0, began + limit - run.means.clock.now()))


def _kind(linked: LinkedStep) -> str:
    body = linked.step.body
    if isinstance(body, Block):
        return "group"
    if linked.call is not None and is_own(linked) and not isinstance(body, ForEach | Loop):
        return linked.call.name
    return "for_each" if isinstance(body, ForEach) else "loop" if isinstance(body, Loop) else "switch"


def _complete(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, valued: Valued | None) -> str:
    """Settle a container with its value, or as skipped when no branch was chosen."""
    now, known = run.means.clock.now(), run.task(path)
    settled = known is not None and known.status in SETTLED
    if valued is None:
        if not settled:
            run.record(TaskSkipped(now, path, "no case matches"))
        scope.skip(linked.id)
        return ""
    value, labels = valued
    if not settled:
        run.record(TaskCompleted(now, path, None, labels=labels, derived=True))
        run.tell(lambda hook: hook.after_task(path, "completed"))
    return _settle(scope, linked.id, Recovered(value, "completed"), labels)


def _settle(scope: Scope, step: str, recovered: Recovered, labels: frozenset[str]) -> str:
    if recovered.status == "skipped":
        scope.skip(step)
    else:
        scope.settle(step, recovered.value, status=recovered.status)
    if labels:
        scope.labels[step] = labels
    return recovered.goto
