"""One task of an action, from its first attempt to its value: render, check, reuse, act, judge, record, try again.

The order of the records is the promise to whoever resumes: an action with an effect acts only after its `TaskStarted` is
synced, and what depends on a result starts only after a result that cannot be computed again is written.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from orchestrator.core.action import ActionOutcome, Effect
from orchestrator.core.cache import CachedResult
from orchestrator.core.failure import Failure, classify
from orchestrator.core.ids import StepId, TaskPath
from orchestrator.core.journal import (
    TaskCancelled,
    TaskCompleted,
    TaskInDoubt,
    TaskRetrying,
    TaskStarted,
)
from orchestrator.core.pipeline import Call, Step
from orchestrator.core.run_state import TaskState
from orchestrator.core.secret import mask, reveal
from orchestrator.core.template import Literal
from orchestrator.engine.content_key import content_key, short_digest
from orchestrator.engine.context import TaskContext
from orchestrator.engine.linking import LinkedCall
from orchestrator.engine.plain import as_plain_data, without_undefined
from orchestrator.engine.recovery import End, how_it_ended, pause_before_retry
from orchestrator.engine.run import Run
from orchestrator.engine.signals import FailedError, HaltedError, ParkedError
from orchestrator.errors import ActionError, StoreError, TemplateError

_CRASHES_ALLOWED = 2


@dataclass(slots=True, kw_only=True)
class Task:
    """What makes up one task of an action."""

    call: LinkedCall
    step: Step
    path: TaskPath
    names: Mapping[str, object]
    labels: frozenset[str] = frozenset()
    needs: Mapping[str, float]
    """Permits to hold while acting."""


async def perform(run: Run, task: Task) -> object:
    """Bring a task to its value; raises `FailedError`, `ParkedError` or `HaltedError`."""
    known = run.task(task.path)
    attempt = await _take_up(run, task, known) if known else 1
    if known is None and run.means.hooks:
        run.tell(lambda hook: hook.before_task(task.path))
    while True:
        try:
            return await _Attempt(run, task, attempt).make()
        except FailedError as error:
            pause = pause_before_retry(
                error.failure,
                task.step.retry,
                effect=task.call.effect,
                definite=task.call.action.spec.definite,
                chance=run.means.randomness.random(),
            )
            if pause is None:
                raise
            now = run.means.clock.now()
            run.record(TaskRetrying(now, task.path, error.failure, now + pause))
        await _pause(run, pause)
        attempt += 1


async def _take_up(run: Run, task: Task, known: TaskState) -> int:
    """Return the number of the next attempt of a task that has a past."""
    if known.status == "in_doubt":
        raise ParkedError
    if known.status == "cancelled":
        return known.attempt or 1
    if known.status == "retrying":
        await _pause(run, (known.resume_at or 0.0) - run.means.clock.now())
        return known.attempt + 1
    if known.effect == Effect.ONCE and not task.call.action.spec.definite:
        message = "the engine stopped while it was acting: it may have happened"
        _park(run, task, Failure("unknown", message, task.path, known.attempt))
    if known.crashes >= _CRASHES_ALLOWED:
        message = f"its process died {known.crashes + 1} times while it was acting"
        raise FailedError(Failure("crashed", message, task.path, known.attempt))
    return known.attempt + 1


def _park(run: Run, task: Task, failure: Failure) -> None:
    run.record(TaskInDoubt(run.means.clock.now(), task.path, failure))
    raise ParkedError


async def _pause(run: Run, seconds: float) -> None:
    if run.halted:
        raise HaltedError
    if seconds > 0:
        await run.while_waiting(run.means.clock.sleep(seconds))


class _Attempt:
    """One try of one task."""

    def __init__(self, run: Run, task: Task, number: int) -> None:
        self._run = run
        self._task = task
        self._number = number
        self._started_at = run.means.clock.now()
        self._acting = False
        self._key: str | None = None
        self._children: dict[str, int] = {}
        self._context = TaskContext(run, task.step, task.path, attempt=number, call_child=self._call_child)

    async def make(self) -> object:
        """Return the value, or raise `FailedError` for this one try."""
        try:
            outcome = await self._outcome()
        except (FailedError, ParkedError, HaltedError, StoreError):
            raise
        except asyncio.CancelledError:
            self._given_up()
            raise
        except Exception as error:
            raise FailedError(self._judge(error)) from error
        return await self._complete(outcome)

    async def _outcome(self) -> ActionOutcome | CachedResult:
        params = self._parameters()
        if self._task.step.reuse is not None and self._run.means.cache is not None:
            self._key = await content_key(self._task.call.action, params, self._task.step, self._context)
            if found := await self._run.means.cache.get(self._key, now=self._started_at):
                return found
        if not self._task.needs:
            return await self._act(params)
        permits = self._run.means.permits
        if not permits.take_now(self._task.needs):
            await self._run.while_waiting(permits.acquire(self._task.needs))
        try:
            return await self._act(params)
        finally:
            permits.release(self._task.needs)

    def _parameters(self) -> Mapping[str, object]:
        call = self._task.call
        params = cast("Mapping[str, object]", without_undefined(call.parameters.render(self._task.names)))
        # The schema speaks of what the action will get, so holes are filled for the check alone.
        secrets = self._run.secrets
        if call.check is not None and (misfits := call.check(reveal(params, secrets) if secrets else params)):
            problems = "; ".join(
                f"{'.'.join(map(str, misfit.path))}: {misfit.message}" if misfit.path else misfit.message
                for misfit in misfits
            )
            raise ActionError(f"parameters of {call.name}: {problems}", error_class="invalid_request")
        return params

    async def _act(self, params: Mapping[str, object]) -> ActionOutcome:
        run, task = self._run, self._task
        action, effect = task.call.action, task.call.effect
        params = cast("Mapping[str, object]", reveal(params, run.secrets)) if run.secrets else params
        acts = effect is Effect.IDEMPOTENT or effect is Effect.ONCE
        memento = None
        if acts and action.prepare is not None and task.step.undo is not None:
            known = run.task(task.path)
            memento = known.memento if known else None
            if memento is None:
                memento = await run.means.workers.in_thread(action.prepare, params, self._context)
        self._started_at = run.means.clock.now()
        run.record(
            TaskStarted(
                self._started_at, task.path, task.call.name, self._number, effect if acts else "", memento
            )
        )
        if acts:
            await run.journal.synced()
        self._acting = acts
        value = await self._call(params)
        return self._judged(value)

    async def _call(self, params: Mapping[str, object]) -> object:
        action, run, limit = self._task.call.action, self._run, self._task.step.timeout
        this = asyncio.current_task()
        run.attempts.add(cast("asyncio.Task[object]", this))
        try:
            async with run.means.clock.timeout(limit):
                if action.spec.runs == "thread":
                    return await run.means.workers.in_thread(action.function, params, self._context)
                if action.spec.runs == "process":
                    return await run.means.workers.in_process(action.function, params)
                result = action.function(params, self._context)
                return await cast("Awaitable[object]", result) if action.spec.runs == "async" else result
        except TimeoutError as error:
            self._context.cancelled = True
            raise TimeoutError(str(error) or f"it took longer than {limit:g} s") from error
        finally:
            run.attempts.discard(cast("asyncio.Task[object]", this))

    def _judged(self, result: object) -> ActionOutcome:
        """Return a result as plain, masked data that fits the step's `output`."""
        outcome = result if isinstance(result, ActionOutcome) else ActionOutcome(value=result)
        value = as_plain_data(outcome.value)
        if self._run.secrets:
            value = mask(value, self._run.secrets)
        check = self._task.call.check_output
        if check is not None and (misfits := check(value)):
            first = misfits[0]
            where = ".".join(map(str, first.path))
            raise ActionError(
                f"the result does not fit `output`: {f'{where}: ' if where else ''}{first.message}",
                error_class="bad_output",
                details=value,
            )
        return replace(outcome, value=value)

    def _judge(self, error: Exception) -> Failure:
        """Return the failure an exception stands for; parks the task when nobody knows whether it happened."""
        failure = classify(error, step=self._task.path, attempt=self._number)
        if failure.error_class == "bug" and not isinstance(error, TemplateError):
            import traceback

            failure = replace(
                failure,
                message=f"{type(error).__name__}: {error}",
                cause="".join(traceback.format_exception(error)),
            )
        if self._run.secrets:
            failure = replace(
                failure,
                message=str(mask(failure.message, self._run.secrets)),
                cause=str(mask(failure.cause, self._run.secrets)),
                details=mask(failure.details, self._run.secrets),
            )
        definite = self._task.call.action.spec.definite
        if (
            self._acting
            and how_it_ended(failure, effect=self._task.call.effect, definite=definite) is End.UNKNOWN
        ):
            failure = replace(failure, error_class="unknown", retryable=False)
            if not any(rule.match == "unknown" for rule in self._task.step.on_error):
                _park(self._run, self._task, failure)
        return failure

    def _given_up(self) -> None:
        """Record what becomes of an attempt that is cancelled from outside."""
        self._context.cancelled = True
        now = self._run.means.clock.now()
        if (
            self._acting
            and self._task.call.effect is Effect.ONCE
            and not self._task.call.action.spec.definite
        ):
            message = "it was stopped in the middle: it may have happened"
            failure = Failure("unknown", message, self._task.path, self._number)
            self._run.record(TaskInDoubt(now, self._task.path, failure))
        else:
            self._run.record(TaskCancelled(now, self._task.path, self._started_at))

    async def _complete(self, outcome: ActionOutcome | CachedResult) -> object:
        run, task = self._run, self._task
        cached = isinstance(outcome, CachedResult)
        record = TaskCompleted(
            run.means.clock.now(),
            task.path,
            outcome.value,
            started_at=self._started_at,
            attempt=self._number,
            model=outcome.model,
            labels=task.labels | outcome.labels,
            cached=cached,
        )
        if isinstance(outcome, ActionOutcome):
            record = record._replace(usage=outcome.usage)
            for warning in outcome.warnings:
                run.warn(warning, task.path)
        run.record(record)
        run.tell(lambda hook: hook.after_task(task.path, "completed"))
        await self._keep(outcome)
        if task.step.critical:
            await run.journal.synced()
        elif task.call.effect is not Effect.PURE:
            await run.journal.written()
        return outcome.value

    async def _keep(self, outcome: ActionOutcome | CachedResult) -> None:
        cache, reuse = self._run.means.cache, self._task.step.reuse
        if cache is None or reuse is None or self._key is None or isinstance(outcome, CachedResult):
            return
        expires = None if reuse.ttl is None else self._run.means.clock.now() + reuse.ttl
        result = CachedResult(outcome.value, model=outcome.model, labels=outcome.labels)
        await cache.put(self._key, result, expires=expires)

    async def _call_child(self, action: str, parameters: Mapping[str, object]) -> object:
        """Run another action as a child task, named by its content so that a repetition finds its result."""
        base = f"{self._task.path}/{action}:{short_digest(parameters)}"
        count = self._children[base] = self._children.get(base, 0) + 1
        path = TaskPath(base if count == 1 else f"{base}~{count}")
        known = self._run.task(path)
        if known is not None and known.status == "completed":
            return known.value
        call = self._run.links.call(Call(action=action, parameters=Literal(parameters)))
        step = Step(
            id=StepId(path),
            body=Call(action=action, parameters=Literal(parameters)),
            model=self._task.step.model,
        )
        # The parent holds the permits: a child that waited for a place of its own could wait for its parent for ever.
        child = Task(call=call, step=step, path=path, names={}, labels=self._task.labels, needs={})
        try:
            return await perform(self._run, child)
        except FailedError as error:
            failure = error.failure
            raise ActionError(
                failure.message, error_class=failure.error_class, retryable=failure.retryable
            ) from error
