"""py-orc's own control system: brings runs from their journal to their end."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from orchestrator.core.action import ActionSource
from orchestrator.core.cache import Cache
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.failure import Failure, classify
from orchestrator.core.hook import Hook
from orchestrator.core.journal import CancelRequested, RunEnded, RunResumed, TaskCancelled
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.pipeline_loader import PipelineLoader
from orchestrator.core.run_state import RunState, snapshot
from orchestrator.core.secret import Secret
from orchestrator.core.status import RunEnding
from orchestrator.core.store import Journal
from orchestrator.engine.block import run_block
from orchestrator.engine.linking import Links
from orchestrator.engine.outputs import render_outputs
from orchestrator.engine.permits import Permits
from orchestrator.engine.run import Means, Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError
from orchestrator.engine.step import run_step
from orchestrator.engine.treasury import Treasury
from orchestrator.engine.undo import undo_tasks
from orchestrator.engine.workers import Workers
from orchestrator.errors import RunInterruptedError, StoreError

_INBOX_EVERY = 0.25
"""Seconds between two looks into the inbox of a run."""


class Engine:
    """Runs pipelines; many at once, each on its own journal."""

    def __init__(
        self,
        actions: ActionSource,
        *,
        clock: Clock,
        randomness: Randomness,
        cache: Cache | None = None,
        treasury: Treasury | None = None,
        loader: PipelineLoader | None = None,
        capacities: Mapping[str, float] | None = None,
        max_parallel: int = 32,
        grace: float = 5.0,
        hooks: Sequence[Hook] = (),
        in_place: bool = True,
        prepare_process: Callable[[], None] | None = None,
    ) -> None:
        self._means = Means(
            actions=actions,
            clock=clock,
            randomness=randomness,
            permits=Permits({**(capacities or {}), "task": max_parallel}),
            workers=Workers(threads=max_parallel, prepare_process=prepare_process),
            cache=cache,
            treasury=treasury,
            loader=loader,
            hooks=hooks,
            in_place=in_place,
        )
        self._grace = grace
        """Seconds that running actions get to end by themselves when a run is interrupted."""
        self._runs: dict[str, Run] = {}
        self._interrupted = False

    async def run(
        self,
        pipeline: Pipeline,
        state: RunState,
        journal: Journal,
        *,
        secrets: Mapping[str, str] | None = None,
    ) -> RunState:
        """Bring a run as far as it goes; see `core.control_system`."""
        run = Run(
            pipeline=pipeline,
            state=state,
            journal=journal,
            means=self._means,
            secrets=secrets or {},
            links=Links(self._means.actions, in_place=self._means.in_place),
            run_step=run_step,
        )
        self._runs[state.run_id] = run
        run.tell(lambda hook: hook.before_run(pipeline, snapshot(state)))
        inbox = asyncio.create_task(self._poll_inbox(run))
        try:
            await self._to_its_end(run)
        finally:
            del self._runs[state.run_id]
            self._means.permits.withdraw(_places_of(run))
            run.tell(lambda hook: hook.after_run(snapshot(state)))
            await _stop(inbox, run.giving_up)
        return state

    def interrupt(self) -> None:
        """Stop all runs so that they can be resumed: nothing new starts, what acts gets the grace time."""
        self._interrupted = True
        for run in self._runs.values():
            run.halt()
            if run.giving_up is None:
                run.giving_up = asyncio.get_running_loop().create_task(self._give_up_after_grace(run))

    def interrupt_now(self) -> None:
        """Stop all runs without a grace time."""
        self._interrupted = True
        for run in self._runs.values():
            run.halt()
            _cancel_attempts(run)

    async def close(self) -> None:
        """Let go of threads and processes."""
        self._means.workers.close()

    async def _to_its_end(self, run: Run) -> None:
        places = run.pipeline.max_parallel
        if places is not None:
            run.means.permits.offer(_places_of(run), places)
        ending = run.state.position > 1 and await self._take_up(run)
        scope = _root_scope(run)
        try:
            outputs = await self._walk(run, scope, ending=ending)
        except FailedError as error:
            await self._fail(run, scope, error.failure)
        except ParkedError:
            self._end(run, "waiting")
        except HaltedError:
            if run.state.cancelled_by is None:
                await self._leave(run)
            await self._cancel(run)
        else:
            self._complete(run, outputs)
        await run.journal.synced()

    async def _take_up(self, run: Run) -> bool:
        """Prepare a run that has a past; returns whether it had begun to end, so that nothing new may start."""
        run.resumed = True
        await self._read_inbox(run)
        run.record(RunResumed(run.means.clock.now()))
        return run.state.cancelled_by is not None or "" in run.state.undoing

    async def _walk(self, run: Run, scope: Scope, *, ending: bool) -> dict[str, object]:
        if self._interrupted:
            raise HaltedError
        pipeline, clock = run.pipeline, run.means.clock
        left = None if pipeline.timeout is None else run.state.created_at + pipeline.timeout - clock.now()
        over = left is not None and left <= 0
        try:
            async with clock.timeout(None if over else left):
                await run_block(run, pipeline.root, scope, _yes if ending or over else _no)
        except TimeoutError as error:
            raise FailedError(_too_late(pipeline)) from error
        except HaltedError:
            if not run.halted and run.state.cancelled_by is None:  # its time was over when it was taken up
                raise FailedError(_too_late(pipeline)) from None
            raise
        return render_outputs(pipeline, scope)

    def _complete(self, run: Run, outputs: Mapping[str, object]) -> None:
        """End a run that went all the way; what is in doubt inside a handled failure still needs a person."""
        tasks = run.state.tasks.values()
        if any(task.status == "in_doubt" for task in tasks):
            self._end(run, "waiting")
        else:
            self._end(run, "partial" if any(task.tolerated for task in tasks) else "completed", outputs)

    async def _fail(self, run: Run, scope: Scope, failure: Failure) -> None:
        if run.state.cancelled_by is not None:  # the failure came of the cancelling, or after it
            await self._cancel(run)
        elif await self._wind_up(run, scope):
            self._end(run, "failed", dict.fromkeys(run.pipeline.outputs), failure)

    async def _cancel(self, run: Run) -> None:
        if await self._wind_up(run, None):
            self._end(run, "cancelled", dict.fromkeys(run.pipeline.outputs))

    async def _wind_up(self, run: Run, scope: Scope | None) -> bool:
        """Undo what was done; after a failure (which has a scope) run the steps that follow it.

        Returns False when that cannot go on before a person decides something; the run waits then.
        """
        if self._interrupted:
            await self._leave(run)
        run.ending = True
        run.unhalt()
        winding = asyncio.create_task(self._undo_and_follow_up(run, scope))
        try:
            await asyncio.wait({winding})
        finally:
            await _stop(winding)
        if winding.cancelled():
            await self._leave(run)
        try:
            winding.result()
        except HaltedError:
            await self._leave(run)
        except ParkedError:
            self._end(run, "waiting")
            return False
        return True

    async def _undo_and_follow_up(self, run: Run, scope: Scope | None) -> None:
        await undo_tasks(run, "")
        if scope is None or run.pipeline.on_failure is None:
            return
        scope.close(step.id for step in run.pipeline.root.steps)
        try:
            await run_block(run, run.pipeline.on_failure, scope.child("~on_failure."), _no)
        except FailedError as error:
            run.warn(f"a step of `on_failure` failed: {error.failure.message}")

    async def _leave(self, run: Run) -> NoReturn:
        """Leave a run as it is, to be resumed."""
        await run.journal.written()
        raise RunInterruptedError(run.state.run_id)

    def _end(
        self,
        run: Run,
        status: RunEnding,
        outputs: Mapping[str, object] | None = None,
        failure: Failure | None = None,
    ) -> None:
        """Record the end; what has no outcome by now was stopped, unless the run only waits."""
        now = run.means.clock.now()
        if status != "waiting":
            unsettled = [
                path for path, task in run.state.tasks.items() if task.status in ("running", "retrying")
            ]
            for path in unsettled:
                run.record(TaskCancelled(now, path))
        run.record(RunEnded(now, status, outputs or {}, failure, run.state.usage.cost))

    async def _poll_inbox(self, run: Run) -> None:
        """Look into the inbox again and again; a store that fails stops the run elsewhere."""
        try:
            while True:
                await run.means.clock.sleep(_INBOX_EVERY)
                await self._read_inbox(run)
        except StoreError:
            return

    async def _read_inbox(self, run: Run) -> None:
        """Fold messages from outside into the journal."""
        for message in await run.journal.inbox():
            if message.kind != "cancel" or run.state.cancelled_by is not None:
                continue
            if run.ending:
                run.warn("somebody asked to cancel the run when it had failed already")
                continue
            run.record(CancelRequested(run.means.clock.now(), str(message.data.get("by", ""))))
            run.halt()
            _cancel_attempts(run)

    async def _give_up_after_grace(self, run: Run) -> None:
        await run.means.clock.sleep(self._grace)
        _cancel_attempts(run)


def _places_of(run: Run) -> str:
    """Return the name of the permits by which a run limits its own parallelism."""
    return f"run:{run.state.run_id}"


def _cancel_attempts(run: Run) -> None:
    for attempt in tuple(run.attempts):
        attempt.cancel()


def _root_scope(run: Run) -> Scope:
    state = run.state
    inputs = {
        name: Secret(name) if spec.type == "secret" else state.inputs.get(name, spec.default)
        for name, spec in run.pipeline.inputs.items()
    }
    about = {"id": state.run_id, "started_at": state.created_at, "date": _iso_date(state.created_at)}
    needs: dict[str, float] = {"task": 1}
    if run.pipeline.max_parallel is not None:
        needs[_places_of(run)] = 1
    return Scope({"inputs": inputs, "run": about}, run.pipeline, needs=needs)


def _iso_date(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _too_late(pipeline: Pipeline) -> Failure:
    message = f"the run took longer than its timeout of {pipeline.timeout:g} s"
    return classify(TimeoutError(message), step="")


async def _stop(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel tasks and wait until they are gone."""
    left = {task for task in tasks if task is not None and not task.done()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left)


def _yes() -> bool:
    return True


def _no() -> bool:
    return False


__all__ = ["Engine"]
