"""The life of one step in a scope: its condition, its work, what its failure means, and how it settles."""

from orchestrator.core.failure import classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskSkipped
from orchestrator.core.pipeline import Block, ForEach, Loop, Switch
from orchestrator.core.run_state import TaskState
from orchestrator.core.status import SETTLED
from orchestrator.engine.containing import Valued, contain, walk_past
from orchestrator.engine.flow import run_for_each, run_group, run_loop, run_switch, skip_inside
from orchestrator.engine.item import run_call
from orchestrator.engine.linking import LinkedStep, body_blocks
from orchestrator.engine.on_error import Recovered, recover
from orchestrator.engine.open_values import answer
from orchestrator.engine.own_action import is_own, run_own
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.settled import complete, reuse
from orchestrator.engine.signals import FailedError
from orchestrator.errors import ActionError, TemplateError


async def run_step(run: Run, linked: LinkedStep, scope: Scope, stopping: Stopping) -> str:
    """Bring a step to its end and settle it in its scope; returns the target of a `goto`, else an empty text.

    Raises `FailedError` when it failed and nothing stands in for it, `ParkedError` and `HaltedError` when it has no
    outcome yet.
    """
    path = TaskPath(scope.prefix + linked.id)
    known = run.task(path)
    if known is not None and known.status in SETTLED and not known.derived:
        return _settle(scope, linked.id, await _reuse(run, linked, scope, path, known))
    if (budget := linked.step.budget) is not None:
        name = f"the budget of step `{linked.id}`"
        run.open_account(path, budget, name, advice=f"raise `budget` of `{linked.id}`")
    recovered = await _outcome(run, linked, scope, path, stopping)
    if linked.step.critical and _is_container(linked):
        await run.journal.synced()
    return _settle(scope, linked.id, recovered)


async def _outcome(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Recovered:
    try:
        if linked.step.condition is not None and not await _holds(run, linked, scope, path, stopping):
            return await _otherwise(run, linked, scope, path, stopping)
        if not _is_container(linked):
            return await run_call(run, linked, scope, path, stopping)
        if linked.step.otherwise is not None:
            skip_inside(run, linked.step.otherwise, path, "the condition is true")
        return _completed(run, linked, scope, path, await _contain(run, linked, scope, path, stopping))
    except (TemplateError, ActionError) as error:
        failure = classify(error, step=path)
    except FailedError as error:
        if _has_failed(run, path):
            raise
        failure = error.failure
    level = "loop" if _times_items(linked) else "step"
    return await recover(run, linked, scope, path, failure, stopping, level=level)


def _is_container(linked: LinkedStep) -> bool:
    return linked.call is None or isinstance(linked.step.body, ForEach | Loop) or is_own(linked)


def _times_items(linked: LinkedStep) -> bool:
    """Whether the step loops over its own action: then its policies speak of each item."""
    return linked.call is not None and isinstance(linked.step.body, ForEach | Loop)


def _has_failed(run: Run, path: TaskPath) -> bool:
    """Whether the failure of this very task is recorded already."""
    known = run.task(path)
    return known is not None and known.status == "failed"


async def _holds(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping) -> bool:
    condition = linked.step.condition
    if linked.step.open_values:
        await answer(run, linked, "if", scope, path, stopping)
    return condition is None or bool(run.decide(path, "if", lambda: condition.test(scope.names)))


async def _otherwise(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Recovered:
    """Settle a step whose condition is false: by its `else` branch, or as skipped."""
    step = linked.step
    for block in body_blocks(step):
        if block is not step.otherwise:
            skip_inside(run, block, path, "the condition is false")
    if step.otherwise is None:
        run.record(TaskSkipped(run.means.clock.now(), path, "the condition is false"))
        return Recovered(None, "skipped")
    block = step.otherwise
    valued = await contain(
        run,
        path,
        lambda stopping: run_group(run, block, scope, path, stopping),
        kind="else",
        limit=None if _is_plain_call(linked) else step.timeout,
        stopping=stopping,
    )
    return _completed(run, linked, scope, path, valued)


def _is_plain_call(linked: LinkedStep) -> bool:
    """Whether the step's time-out speaks of an attempt of its action."""
    return linked.call is not None and not is_own(linked)


async def _contain(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued | None:
    """Run what a container holds, within its time."""
    return await contain(
        run,
        path,
        lambda stopping: _body(run, linked, scope, path, stopping),
        kind=_kind(linked),
        limit=None if _times_items(linked) else linked.step.timeout,
        stopping=stopping,
    )


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
        return await run_switch(run, linked, scope, path, stopping)
    return await run_own(run, linked, scope, path, stopping)


def _kind(linked: LinkedStep) -> str:
    body = linked.step.body
    if isinstance(body, Block):
        return "group"
    if linked.call is not None and not isinstance(body, ForEach | Loop):
        return linked.call.name
    return "for_each" if isinstance(body, ForEach) else "loop" if isinstance(body, Loop) else "switch"


def _completed(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, valued: Valued | None
) -> Recovered:
    """Return what a container is worth; it is skipped when no branch was chosen."""
    if valued is None:
        run.record(TaskSkipped(run.means.clock.now(), path, "no case matches"))
        return Recovered(None, "skipped")
    value, labels = valued
    complete(run, linked, scope, path, value, labels, undoable=not _times_items(linked))
    return Recovered(value, "completed", labels=labels)


async def _reuse(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, known: TaskState) -> Recovered:
    """Return what a settled step left behind; what a failed container did before may still have to be undone."""
    if linked.undoes and _is_container(linked) and known.status in ("failed", "recovered"):
        block = linked.step.otherwise
        took_else = run.state.decisions.get((path, "if")) is False
        await walk_past(
            lambda stopping: (
                run_group(run, block, scope, path, stopping)
                if took_else and block is not None
                else _body(run, linked, scope, path, stopping)
            )
        )
    return await reuse(run, linked, scope, path, known)


def _settle(scope: Scope, step: str, recovered: Recovered) -> str:
    if recovered.status == "skipped":
        scope.skip(step)
    else:
        scope.settle(step, recovered.value, status=recovered.status)
    scope.mark(step, recovered.labels)
    return recovered.goto
