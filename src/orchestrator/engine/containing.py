"""What holds other tasks (a group, a loop, a branch, another file): its beginning, its time, and its unfinished past."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from orchestrator.core.failure import classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskStarted
from orchestrator.engine.on_error import failure_under_recovery
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError

Valued = tuple[object, frozenset[str]]
"""A value and its marks."""
Work = Callable[[Stopping], Awaitable[Valued | None]]


async def contain(
    run: Run, path: TaskPath, work: Work, *, kind: str, limit: float | None, stopping: Stopping
) -> Valued | None:
    """Do the work of a container within its time, which began when it first started, in whatever process.

    Where its time is over already, or its recovery had begun, nothing new starts in it: its past is walked again for
    what has to be known later, and then it fails as it did.
    """
    known = run.task(path)
    if known is None or known.started_at is None:
        run.record(TaskStarted(run.means.clock.now(), path, kind))
    left = _time_left(run, path, limit)
    failure = failure_under_recovery(run, path)
    if failure is None and left is not None and left <= 0:
        failure = classify(TimeoutError(_too_long(limit)), step=path)
    if failure is not None:
        settled = known is not None and known.derived
        valued = await _walk_again(stopping if settled else yes, work)
        if settled and valued is not None:
            return valued
        raise FailedError(failure)
    try:
        async with run.means.clock.timeout(left):
            return await work(stopping)
    except TimeoutError as error:
        raise FailedError(classify(TimeoutError(_too_long(limit)), step=path)) from error


async def walk_past(work: Callable[[Stopping], Awaitable[object]]) -> None:
    """Walk what a container did once more, starting nothing: so that what it did can be undone later."""
    with suppress(FailedError, HaltedError, ParkedError):
        await work(yes)


def yes() -> bool:
    """Let nothing new start."""
    return True


async def _walk_again(stopping: Stopping, work: Work) -> Valued | None:
    try:
        return await work(stopping)
    except (FailedError, HaltedError, ParkedError):
        return None


def _time_left(run: Run, path: TaskPath, limit: float | None) -> float | None:
    began = run.state.tasks[path].started_at
    return None if limit is None or began is None else began + limit - run.means.clock.now()


def _too_long(limit: float | None) -> str:
    return f"it took longer than {limit:g} s"
