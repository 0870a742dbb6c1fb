"""What follows a task's failure: the `on_error` rule that matches, carried out and recorded."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.core.failure import Failure, classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskFailed, TaskRecovered
from orchestrator.core.pipeline import Block, ErrorRule, Step
from orchestrator.core.undefined import Undefined
from orchestrator.engine.block import run_block
from orchestrator.engine.recovery import choose_rule
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError
from orchestrator.engine.undo import undo_tasks
from orchestrator.errors import TemplateError


@dataclass(slots=True)
class Recovered:
    """What stands in for a failed task."""

    value: object
    status: str
    goto: str = ""


async def recover(
    run: Run, step: Step, scope: Scope, path: TaskPath, failure: Failure, stopping: Callable[[], bool]
) -> Recovered:
    """Return what stands in for a failed task; raises `FailedError` when nothing does.

    `scope` is where the step's templates are evaluated; it learns of the failure, so that `errors` shows it.
    """
    scope.failures[step.id] = failure
    rule = choose_rule(failure, step.on_error)
    if rule is None or rule.fail:
        raise _failed(run, path, failure)
    if rule.undo:
        await undo_tasks(run, f"{path}.")
    if rule.tolerate:
        run.record(TaskFailed(run.means.clock.now(), path, failure, tolerated=True))
        run.tell(lambda hook: hook.after_task(path, "failed"))
        run.warn(f"{path} failed and the run went on: {failure.message}", path)
        return Recovered(missing(step, failure), "failed")
    try:
        value, how = await _stand_in(run, rule, scope, path, stopping)
    except TemplateError as error:
        raise _failed(run, path, classify(error, step=path, attempt=failure.attempt)) from error
    except FailedError as error:
        raise _failed(run, path, error.failure) from error
    goto = rule.goto or ""
    recorded = None if goto else value
    run.record(TaskRecovered(run.means.clock.now(), path, recorded, failure, how, goto=goto))
    run.tell(lambda hook: hook.after_task(path, "recovered"))
    run.warn(f"{path} failed and recovered by `{how}`: {failure.message}", path)
    return Recovered(missing(step, failure) if goto else value, "recovered", goto)


def missing(step: Step, failure: Failure) -> Undefined:
    """Return the value of a task that failed without one."""
    hint = f"step {step.id!r} failed ({failure.message}): use `default(…)` or test `status.{step.id}`."
    return Undefined(f"steps.{step.id}", skipped=True, hint=hint)


def block_value(block: Block, scope: Scope) -> object:
    """Return what a block stands for once its steps have settled."""
    if block.value is not None:
        return block.value.render(scope.names)
    own = scope.own
    return {step.id: own[step.id] for step in block.steps if step.id in own}


async def _stand_in(
    run: Run, rule: ErrorRule, scope: Scope, path: TaskPath, stopping: Callable[[], bool]
) -> tuple[object, str]:
    if rule.handler is not None:
        inner = scope.child(f"{path}.")
        await run_block(run, rule.handler, inner, stopping)
        return block_value(rule.handler, inner), "steps"
    if rule.value is not None:
        return rule.value.render(scope.names), "value"
    return None, "goto"


def _failed(run: Run, path: TaskPath, failure: Failure) -> FailedError:
    run.record(TaskFailed(run.means.clock.now(), path, failure))
    run.tell(lambda hook: hook.after_task(path, "failed"))
    return FailedError(failure)
