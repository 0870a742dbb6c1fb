"""The way back, also of groups and files, after handled failures, and over restarts."""

import asyncio

import pytest

from orchestrator.core.action import Action, ActionSpec, Effect
from orchestrator.core.journal import UndoStarted
from scenarios.lab import lab


def put(key):
    return f"action: test.put, with: {{key: {key}, value: 1}}, undo: true"


HANDLED = f"""
- id: group
  on_error: %s
  steps:
  - {{id: inner, {put("inner")}}}
  - {{id: breaks, needs: inner, action: fail, with: {{message: first}}}}
- {{id: outer, needs: group, {put("outer")}}}
- {{id: last, needs: outer, action: fail, with: {{message: second}}}}
"""


@pytest.mark.parametrize(
    "rule",
    [
        "continue",
        "{value: 1}",
        f"{{steps: [{{id: rescue, {put('rescue')}}}]}}",
        "{continue: true, undo: true}",
    ],
)
def test_what_a_handled_group_did_is_undone_when_the_run_fails_later_killed_anywhere(rule):
    whole = lab(HANDLED % rule).run()
    assert whole.state.status == "failed"
    assert whole.world == {}
    assert whole.statuses()["group.inner"] == "undone"
    for kill_at in range(len(whole.records) - 1):
        place = lab(HANDLED % rule)
        resumed = place.run(earlier=place.run(kill_at=kill_at).records)
        assert resumed.state.status == "failed", kill_at
        assert resumed.world == {}, kill_at
        assert resumed.statuses() == whole.statuses(), kill_at


@pytest.mark.parametrize(
    ("loop", "number"),
    [
        ("for_each: [1, 2]", "loop.index"),
        ("{while: '{{ loop.iteration <= 2 }}', max_iterations: 3}", "loop.iteration"),
    ],
)
def test_a_handled_loop_undoes_all_its_items_when_its_rule_says_so(loop, number):
    text = f"""
- id: each
  <<: {loop if loop.startswith("{") else "{" + loop + "}"}
  on_error: {{continue: true, undo: true}}
  steps:
  - {{id: inner, action: test.put, with: {{key: "k{{{{ {number} }}}}", value: 1}}, undo: true}}
  - {{id: breaks, needs: inner, if: "{{{{ {number} == 2 }}}}", action: fail, with: {{message: no}}}}
- {{id: after, needs: each, action: test.tick, with: {{key: after}}}}
"""
    outcome = lab(text).run()
    assert outcome.state.status == "partial"
    assert outcome.world == {"after": 1}
    assert [record.scope for record in outcome.of(UndoStarted)] == ["each"]


def test_a_whole_group_or_loop_can_be_taken_back_with_its_value():
    text = """
- {id: group, steps: [{id: inner, action: let, with: {v: 7}}], undo: {action: test.write, with: {key: log, value: "{{ result.inner.v }}"}}}
- {id: each, for_each: [1, 2], steps: [{id: i, action: let, with: {v: "{{ item }}"}}], undo: {action: test.write, with: {key: log, value: "{{ result | length }}"}}}
- {id: items, for_each: [3, 4], action: let, with: {v: "{{ item }}"}, undo: {action: test.write, with: {key: log, value: "{{ result.v }}"}}}
- {id: pause, action: wait, with: {for: 0}, undo: {action: test.write, with: {key: log, value: pause}}}
- {id: breaks, needs: [group, each, items, pause], action: fail, with: {message: no}}
"""
    whole = lab(text).run()
    assert sorted(whole.world["log"], key=str) == [2, 3, 4, 7, "pause"]
    for kill_at in range(len(whole.records) - 1):
        place = lab(text)
        resumed = place.run(earlier=place.run(kill_at=kill_at).records)
        assert sorted(resumed.world["log"], key=str) == [2, 3, 4, 7, "pause"], kill_at


def test_a_way_back_that_fails_is_not_tried_again_after_a_restart():
    text = """
- {id: a, action: let, with: {v: 1}, undo: {action: test.fail_if, with: {fails: true}}}
- {id: b, needs: a, action: test.put, with: {key: b, value: 1}, undo: {action: test.slow, with: {seconds: 5, value: 1}}}
- {id: c, needs: b, action: let, with: {v: 1}, undo: {action: test.fail_if, with: {fails: true}}}
- {id: d, needs: c, action: fail, with: {message: no}}
"""
    place = lab(text)
    whole = lab(text).run()
    failed = next(
        at
        for at, record in enumerate(whole.records)
        if getattr(record, "task", "") == "c~undo" and hasattr(record, "failure")
    )
    resumed = place.run(earlier=place.run(kill_at=failed + 1).records)
    assert resumed.state.status == "failed"
    assert resumed.state.tasks["c~undo"].attempt == 1
    assert resumed.statuses()["b"] == "undone"
    assert len([warning for warning in resumed.state.warnings if "c could not be undone" in warning]) == 1


def test_what_a_file_held_is_looked_at_once_however_many_attempts_follow():
    looks, undone = [], []

    def look(params, ctx):
        looks.append(ctx.attempt)
        return

    async def act(params, ctx):
        if ctx.attempt < 3:
            raise ConnectionError

    spec = ActionSpec(
        name="demo.write", description="", parameters={}, effect=Effect.IDEMPOTENT, runs="async"
    )
    action = Action(
        spec=spec, function=act, prepare=look, revert=lambda params, memento, ctx: undone.append(memento)
    )
    text = """
- {id: write, action: demo.write, undo: true, retry: {attempts: 3, backoff: 1s}}
- {id: breaks, needs: write, action: fail, with: {message: no}}
"""
    outcome = lab(text, action).run()
    assert outcome.statuses()["write"] == "undone"
    assert looks == [1]
    assert undone == [None]


def test_an_effect_that_completes_while_its_run_is_out_of_time_is_undone_all_the_same():
    text = """
timeout: 5s
steps:
- {id: a, action: test.put, with: {key: a, value: 1}, undo: true}
"""

    class Slow:
        """A journal that takes ten seconds to write."""

        def __init__(self, journal):
            self._journal = journal

        def __getattr__(self, name):
            return getattr(self._journal, name)

        async def written(self):
            await asyncio.sleep(10)

    outcome = lab(text).run(wrap=Slow)
    assert outcome.state.status == "failed"
    assert outcome.world == {}
    assert outcome.statuses()["a"] == "undone"
