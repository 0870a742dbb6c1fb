"""Ten thousand of everything: no recursion, nothing left over, and a resume that walks them all."""

import pytest

from orchestrator.core.journal import TaskCompleted
from scenarios.lab import lab

MANY = 10_000


@pytest.mark.parametrize("action", ["let", "test.echo"])
def test_ten_thousand_items_and_their_resume(action):
    text = f"""
steps: [{{id: each, for_each: "{{{{ range({MANY}) | list }}}}", action: {action}, with: {{value: "{{{{ item }}}}"}}}}]
outputs: {{last: "{{{{ steps.each | last }}}}", count: "{{{{ steps.each | length }}}}"}}
"""
    place = lab(text)
    broken = place.run(kill_at=MANY)
    resumed = place.run(earlier=broken.records)
    assert resumed.state.status == "completed"
    assert resumed.state.outputs["count"] == MANY
    assert resumed.left_over == []
    assert len(resumed.of(TaskCompleted)) == MANY + 1


@pytest.mark.parametrize("action", ["let", "test.echo"])
def test_a_chain_of_two_thousand_steps(action):
    steps = [f"- {{id: s0, action: {action}, with: {{value: 1}}}}"]
    steps += [
        f"- {{id: s{n}, needs: s{n - 1}, action: {action}, with: {{value: 1}}}}" for n in range(1, 2000)
    ]
    outcome = lab("\n".join(steps)).run()
    assert outcome.state.status == "completed"
    assert len(outcome.state.tasks) == 2000


def test_a_long_loop_of_cheap_steps_lets_others_have_their_turn():
    text = """
- {id: loop, while: "{{ true }}", max_iterations: 2000, steps: [{id: i, action: let, with: {v: 1}}]}
"""

    async def interrupt(control):
        control.engine.interrupt()

    outcome = lab(text).run(during=interrupt)
    assert outcome.error is not None
    assert len(outcome.state.tasks) < 2000


def test_groups_twenty_deep():
    text = "{id: g0, action: let, with: {v: 1}}"
    for depth in range(1, 20):
        text = f"{{id: g{depth}, steps: [{text}]}}"
    outcome = lab(f"steps: [{text}]").run()
    assert outcome.state.status == "completed"
    assert len(outcome.state.tasks) == 20
