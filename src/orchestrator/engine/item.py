"""One task of a step's action, with what the step says about failing; also for each item or iteration of a loop."""

from typing import cast

from orchestrator.core.ids import TaskPath
from orchestrator.core.pipeline import Block, Call
from orchestrator.core.status import SETTLED
from orchestrator.engine.attempt import perform
from orchestrator.engine.block import block_labels, block_value, run_block
from orchestrator.engine.containing import Valued
from orchestrator.engine.in_place import labels_read
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.on_error import (
    Level,
    Recovered,
    failure_under_recovery,
    recover,
)
from orchestrator.engine.open_values import answer
from orchestrator.engine.own_action import is_own, run_own_item
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.settled import reuse
from orchestrator.engine.signals import FailedError
from orchestrator.engine.task import Task
from orchestrator.engine.undo import can_be_undone, remember


async def run_body(
    run: Run, linked: LinkedStep, body: Call | Block, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued:
    """Run a loop's body once in its scope; returns its value and labels."""
    if isinstance(body, Block):
        await run_block(run, body, scope, stopping)
        return block_value(body, scope), block_labels(run, body, scope)
    run_one = run_own_item if is_own(linked) else run_call
    recovered = await run_one(run, linked, scope, path, stopping, level="item")
    return recovered.value, recovered.labels


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
        if linked.step.open_values:
            await answer(run, linked, "with", scope, path, stopping)
        value = await perform(run, _task(linked, call, scope, path, stopping))
    except FailedError as error:
        return await recover(run, linked, scope, path, error.failure, stopping, level=level)
    finally:
        if (task := run.task(path)) and can_be_undone(task, linked.step):
            remember(run, linked, scope, path, task.value)
    return Recovered(value, "completed", labels=run.state.tasks[path].labels)


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
