"""What a type checker sees of the public names; never executed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_type

from orchestrator import (
    ActionContext,
    Hook,
    ModelProfile,
    ModelRequest,
    ModelResponse,
    Orchestrator,
    Pipeline,
    Record,
    RunResult,
    RunState,
    RunSummary,
    Store,
    tool,
)
from orchestrator.core.run_state import RunSnapshot
from orchestrator.core.status import RunStatus, TaskStatus


@tool
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@tool(name="demo.shout", effect="pure")
def shout(text: str, ctx: ActionContext) -> str:
    """Say it loudly."""
    return f"{text.upper()} {ctx.attempt}"


class Quiet:
    """A hook."""

    def before_run(self, pipeline: Pipeline, run: RunSnapshot) -> None: ...
    def before_task(self, task: str) -> None: ...
    def after_task(self, task: str, status: TaskStatus) -> None: ...
    def after_run(self, run: RunSnapshot) -> None: ...


class Echo:
    """A model of a user's own."""

    @property
    def name(self) -> str:
        """What pipelines call it."""
        return "mine:echo"

    @property
    def profile(self) -> ModelProfile:
        """What it can do."""
        return ModelProfile()

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer."""
        return ModelResponse(text=request.prompt, model=self.name)

    async def close(self) -> None:
        """Hold nothing."""


def look(store: Store, hook: Hook) -> None:
    """Use the door as programs do."""
    with Orchestrator(store, tools=[double, shout], models=[Echo()], hooks=[hook, Quiet()]) as orchestrator:
        result = orchestrator.run("a.yaml", {"folder": "docs"}, style="brief")
        assert_type(result, RunResult)
        assert_type(result.status, RunStatus)
        assert_type(result.cost, Decimal | None)
        assert_type(orchestrator.compile("a.yaml"), Pipeline)
        assert_type(orchestrator.runs(status="failed"), Sequence[RunSummary])
        assert_type(orchestrator.state("last"), RunState)
        assert_type(orchestrator.events("last"), Sequence[Record])
    assert_type(double(2), int)


async def look_async(orchestrator: Orchestrator) -> None:
    """Use the door as async programs do."""
    assert_type(await orchestrator.arun("a.yaml"), RunResult)
    assert_type(await orchestrator.aresume("last"), RunResult)
