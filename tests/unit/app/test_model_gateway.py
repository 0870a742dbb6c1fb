"""Settings become layers around every model of an `Orchestrator`."""

import pytest

from doubles.valkey import valkey
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.core.model import ModelRequest, ModelResponse
from orchestrator.errors import ActionError, SetupError
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


# -- kept answers ------------------------------------------------------------------------------------------------------------

ONE = """
name: one
steps:
  - id: text
    action: generate
    with: {prompt: "Say it"}
outputs: {text: "{{ steps.text }}"}
"""
KEPT = "[cache]\nresponses = true\n"


def run_here(project, model, settings, **options):
    (project / "py-orc.toml").write_text(settings)
    (project / "pipeline.yaml").write_text(ONE)
    with Orchestrator(models=[model], environ={}, **options) as orchestrator:
        return [orchestrator.run("pipeline.yaml").outputs["text"] for _ in range(2)]


@pytest.mark.parametrize("settings", ["", "[cache]\nttl = '1h'", f"{KEPT}[features]\ncache = false"])
def test_answers_are_not_kept_unless_the_settings_say_so(project, settings):
    assert run_here(project, ScriptedModel("a", "b"), settings) == ["a", "b"]
    assert not (project / ".py-orc" / "answers.db").exists()


def test_runs_and_processes_share_answers_through_the_projects_file(project):
    assert run_here(project, ScriptedModel("a"), KEPT) == ["a", "a"]
    assert run_here(project, ScriptedModel(), KEPT) == ["a", "a"]


def test_a_store_in_memory_writes_no_answers_to_disk(project):
    assert run_here(project, ScriptedModel("a"), KEPT, store="memory:") == ["a", "a"]
    assert not (project / ".py-orc").exists()


def test_machines_share_answers_through_a_real_redis(project):
    with valkey() as url:
        settings = f"{KEPT}redis = '{url}'"
        assert run_here(project, ScriptedModel("a"), settings) == ["a", "a"]
        (project / ".py-orc" / "answers.db").unlink()
        assert run_here(project, ScriptedModel(), settings) == ["a", "a"]


def test_a_redis_that_is_gone_costs_a_warning(project):
    (project / "py-orc.toml").write_text(f"{KEPT}redis = 'redis://127.0.0.1:1/0'")
    (project / "pipeline.yaml").write_text(ONE)
    with Orchestrator(models=[ScriptedModel("a")], environ={}) as orchestrator:
        result = orchestrator.run("pipeline.yaml")
    assert result.outputs["text"] == "a"
    assert "the answers in Redis cannot be used" in str(result.warnings)


def test_a_redis_elsewhere_is_left_alone_offline(project):
    settings = f"{KEPT}redis = 'redis://cache.example/0'"
    assert run_here(project, ScriptedModel("a"), settings, offline=True) == ["a", "a"]


def test_a_redis_without_its_package_is_a_matter_of_setup(project, monkeypatch):
    monkeypatch.setattr("orchestrator.app.kept_answers.find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"pip install .py-orc\[redis\]"):
        run_here(project, ScriptedModel(), f"{KEPT}redis = 'redis://127.0.0.1:1/0'")
