"""One run has so many tasks and no more, however its loops are nested."""

import pytest

from orchestrator.core.journal import DecisionMade
from orchestrator.engine import task_limit
from scenarios.lab import lab


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(task_limit, "MAX_TASKS", 300)
    return 300


def test_a_list_of_more_items_than_tasks_is_refused_before_anything_starts():
    outcome = lab(
        'steps: [{id: each, for_each: "{{ range(1000000) | list }}", action: let, with: {v: 1}}]'
    ).run()
    assert outcome.state.status == "failed"
    assert (
        "`for_each` would begin 1,000,000 items, and a run may have 100,000 tasks"
        in outcome.state.failure.message
    )
    assert outcome.state.failure.error_class == "budget"
    assert outcome.of(DecisionMade) == []
    assert len(outcome.state.tasks) == 1


@pytest.mark.parametrize(
    "body",
    [
        "action: let, with: {v: 1}",
        "action: test.echo, with: {value: 1}",
        "steps: [{id: a, action: let, with: {v: 1}}, {id: b, action: test.echo, with: {value: 1}}]",
        "action: let, with: {v: 1}, on_error: continue",
    ],
)
def test_nested_loops_end_at_the_limit(few, body):
    text = f"""
steps:
- id: outer
  for_each: "{{{{ range(100) | list }}}}"
  steps: [{{id: inner, for_each: "{{{{ range(100) | list }}}}", {body}}}]
"""
    outcome = lab(text).run()
    assert outcome.state.status == "failed"
    assert f"a run may have {few} tasks" in outcome.state.failure.message
    assert len(outcome.state.tasks) <= few
    assert outcome.left_over == []


def test_loops_that_wait_for_each_other_are_counted_before_they_begin(few):
    text = """
steps:
- id: outer
  for_each: "{{ range(100) | list }}"
  steps: [{id: inner, for_each: "{{ range(100) | list }}", action: test.slow, with: {seconds: 1}}]
"""
    outcome = lab(text).run()
    assert "`for_each` would begin 100 items" in outcome.state.failure.message


def test_a_loop_without_end_ends_at_the_limit(few):
    text = """
steps: [{id: loop, while: "{{ true }}", max_iterations: 1000000, steps: [{id: i, action: let, with: {v: 1}}]}]
"""
    outcome = lab(text).run()
    assert outcome.state.status == "failed"
    assert len(outcome.state.tasks) <= few


def test_what_a_failure_at_the_limit_leads_to_still_runs(few):
    text = """
steps:
- {id: first, action: let, with: {v: 1}, undo: {action: let, with: {v: 2}}}
- {id: loop, needs: first, while: "{{ true }}", max_iterations: 1000, steps: [{id: i, action: let, with: {v: 1}}]}
on_failure: [{id: told, action: let, with: {v: 3}}]
"""
    outcome = lab(text).run()
    assert outcome.state.status == "failed"
    assert outcome.state.tasks["~on_failure.told"].status == "completed"
    assert outcome.state.tasks["first"].status == "undone"


def test_a_run_that_is_resumed_counts_what_it_has(few):
    text = """
steps: [{id: loop, while: "{{ true }}", max_iterations: 1000, steps: [{id: i, action: let, with: {v: 1}}]}]
"""
    place = lab(text)
    broken = place.run(kill_at=200)
    resumed = place.run(earlier=broken.records)
    assert resumed.state.status == "failed"
    assert len(resumed.state.tasks) <= few
