"""A call of an action as the engine makes it, without an engine."""

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from orchestrator.core.action import Action
from orchestrator.tools.registry import ToolRegistry


class RealClock:
    def now(self) -> float:
        return 0.0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0, seconds))

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        return asyncio.timeout(seconds)


class RealRandomness:
    def random(self) -> float:
        return 0.5

    def bytes(self, count: int) -> bytes:
        return os.urandom(count)


@dataclass
class FakeContext:
    """What an action sees; one per test, so that its key names only this test's processes."""

    workspace: str
    idempotency_key: str
    run_id: str = "run"
    task: str = "task"
    attempt: int = 1
    clock: RealClock = field(default_factory=RealClock)
    randomness: RealRandomness = field(default_factory=RealRandomness)
    model: object = None
    output: Mapping[str, object] | None = None
    cancelled: bool = False

    def call(self, action: str, parameters: Mapping[str, object]) -> Awaitable[object]:
        raise NotImplementedError

    def progress(self, message: str, fraction: float | None = None) -> None:
        pass

    def emit(self, name: str, data: Mapping[str, object]) -> None:
        pass


@dataclass(frozen=True)
class Tools:
    """Calls actions by name and undoes them."""

    registry: ToolRegistry
    ctx: FakeContext

    def __call__(self, action: str, /, **parameters: object) -> dict[str, object]:
        return cast("dict[str, object]", self.value(action, **parameters))

    def value(self, action: str, /, **parameters: object) -> object:
        result = self.action(action).function(parameters, self.ctx)
        return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result

    def action(self, name: str) -> Action:
        action = self.registry.find(name)
        assert action, name
        return action

    def with_undo(self, name: str, /, **parameters: object) -> Callable[[], None]:
        """Call an action as a step with `undo: true` does; gives the way back."""
        action = self.action(name)
        assert action.prepare
        assert action.revert
        revert = action.revert
        kept = action.prepare(parameters, self.ctx)
        self.value(name, **parameters)
        return lambda: cast("None", revert(parameters, kept, self.ctx))


async def _awaited(result: Awaitable[object]) -> object:
    return await result


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def ctx(workspace: Path) -> FakeContext:
    return FakeContext(workspace=str(workspace), idempotency_key=f"test-{workspace}-{os.getpid()}")


@pytest.fixture
def tools(ctx: FakeContext) -> Tools:
    return Tools(ToolRegistry(plugins=False), ctx)
