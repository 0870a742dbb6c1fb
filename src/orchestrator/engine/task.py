"""What makes up one task of an action, and the checks at its two ends."""

from collections.abc import Mapping

from msgspec import Struct

from orchestrator.core.ids import TaskPath
from orchestrator.core.pipeline import Step
from orchestrator.engine.labels import NO_LABELS
from orchestrator.engine.linking import LinkedCall
from orchestrator.engine.run import Stopping
from orchestrator.errors import ActionError


class Task(Struct, kw_only=True):
    """What makes up one task of an action."""

    call: LinkedCall
    step: Step
    path: TaskPath
    names: Mapping[str, object]
    labels: frozenset[str] = NO_LABELS
    needs: Mapping[str, float]
    """Permits to hold while acting."""
    stopping: Stopping
    depth: int = 0
    """How many `ctx.call`s lead to it."""


def check_parameters(call: LinkedCall, params: object) -> None:
    """Raise `ActionError` naming every rendered parameter that does not fit the action's schema."""
    if call.check is not None and (misfits := call.check(params)):
        problems = "; ".join(
            f"{'.'.join(map(str, misfit.path))}: {misfit.message}" if misfit.path else misfit.message
            for misfit in misfits
        )
        raise ActionError(f"parameters of {call.name}: {problems}", error_class="invalid_request")


def check_output(call: LinkedCall, value: object) -> None:
    """Raise `ActionError` for a result that does not fit the step's `output`."""
    if call.check_output is not None and (misfits := call.check_output(value)):
        first = misfits[0]
        where = ".".join(map(str, first.path))
        raise ActionError(
            f"the result does not fit `output`: {f'{where}: ' if where else ''}{first.message}",
            error_class="bad_output",
            details=value,
        )
