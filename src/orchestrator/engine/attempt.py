"""One task of an action, from its first attempt to its value: render, check, reuse, act, judge, record, try again.

The order of the records is the promise to whoever resumes: an action with an effect acts only after its `TaskStarted` is
synced, and what depends on a result starts only after a result that cannot be computed again is written.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import cast

from msgspec.structs import replace

from orchestrator.core.action import ActionOutcome, Effect
from orchestrator.core.cache import CachedResult
from orchestrator.core.failure import Failure
from orchestrator.core.journal import (
    TaskCancelled,
    TaskCompleted,
    TaskInDoubt,
    TaskRetrying,
    TaskStarted,
)
from orchestrator.core.run_state import TaskState
from orchestrator.core.secret import mask, reveal
from orchestrator.core.usage import NO_USAGE
from orchestrator.engine.children import Children
from orchestrator.engine.content_key import content_key
from orchestrator.engine.context import TaskContext
from orchestrator.engine.judging import judge
from orchestrator.engine.recovery import pause_before_retry
from orchestrator.engine.result_data import as_plain_data, without_undefined
from orchestrator.engine.run import Run
from orchestrator.engine.sealing import seal
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError
from orchestrator.engine.task import Task, check_output, check_parameters
from orchestrator.errors import StoreError

_CRASHES_ALLOWED = 2


async def perform(run: Run, task: Task) -> object:
    """Bring a task to its value; raises `FailedError`, `ParkedError` or `HaltedError`."""
    known = run.task(task.path)
    attempt = await _take_up(run, task, known) if known else 1
    if task.stopping():
        raise HaltedError
    run.begins(task.path)
    while True:
        try:
            return await _Attempt(run, task, attempt).make()
        except FailedError as error:
            failure = error.failure
            pause = pause_before_retry(
                failure,
                task.step.retry,
                effect=task.call.effect,
                definite=task.call.action.spec.definite,
                chance=run.means.randomness.random(),
            )
            if pause is None:
                raise
            now = run.means.clock.now()
            run.record(TaskRetrying(now, task.path, failure, now + pause))
        try:
            await run.sleep(pause, task.stopping)
        except HaltedError:
            if run.halted:
                raise
            # What surrounds it failed, so there is no next attempt; what this one consumed is recorded already.
            raise FailedError(replace(failure, usage=NO_USAGE)) from None
        attempt += 1


async def _take_up(run: Run, task: Task, known: TaskState) -> int:
    """Return the number of the next attempt of a task that has a past."""
    if known.status == "in_doubt":
        raise ParkedError
    if known.status == "cancelled":
        return known.attempt or 1
    if known.status == "retrying":
        await run.sleep((known.resume_at or 0.0) - run.means.clock.now(), task.stopping)
        return known.attempt + 1
    if known.effect == Effect.ONCE:
        message = "the engine stopped while it was acting: it may have happened"
        _park(run, task, Failure("unknown", message, task.path, known.attempt))
    if known.crashes >= _CRASHES_ALLOWED:
        message = f"its process died {known.crashes + 1} times while it was acting"
        raise FailedError(Failure("crashed", message, task.path, known.attempt))
    return known.attempt + 1


def _park(run: Run, task: Task, failure: Failure) -> None:
    """Leave a task to a person, unless its step says what to do about an unknown end."""
    if any(rule.match == "unknown" for rule in task.step.on_error):
        raise FailedError(failure)
    run.record(TaskInDoubt(run.means.clock.now(), task.path, failure))
    raise ParkedError


class _Attempt:
    """One try of one task."""

    def __init__(self, run: Run, task: Task, number: int) -> None:
        self._run = run
        self._task = task
        self._number = number
        self._started_at: float | None = None
        self._acting = False
        self._key: str | None = None
        self._to_keep: ActionOutcome | None = None
        self._children = Children(run, task, perform)
        self._context = TaskContext(run, task.step, task.path, attempt=number, call_child=self._children.call)

    async def make(self) -> object:
        """Return the value, or raise `FailedError` for this one try."""
        try:
            value = self._completed(await self._outcome())
        except (FailedError, HaltedError, StoreError):
            raise
        except (asyncio.CancelledError, ParkedError):
            self._given_up()
            raise
        except (Exception, SystemExit) as error:
            if self._children.parked:
                self._given_up()
                raise ParkedError from error
            raise FailedError(self._judge(error)) from error
        finally:
            self._context.close()
        await self._durable()
        return value

    async def _outcome(self) -> ActionOutcome | CachedResult:
        params = self._parameters()
        if found := await self._cached(params):
            return found
        needs, permits = self._task.needs, self._run.means.permits
        if not needs:
            return await self._act(params)
        if not permits.take_now(needs):
            await self._wait_for(needs)
        try:
            return await self._act(params)
        finally:
            permits.release(needs)

    async def _wait_for(self, needs: Mapping[str, float]) -> None:
        permits = self._run.means.permits
        granted = permits.request(needs)
        try:
            await self._run.while_waiting(granted, self._task.stopping)
        except BaseException:
            permits.give_up(granted, needs)
            raise

    def _parameters(self) -> Mapping[str, object]:
        """Return the rendered parameters as the action gets them: fresh, checked, with every secret in its place."""
        call, secrets = self._task.call, self._run.secrets
        params = cast("Mapping[str, object]", without_undefined(call.parameters.render(self._task.names)))
        if secrets:
            params = cast("Mapping[str, object]", reveal(params, secrets))
        check_parameters(call, params)
        return params

    async def _cached(self, params: Mapping[str, object]) -> CachedResult | None:
        cache, task = self._run.means.cache, self._task
        if task.step.reuse is None or cache is None:
            return None
        self._key = await content_key(task.call.action, params, task.step, self._context)
        return await cache.get(self._key, now=self._run.means.clock.now())

    async def _act(self, params: Mapping[str, object]) -> ActionOutcome:
        run, task = self._run, self._task
        effect = task.call.effect
        acts = effect is Effect.IDEMPOTENT or effect is Effect.ONCE
        memento = await self._memento(params) if acts and task.step.undo is not None else None
        if task.stopping():
            raise HaltedError
        self._started_at = run.means.clock.now()
        run.record(
            TaskStarted(
                self._started_at, task.path, task.call.name, self._number, effect if acts else "", memento
            )
        )
        if acts:
            await run.journal.synced()
            if task.stopping():
                self._given_up()
                raise HaltedError
        self._acting = acts
        value = await self._call(params)
        if self._children.parked:
            raise ParkedError
        return self._judged(value)

    async def _memento(self, params: Mapping[str, object]) -> object:
        """Return what the way back needs, as it was before the first attempt."""
        run, known, prepare = self._run, self._run.task(self._task.path), self._task.call.action.prepare
        if prepare is None:
            return None
        if known is not None and known.started_at is not None:
            return known.memento
        memento = await run.means.workers.in_thread(prepare, params, self._context)
        return seal(as_plain_data(memento, where="what `prepare` returned"), run.secrets)

    async def _call(self, params: Mapping[str, object]) -> object:
        action, run, limit = self._task.call.action, self._run, self._task.step.timeout
        this = asyncio.current_task()
        run.attempts.add(cast("asyncio.Task[object]", this))
        try:
            async with run.means.clock.timeout(limit):
                if action.spec.runs == "thread":
                    return await run.means.workers.in_thread(action.function, params, self._context)
                if action.spec.runs == "process":
                    once = self._task.call.effect is Effect.ONCE
                    return await run.means.workers.in_process(action.function, params, once=once)
                result = action.function(params, self._context)
                return await cast("Awaitable[object]", result) if action.spec.runs == "async" else result
        except TimeoutError as error:
            self._context.cancelled = True
            told = str(error) or ("it took too long" if limit is None else f"it took longer than {limit:g} s")
            raise TimeoutError(told) from error
        finally:
            run.attempts.discard(cast("asyncio.Task[object]", this))

    def _judged(self, result: object) -> ActionOutcome:
        """Return a result as plain, masked data that fits the step's `output`."""
        outcome = result if isinstance(result, ActionOutcome) else ActionOutcome(value=result)
        secrets = self._run.secrets
        value = mask(as_plain_data(outcome.value), secrets)
        check_output(self._task.call, value)
        warnings = [str(mask(str(warning), secrets)) for warning in outcome.warnings]
        route = [cast("Mapping[str, object]", mask(dict(entry), secrets)) for entry in outcome.route]
        return replace(outcome, value=value, warnings=warnings, route=route)

    def _judge(self, error: BaseException) -> Failure:
        """Return the failure an exception stands for; parks the task when nobody knows whether it happened."""
        task = self._task
        failure = judge(
            error,
            task.call,
            step=task.path,
            attempt=self._number,
            acting=self._acting,
            secrets=self._run.secrets,
        )
        if failure.error_class == "unknown" and self._acting:
            _park(self._run, task, failure)
        return failure

    def _given_up(self) -> None:
        """Record what becomes of an attempt that is stopped from outside."""
        self._context.cancelled = True
        run, task, now = self._run, self._task, self._run.means.clock.now()
        if self._acting and task.call.effect is Effect.ONCE and not task.call.action.spec.definite:
            message = "it was stopped in the middle: it may have happened"
            run.record(TaskInDoubt(now, task.path, Failure("unknown", message, task.path, self._number)))
        else:
            run.record(TaskCancelled(now, task.path, self._started_at))

    def _completed(self, outcome: ActionOutcome | CachedResult) -> object:
        """Record the value and return it."""
        run, task, now = self._run, self._task, self._run.means.clock.now()
        record = TaskCompleted(
            now,
            task.path,
            outcome.value,
            started_at=now if self._started_at is None else self._started_at,
            attempt=self._number,
            model=outcome.model,
            labels=task.labels | outcome.labels | self._children.labels,
            cached=isinstance(outcome, CachedResult),
        )
        if isinstance(outcome, ActionOutcome):
            record = record._replace(usage=outcome.usage, route=outcome.route)
            self._to_keep = outcome
            for warning in outcome.warnings:
                run.warn(warning, task.path)
        run.record(record)
        return outcome.value

    async def _durable(self) -> None:
        """Wait until what depends on the value may start."""
        run, task = self._run, self._task
        await self._keep()
        if task.step.critical:
            await run.journal.synced()
        elif task.call.effect is not Effect.PURE:
            await run.journal.written()

    async def _keep(self) -> None:
        cache, reuse, outcome = self._run.means.cache, self._task.step.reuse, self._to_keep
        if cache is None or reuse is None or self._key is None or outcome is None:
            return
        expires = None if reuse.ttl is None else self._run.means.clock.now() + reuse.ttl
        result = CachedResult(
            outcome.value, model=outcome.model, labels=outcome.labels | self._children.labels
        )
        await cache.put(self._key, result, expires=expires)
