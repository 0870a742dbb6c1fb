"""The short way of a task: a cheap pure action, evaluated at once, one record, no task of its own."""

from collections.abc import Mapping
from typing import Final, cast

from orchestrator.core.action import ActionContext, ActionOutcome
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskCompleted
from orchestrator.engine.labels import NO_LABELS
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.result_data import as_plain_data, without_undefined
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.errors import StoreError

_NO_CONTEXT = cast("ActionContext", None)  # in-place actions are pure functions of their parameters

NOT_IN_PLACE: Final = object()
"""The task must go the long way: it failed, or its past is more than a value."""


def run_in_place(run: Run, linked: LinkedStep, scope: Scope) -> bool:
    """Run a step at once and settle it in its scope; False when it must go the long way."""
    value = evaluate_in_place(run, linked, scope, TaskPath(scope.prefix + linked.id))
    if value is NOT_IN_PLACE:
        return False
    scope.own[linked.id] = value
    return True


def evaluate_in_place(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath) -> object:
    """Return the value of a task with its record written, or `NOT_IN_PLACE`."""
    known = run.state.tasks.get(path)
    if known is not None:
        if known.status != "completed":
            return NOT_IN_PLACE
        scope.mark(linked.id, known.labels)
        return known.value
    call = cast("LinkedCall", linked.call)
    if run.secrets and not call.of_language:
        return NOT_IN_PLACE
    run.begins(path)
    try:
        params = cast("Mapping[str, object]", without_undefined(call.parameters.render(scope.names)))
        if call.check is not None and call.check(params):
            return NOT_IN_PLACE
        value = call.action.function(params, _NO_CONTEXT)
        if not call.of_language:
            if isinstance(value, ActionOutcome):
                return NOT_IN_PLACE
            value = as_plain_data(value)
        labels = labels_read(linked, scope)
        run.record(TaskCompleted(run.means.clock.now(), path, value, labels=labels))
    except StoreError:
        raise
    except (Exception, SystemExit):  # noqa: BLE001 — the long way evaluates it again and says what is wrong
        return NOT_IN_PLACE
    if labels:
        scope.mark(linked.id, labels)
    return value


def labels_read(linked: LinkedStep, scope: Scope) -> frozenset[str]:
    """Return the marks of everything that a step's parameters read, and those its action adds."""
    labels = scope.labels_read(linked.reads) if scope.seen else NO_LABELS
    return labels | linked.call.action.spec.labels if linked.call else labels
