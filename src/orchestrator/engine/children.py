"""Actions that an action calls: child tasks of the same journal."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from msgspec.structs import replace

from orchestrator.core.ids import StepId, TaskPath
from orchestrator.core.journal import TaskFailed
from orchestrator.core.pipeline import Call, Step
from orchestrator.core.secret import mask
from orchestrator.core.template import Literal
from orchestrator.engine.content_key import short_digest
from orchestrator.engine.labels import NO_LABELS
from orchestrator.engine.linking import LinkedCall
from orchestrator.engine.result_data import as_plain_data, without_undefined
from orchestrator.engine.run import Run
from orchestrator.engine.signals import FailedError, ParkedError
from orchestrator.engine.task import Task
from orchestrator.errors import ActionError, SetupError

_DEEPEST = 16
"""Actions that call actions could go on for ever."""


class Children:
    """The child tasks of one attempt."""

    def __init__(self, run: Run, parent: Task, perform: Callable[[Run, Task], Awaitable[object]]) -> None:
        self._run = run
        self._parent = parent
        self._perform = perform
        self._counts: dict[str, int] = {}
        self.parked = False
        """Whether one of them waits for a person: then its parent does too, whatever it makes of the error."""
        self.labels: frozenset[str] = NO_LABELS
        """The marks of what they returned."""

    async def call(self, action: str, parameters: Mapping[str, object]) -> object:
        """Run another action as a child task, named by its content so that a repetition finds its result."""
        params = cast("Mapping[str, object]", as_plain_data(parameters, where=f"the call of {action}"))
        path = self._path(action, params)
        known = self._run.task(path)
        if known is not None and known.status == "completed":
            self.labels |= known.labels
            return without_undefined(known.value)
        try:
            value = await self._perform(self._run, self._child(path, self._link(action, params)))
        except FailedError as error:
            failure = error.failure
            self._run.record(TaskFailed(self._run.means.clock.now(), path, failure))
            raise ActionError(
                failure.message, error_class=failure.error_class, retryable=failure.retryable
            ) from error
        except ParkedError:
            self.parked = True
            raise
        self.labels |= self._run.state.tasks[path].labels
        return without_undefined(value)  # fresh: the journal holds the other one

    def _path(self, action: str, params: Mapping[str, object]) -> TaskPath:
        base = f"{self._parent.path}/{action}:{short_digest(mask(params, self._run.secrets))}"
        count = self._counts[base] = self._counts.get(base, 0) + 1
        return TaskPath(base if count == 1 else f"{base}~{count}")

    def _link(self, action: str, params: Mapping[str, object]) -> LinkedCall:
        if self._parent.depth >= _DEEPEST:
            raise ActionError(
                f"actions call each other more than {_DEEPEST} deep", error_class="invalid_request"
            )
        try:
            return self._run.links.call(Call(action=action, parameters=Literal(params)), compiled=False)
        except SetupError as error:
            raise ActionError(str(error), error_class="invalid_request") from error

    def _child(self, path: TaskPath, call: LinkedCall) -> Task:
        parent = self._parent
        body = Call(action=call.name, parameters=call.parameters)
        return replace(
            parent,
            call=call,
            step=Step(id=StepId(path), body=body, model=parent.step.model),
            path=path,
            names={},
            labels=parent.labels | call.action.spec.labels,
            # The parent holds the permits: a child that waited for a place of its own could wait for its parent for ever.
            needs={},
            # What acts may finish, and so may what it calls.
            stopping=_never,
            depth=parent.depth + 1,
        )


def _never() -> bool:
    return False
