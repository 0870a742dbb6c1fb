"""`wait`: a pause that survives restarts, because the time at which it ends is in the journal."""

from collections.abc import Mapping
from typing import cast

from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TimerSet
from orchestrator.core.quantities import duration
from orchestrator.engine.labels import NO_LABELS
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.result_data import without_undefined
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.errors import ActionError


async def wait_for(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, _attempt: int, stopping: Stopping
) -> tuple[object, frozenset[str]]:
    """Pause for the time that the step says; its value is the time at which it ended (epoch seconds)."""
    known = run.task(path)
    if known is None or known.resume_at is None:
        call = cast("LinkedCall", linked.call)
        params = cast("Mapping[str, object]", without_undefined(call.parameters.render(scope.names)))
        seconds = duration(params.get("for"), zero=True)
        if seconds is None:
            raise ActionError(
                f"`wait` needs a time such as 10s, 5m or 1h30m, not {params.get('for')!r}",
                error_class="invalid_request",
            )
        now = run.means.clock.now()
        run.record(TimerSet(now, path, now + seconds))
        await run.journal.written()
    fires_at = cast("float", run.state.tasks[path].resume_at)
    remaining = fires_at - run.means.clock.now()
    if remaining > 0:
        await run.sleep(remaining, stopping)
    return fires_at, NO_LABELS
