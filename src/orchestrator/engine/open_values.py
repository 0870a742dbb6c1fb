"""Values that the file leaves open: each is asked for by a task of its own, once what its question reads is known."""

from orchestrator.core.ids import StepId, TaskPath
from orchestrator.core.journal import TaskFailed
from orchestrator.core.pipeline import OpenValue, Step
from orchestrator.engine.attempt import perform
from orchestrator.engine.labels import reads_of
from orchestrator.engine.linking import LinkedStep
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError
from orchestrator.engine.task import Task


async def answer(
    run: Run, linked: LinkedStep, place: str, scope: Scope, path: TaskPath, stopping: Stopping
) -> None:
    """Let the scope know the answers to what a step leaves open under one of its keys.

    An answer that the journal holds is taken from there, so nothing is asked twice. Raises what a task raises.
    """
    for value in linked.step.open_values:
        if value.place == place:
            await _answer(run, linked, value, scope, TaskPath(f"{path}/{value.key}"), stopping)


async def _answer(
    run: Run, linked: LinkedStep, value: OpenValue, scope: Scope, path: TaskPath, stopping: Stopping
) -> None:
    known = run.task(path)
    if known is not None and known.status == "failed" and known.failure is not None:
        raise FailedError(known.failure)
    if known is None or known.status != "completed":
        try:
            await perform(run, _task(linked, value, scope, path, stopping))
        except FailedError as error:
            run.record(TaskFailed(run.means.clock.now(), path, error.failure))
            raise
    task = run.state.tasks[path]
    scope.learn(value.name, task.value, task.labels)


def _task(linked: LinkedStep, value: OpenValue, scope: Scope, path: TaskPath, stopping: Stopping) -> Task:
    step = linked.step
    call = linked.links.call(value.call, compiled=False)
    return Task(
        call=call,
        step=Step(id=StepId(path), body=value.call, model=step.model, retry=step.retry, timeout=step.timeout),
        path=path,
        names=scope.names,
        labels=scope.labels_read(reads_of(value.call.parameters)) | call.action.spec.labels,
        needs=scope.needs,
        stopping=stopping,
    )
