"""The result of a run: one document, the same from the command line, Python and later doors."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct, field

from orchestrator.app.bounded import bounded
from orchestrator.app.plain import moment, plain
from orchestrator.app.spending import ModelSpending, spending_data, spending_of
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.run_state import RunState, TaskState
from orchestrator.core.status import RunStatus, TaskStatus
from orchestrator.core.usage import NO_USAGE, Usage


class StepResult(Struct, frozen=True, kw_only=True):
    """What became of one task."""

    status: TaskStatus
    attempts: int = 0
    started_at: float | None = None
    """Epoch seconds."""
    duration: float | None = None
    """Seconds."""
    error: Failure | None = None
    model: str = ""
    route: Sequence[Mapping[str, object]] = ()
    """Every model that was asked or passed over, in order: its level, why, what became of it, how sure the answer is."""
    usage: Usage = NO_USAGE
    by_attempt: Mapping[int, Usage] = field(default_factory=dict[int, Usage])
    """What each attempt used of models."""
    value: object = None
    """What it gave; None for a group or loop, whose value is made of its inner tasks."""

    def as_data(self) -> dict[str, object]:
        """Return the entry of the result document; a huge value is cut, which `truncated` says."""
        value, is_cut = bounded(plain(self.value))
        return {
            "status": self.status,
            "value": value,
            **({"truncated": True} if is_cut else {}),
            "attempts": self.attempts,
            "started_at": moment(self.started_at),
            "duration": None if self.duration is None else round(self.duration, 6),
            "error": self.error and self.error.as_data(),
            "model": self.model or None,
            **({"route": [dict(entry) for entry in self.route]} if self.route else {}),
            "usage": None if self.usage == NO_USAGE else self.usage.as_data(),
            **(
                {
                    "usage_by_attempt": {
                        str(number): used.as_data() for number, used in self.by_attempt.items()
                    }
                }
                if len(self.by_attempt) > 1
                else {}
            ),
        }


class RunResult(Struct, frozen=True, kw_only=True):
    """What became of a run."""

    run_id: RunId
    pipeline: str
    status: RunStatus
    outputs: Mapping[str, object]
    steps: Mapping[TaskPath, StepResult] = field(default_factory=dict[TaskPath, StepResult])
    usage: Usage = NO_USAGE
    models: Mapping[str, ModelSpending] = field(default_factory=dict[str, ModelSpending])
    """What each model was used for, and where its price comes from."""
    error: Failure | None = None
    warnings: tuple[str, ...] = ()
    created_at: float | None = None
    """Epoch seconds."""
    ended_at: float | None = None
    """Epoch seconds; None while it has not ended."""
    existed: bool = False
    """Whether an earlier start with the same key made the run."""

    @property
    def duration(self) -> float | None:
        """Seconds from the run's beginning to its end, pauses between two processes included."""
        if self.created_at is None or self.ended_at is None:
            return None
        return max(0.0, self.ended_at - self.created_at)

    @property
    def cost(self) -> Decimal | None:
        """US dollars; None where no price is known."""
        return self.usage.cost

    @property
    def ok(self) -> bool:
        """Whether everything that ran succeeded or was recovered as the file says."""
        return self.status == "completed"

    def as_data(self) -> dict[str, object]:
        """Return the result document: plain JSON values, money as text."""
        cost = self.usage.cost
        return {
            "run_id": self.run_id,
            "pipeline": self.pipeline,
            "status": self.status,
            "outputs": plain(self.outputs),
            "steps": {path: step.as_data() for path, step in self.steps.items()},
            "usage": {
                "tokens": self.usage.input_tokens + self.usage.output_tokens,
                "cost": None if cost is None else str(cost),
                **({} if self.usage.uncertain is None else {"uncertain": str(self.usage.uncertain)}),
                **spending_data(self.models),
            },
            "error": self.error and self.error.as_data(),
            "warnings": list(self.warnings),
            "created_at": moment(self.created_at),
            "ended_at": moment(self.ended_at),
            "duration": None if self.duration is None else round(self.duration, 6),
        }


def result_of(state: RunState) -> RunResult:
    """Return the result that a run's state amounts to."""
    return RunResult(
        run_id=state.run_id,
        pipeline=state.pipeline,
        status=state.status,
        outputs=state.outputs,
        steps={path: _step(task) for path, task in state.tasks.items()},
        usage=state.usage,
        models=spending_of(state),
        error=state.failure,
        warnings=tuple(state.warnings),
        created_at=state.created_at,
        ended_at=state.ended_at,
    )


def route_of(task: TaskState) -> Sequence[Mapping[str, object]]:
    """Return the way of a task through models, also where none of them answered."""
    details = None if task.status == "completed" or task.failure is None else task.failure.details
    failed = details.get("route") if is_mapping(details) else None
    return [entry for entry in failed if is_mapping(entry)] if is_list(failed) else task.route


def _step(task: TaskState) -> StepResult:
    started = task.started_at
    if started is None and task.status == "completed":
        started = task.ended_at  # it took no time worth a record of its own
    return StepResult(
        status=task.status,
        attempts=task.attempt,
        started_at=started,
        duration=None if started is None or task.ended_at is None else max(0.0, task.ended_at - started),
        error=task.failure if task.status != "completed" else None,
        model=task.model,
        route=route_of(task),
        usage=task.usage,
        by_attempt=task.by_attempt,
        value=task.value,
    )
