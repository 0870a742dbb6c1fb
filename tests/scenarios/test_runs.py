"""Every scenario runs as its `expected.yaml` says, at any parallelism, and after being killed at any record."""

from typing import Any

import pytest

from orchestrator.core.journal import TaskCancelled
from orchestrator.core.run_state import fold
from scenarios.lab import Outcome
from scenarios.scenario import RUNS, Scenario

NAMES = sorted(folder.name for folder in RUNS.iterdir())
SPENT_BY_A_KILL = {"doubt-parks-the-run", "cache-reuses-by-content", "retry-on-named-classes"}
"""Scenarios whose end depends on how often an action was begun: a kill is one more attempt."""
TIMED = {
    "inner-failure-lets-siblings-finish",
    "timeout-of-a-group",
    "timeout-of-the-run",
    "timeout-of-an-attempt",
}
"""Scenarios where what still runs beside a failure or up to a deadline is a matter of time, which a new process changes."""


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_ends_as_expected(name):
    scenario = Scenario(name)
    outcome = scenario.run()
    expected = scenario.expected
    state = outcome.state
    assert outcome.error is None
    assert outcome.left_over == []
    assert state.status == expected["status"], state.failure
    assert shown(state.outputs) == expected["outputs"]
    for path, status in expected.get("tasks", {}).items():
        assert state.tasks[path].status == status, path
    for path in expected.get("absent", []):
        assert path not in state.tasks
    for path, attempts in expected.get("attempts", {}).items():
        assert state.tasks[path].attempt == attempts, path
    for path, labels in expected.get("labels", {}).items():
        assert sorted(state.tasks[path].labels) == labels, path
    if "elapsed" in expected:
        assert outcome.elapsed == pytest.approx(expected["elapsed"], abs=0.3)
    if "world" in expected:
        assert outcome.world == expected["world"]
    if "error" in expected:
        assert state.failure is not None
        assert state.failure.error_class == expected["error"]["class"]
        assert expected["error"]["message"] in state.failure.message
    for text in expected.get("warnings", []):
        assert any(text in warning for warning in state.warnings), state.warnings
    if expected.get("warnings") == []:
        assert state.warnings == []


@pytest.mark.parametrize("name", NAMES)
def test_the_fold_of_the_journal_is_the_live_state(name):
    outcome = Scenario(name).run()
    assert fold(outcome.records) == outcome.state


@pytest.mark.parametrize("name", NAMES)
def test_one_at_a_time_gives_the_same_end(name):
    assert summary(Scenario(name).run(max_parallel=1)) == summary(Scenario(name).run())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_changes_when_pure_steps_take_tasks_of_their_own(name):
    assert summary(Scenario(name).run(in_place=False)) == summary(Scenario(name).run())


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SPENT_BY_A_KILL | TIMED])
def test_a_run_killed_at_any_record_goes_on_to_the_same_end(name):
    whole = Scenario(name).run()
    for kill_at in range(len(whole.records) - 1):
        scenario = Scenario(name)
        broken = scenario.run(kill_at=kill_at)
        resumed = scenario.run(earlier=broken.records)
        assert broken.left_over + resumed.left_over == []
        assert summary(resumed) == summary(whole), f"killed at record {kill_at}: {whole.records[kill_at + 1]}"
        assert resumed.world == whole.world or resumed.state.status == "failed", f"killed at record {kill_at}"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SPENT_BY_A_KILL | TIMED])
def test_what_had_completed_before_a_kill_is_not_done_again(name):
    whole = Scenario(name).run()
    for kill_at in range(len(whole.records) - 1):
        scenario = Scenario(name)
        broken = scenario.run(kill_at=kill_at)
        done = {path for path, task in fold(broken.records).tasks.items() if task.status == "completed"}
        resumed = scenario.run(earlier=broken.records)
        again = [
            record
            for record in resumed.records[len(broken.records) :]
            if type(record).__name__ in ("TaskStarted", "TaskCompleted") and record.task in done
        ]
        assert again == []


def summary(outcome: Outcome) -> dict[str, Any]:
    """Return what must not depend on how a run was executed; what else ran beside a failure may."""
    state = outcome.state
    cancelled = {record.task for record in outcome.records if isinstance(record, TaskCancelled)}
    return {
        "status": state.status,
        "outputs": shown(state.outputs),
        "error": state.failure and (state.failure.error_class, state.failure.message),
        "tasks": {
            path: task.status
            for path, task in state.tasks.items()
            if path not in cancelled and state.status != "failed"
        },
    }


def shown(value: Any) -> Any:
    """Return a value with plain containers."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list | tuple) else value
