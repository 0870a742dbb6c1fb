"""What follows a task's failure: the `on_error` rule that matches, carried out and recorded."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from orchestrator.core.failure import Failure, classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskFailed, TaskRecovered
from orchestrator.core.pipeline import Block, ErrorRule, Step
from orchestrator.core.status import SettledStatus
from orchestrator.core.undefined import Undefined
from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.engine.block import block_labels, block_value, run_block
from orchestrator.engine.in_place import labels_read
from orchestrator.engine.labels import NO_LABELS, reads_of
from orchestrator.engine.linking import LinkedStep
from orchestrator.engine.recovery import choose_rule
from orchestrator.engine.result_data import without_undefined
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError
from orchestrator.engine.undo import undo_tasks
from orchestrator.errors import ActionError, TemplateError

Level = Literal["step", "item", "loop"]
"""What failed: a step, one item or iteration of a loop over the step's own action, or that whole loop."""


class Recovered(Struct):
    """What a task left behind: its value, or what stands in for it."""

    value: object
    status: SettledStatus
    goto: str = ""
    labels: frozenset[str] = NO_LABELS


async def recover(
    run: Run,
    linked: LinkedStep,
    scope: Scope,
    path: TaskPath,
    failure: Failure,
    stopping: Stopping,
    *,
    level: Level = "step",
) -> Recovered:
    """Return what stands in for a failed task; raises `FailedError` when nothing does.

    `scope` is where the step's templates are evaluated; it learns of the failure, so that `errors` shows it.
    """
    step = linked.step
    labels = note_failure(linked, scope, failure)
    rule = _rule_for(failure, step, level)
    if rule is None:
        raise _failed(run, path, failure)
    if rule.handler is not None or rule.undo:  # it takes time: a resumed run must go on here, not try again
        run.decide(path, "on_error", lambda: failure)
    if rule.undo:
        await undo_tasks(run, path)
    if rule.tolerate:
        run.record(TaskFailed(run.means.clock.now(), path, failure, tolerated=True))
        run.warn(f"{path} failed and the run went on: {failure.message}", path)
        return Recovered(missing(step, failure), "failed", labels=labels)
    try:
        value, how, marks = await _stand_in(run, rule, scope, path, stopping)
        goto = rule.goto or ""
        run.record(TaskRecovered(run.means.clock.now(), path, value, failure, how, goto=goto))
    except (TemplateError, ActionError) as error:
        new = replace(classify(error, step=path, attempt=failure.attempt), usage=failure.usage)
        raise _failed(run, path, new) from error
    except FailedError as error:
        raise _failed(run, path, error.failure, spent=failure.usage) from error
    except HaltedError:
        if run.halted:
            raise
        raise _failed(run, path, failure) from None  # what surrounds it failed before the handler was through
    run.warn(f"{path} failed and recovered by `{how}`: {failure.message}", path)
    return Recovered(missing(step, failure) if goto else value, "recovered", goto, labels | marks)


def failure_under_recovery(run: Run, path: TaskPath) -> Failure | None:
    """Return the failure whose recovery had begun when the process of an earlier attempt ended."""
    failure = run.state.decisions.get((path, "on_error"))
    return failure if isinstance(failure, Failure) else None


def note_failure(linked: LinkedStep, scope: Scope, failure: Failure) -> frozenset[str]:
    """Let `errors` show a failure; returns the marks of what the step had read, which its message may tell."""
    scope.failures[linked.id] = failure
    labels = labels_read(linked, scope)
    scope.mark(linked.id, labels)
    return labels


def missing(step: Step, failure: Failure) -> Undefined:
    """Return the value of a task that failed without one."""
    hint = f"step {step.id!r} failed ({failure.message}): use `default(…)` or test `status.{step.id}`."
    return Undefined(f"steps.{step.id}", skipped=True, hint=hint)


def _rule_for(failure: Failure, step: Step, level: Level) -> ErrorRule | None:
    """Return the rule to follow; None when the failure stands.

    The rules of a loop over an action of its own speak of its items; only a `goto` leads on from the loop as a whole.
    """
    rule = choose_rule(failure, step.on_error)
    if rule is None or rule.fail or (level != "step" and bool(rule.goto) is (level == "item")):
        return None
    return rule


async def _stand_in(
    run: Run, rule: ErrorRule, scope: Scope, path: TaskPath, stopping: Stopping
) -> tuple[object, str, frozenset[str]]:
    """Return the value that stands in, how it came about, and its marks."""
    if rule.handler is not None:
        inner = scope.child(f"{path}.")
        await run_block(run, rule.handler, inner, stopping)
        value = without_undefined(block_value(rule.handler, inner))
        return value, "steps", block_labels(run, rule.handler, inner)
    if rule.value is not None:
        value = without_undefined(rule.value.render(scope.names))
        return value, "value", scope.labels_read(reads_of(rule.value))
    return None, "goto", NO_LABELS


def _failed(run: Run, path: TaskPath, failure: Failure, *, spent: Usage = NO_USAGE) -> FailedError:
    run.record(TaskFailed(run.means.clock.now(), path, failure, spent=spent))
    return FailedError(failure)


def handler_blocks(step: Step) -> list[Block]:
    """Return the blocks of the step's handlers."""
    return [rule.handler for rule in step.on_error if rule.handler is not None]
