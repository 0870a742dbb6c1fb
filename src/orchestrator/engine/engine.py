"""py-orc's own control system: brings runs from their journal to their end."""

import asyncio
from collections.abc import Mapping, Sequence

from orchestrator.core.action import ActionSource
from orchestrator.core.cache import Cache
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.failure import Failure, classify
from orchestrator.core.hook import Hook, Observer
from orchestrator.core.journal import CancelRequested, RunEnded, RunResumed
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.pipeline_loader import PipelineLoader
from orchestrator.core.run_state import RunState
from orchestrator.core.secret import Secret
from orchestrator.core.store import Journal
from orchestrator.engine.block import run_block
from orchestrator.engine.history import paths_with_history
from orchestrator.engine.linking import Links
from orchestrator.engine.outputs import render_outputs
from orchestrator.engine.permits import Permits
from orchestrator.engine.run import Means, Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError
from orchestrator.engine.step import run_step
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
        loader: PipelineLoader | None = None,
        capacities: Mapping[str, float] | None = None,
        max_parallel: int = 32,
        grace: float = 5.0,
        hooks: Sequence[Hook] = (),
        observers: Sequence[Observer] = (),
        in_place: bool = True,
    ) -> None:
        self._means = Means(
            actions=actions,
            clock=clock,
            randomness=randomness,
            permits=Permits({**(capacities or {}), "task": max_parallel}),
            workers=Workers(threads=max_parallel),
            cache=cache,
            loader=loader,
            hooks=hooks,
            observers=observers,
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
            needs={"task": 1},
        )
        self._runs[state.run_id] = run
        run.tell(lambda hook: hook.before_run(pipeline, state))
        inbox = asyncio.create_task(self._watch_inbox(run))
        try:
            await self._to_its_end(run)
        finally:
            inbox.cancel()
            del self._runs[state.run_id]
            self._means.permits.withdraw(_places_of(run))
            run.tell(lambda hook: hook.after_run(state))
        return state

    def interrupt(self) -> None:
        """Stop all runs so that they can be resumed: nothing new starts, what acts gets the grace time."""
        self._interrupted = True
        for run in self._runs.values():
            run.halt()
            asyncio.get_running_loop().create_task(self._give_up_after_grace(run))

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
        if run.pipeline.max_parallel is not None:
            run.means.permits.offer(_places_of(run), run.pipeline.max_parallel)
            run.needs = {**run.needs, _places_of(run): 1}
        if run.state.position > 1:
            await self._take_up(run)
        scope = _root_scope(run)
        try:
            outputs = await self._walk(run, scope)
        except FailedError as error:
            await self._fail(run, scope, error.failure)
        except ParkedError:
            self._end(run, "waiting")
        except HaltedError:
            if run.state.cancelled_by is None:
                await run.journal.written()
                raise RunInterruptedError(run.state.run_id) from None
            await self._cancel(run)
        else:
            tolerated = any(task.tolerated for task in run.state.tasks.values())
            self._end(run, "partial" if tolerated else "completed", outputs)
        await run.journal.synced()

    async def _take_up(self, run: Run) -> None:
        """Prepare a run that has a past: where it had begun to end, nothing new may start."""
        await self._read_inbox(run)
        ending = bool(
            run.state.cancelled_by is not None or "" in run.state.undoing or _failed_before(run.state)
        )
        run.record(RunResumed(run.means.clock.now()))
        if ending:
            run.history = paths_with_history(run.state)
            run.halt()

    async def _walk(self, run: Run, scope: Scope) -> dict[str, object]:
        if self._interrupted:
            raise HaltedError
        pipeline, clock = run.pipeline, run.means.clock
        left = None if pipeline.timeout is None else run.state.created_at + pipeline.timeout - clock.now()
        try:
            async with clock.timeout(None if left is None else max(0.0, left)):
                await run_block(run, pipeline.root, scope, _no)
        except TimeoutError as error:
            message = f"the run took longer than its timeout of {pipeline.timeout:g} s"
            raise FailedError(classify(TimeoutError(message), step="")) from error
        return render_outputs(pipeline, scope)

    async def _fail(self, run: Run, scope: Scope, failure: Failure) -> None:
        await self._wind_up(run, scope, run.pipeline.on_failure is not None)
        self._end(run, "failed", dict.fromkeys(run.pipeline.outputs), failure)

    async def _cancel(self, run: Run) -> None:
        await self._wind_up(run, None, on_failure=False)
        self._end(run, "cancelled", dict.fromkeys(run.pipeline.outputs))

    async def _wind_up(self, run: Run, scope: Scope | None, on_failure: bool) -> None:  # noqa: FBT001 — one caller each
        """Undo what was done, then run the steps that follow a failure."""
        if self._interrupted:
            raise RunInterruptedError(run.state.run_id)
        run.unhalt()
        try:
            await undo_tasks(run, "")
            if on_failure and scope is not None and run.pipeline.on_failure is not None:
                after = scope.child("~on_failure.")
                try:
                    await run_block(run, run.pipeline.on_failure, after, _no)
                except FailedError as error:
                    run.warn(f"a step of `on_failure` failed: {error.failure.message}")
        except HaltedError:
            await run.journal.written()
            raise RunInterruptedError(run.state.run_id) from None

    def _end(
        self,
        run: Run,
        status: str,
        outputs: Mapping[str, object] | None = None,
        failure: Failure | None = None,
    ) -> None:
        run.record(RunEnded(run.means.clock.now(), status, outputs or {}, failure))

    async def _watch_inbox(self, run: Run) -> None:
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
            if message.kind == "cancel" and run.state.cancelled_by is None:
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
    return Scope({"inputs": inputs, "run": about}, run.pipeline)


def _iso_date(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _failed_before(state: RunState) -> bool:
    """Whether a step of the run's own scope had failed for good when its process died."""
    return any(
        task.status == "failed" and not task.tolerated and not set("./[#~") & set(path)
        for path, task in state.tasks.items()
    )


def _no() -> bool:
    return False


__all__ = ["Engine"]
