"""Settings become layers around every model of an `Orchestrator`."""

import pytest

from orchestrator.app.orchestrator import Orchestrator
from orchestrator.core.model import ModelRequest, ModelResponse
from orchestrator.errors import ActionError
from orchestrator.testing.models import ScriptedModel
from orchestrator.testing.virtual_time import VirtualClock, run_virtual

MANY = """
name: many
steps:
  - id: texts
    for_each: [a, b, c, d]
    action: generate
    with: {prompt: "Say {{ item }}"}
"""


class TimedModel(ScriptedModel):
    """Notes when it is asked."""

    def __init__(self, clock: VirtualClock, *answers: object) -> None:
        super().__init__(*answers)
        self.times: list[float] = []
        self._clock = clock

    async def generate(self, request: ModelRequest) -> ModelResponse:
        self.times.append(self._clock.monotonic())
        return await super().generate(request)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(project, model, clock, text, settings=""):
    (project / "py-orc.toml").write_text(settings)
    (project / "pipeline.yaml").write_text(text)

    async def running():
        async with Orchestrator("memory:", models=[model], clock=clock, environ={}) as orchestrator:
            return await orchestrator.arun("pipeline.yaml")

    return run_virtual(running(), clock)


def test_limits_of_the_settings_hold_for_the_steps_of_a_run(project):
    clock = VirtualClock()
    model = TimedModel(clock, *"1234")
    result = run(project, model, clock, MANY, "[limits.scripted]\nrequests_per_minute = 2")
    assert result.status == "completed"
    assert model.times == pytest.approx([0, 0, 60, 60], abs=0.01)


DOWN = """
name: down
steps:
  - id: text
    action: generate
    retry: {attempts: 7, backoff: 1s, jitter: 0}
    with: {prompt: "Say it"}
"""


@pytest.mark.parametrize(
    ("settings", "times"),
    [
        # The fifth failure opens the breaker: the sixth attempt, at 31, makes no call, the seventh comes 32 s later.
        ("", [0, 1, 3, 7, 15, 63]),
        ("[features]\nbreakers = false", [0, 1, 3, 7, 15, 31]),
    ],
)
def test_a_model_that_keeps_failing_is_left_alone_unless_that_is_switched_off(project, settings, times):
    clock = VirtualClock()
    model = TimedModel(clock, *[ActionError("down", error_class="transient")] * 5, "up")
    result = run(project, model, clock, DOWN, settings)
    assert result.status == "completed"
    assert model.times == pytest.approx(times, abs=0.01)
