"""Time limits of attempts, items, groups, files and runs, also over a restart."""

import pytest

from orchestrator.core.action import Effect
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab

GROUP = """
- id: group
  timeout: 10s
  on_error: %s
  steps:
  - {id: first, action: test.put, with: {key: first, value: 1}, undo: true}
  - {id: long, needs: first, action: test.slow, with: {seconds: 100, value: 1}}
  - {id: never, needs: long, action: test.tick, with: {key: never}}
- {id: after, needs: group, action: test.tick, with: {key: after}}
"""


def test_a_groups_time_goes_on_counting_while_no_process_runs():
    place = lab(GROUP % "continue")
    broken = place.run(kill_at=4)
    resumed = place.run(earlier=broken.records, later=7)
    assert resumed.state.status == "partial"
    assert resumed.elapsed == 3
    assert resumed.state.tasks["group"].failure.error_class == "timeout"


def test_a_group_whose_time_was_over_before_the_resume_starts_nothing_any_more():
    place = lab(GROUP % "continue")
    broken = place.run(kill_at=4)
    resumed = place.run(earlier=broken.records, later=100)
    assert resumed.state.status == "partial"
    assert resumed.elapsed == 0
    assert resumed.state.tasks["group.long"].attempt == 1
    assert resumed.world == {"first": 1, "after": 1}


def test_what_a_group_did_before_its_time_was_over_is_undone_when_the_run_fails():
    text = GROUP % "{steps: [{id: h, action: test.slow, with: {seconds: 5, value: 1}}]}" + (
        "- {id: last, needs: after, action: fail, with: {message: no}}\n"
    )
    whole = lab(text).run()
    assert whole.world == {"after": 1}
    for kill_at in range(len(whole.records) - 1):
        place = lab(text)
        resumed = place.run(earlier=place.run(kill_at=kill_at).records)
        assert resumed.state.status == "failed"
        assert resumed.world["after"] >= 1
        assert "first" not in resumed.world, kill_at


RUN = """
timeout: 10s
steps:
- {id: a, action: test.put, with: {key: a, value: 1}, undo: true}
- {id: b, needs: a, action: test.slow, with: {seconds: 100, value: 1}}
- {id: c, needs: a, action: wait, with: {for: 1h}}
"""


@pytest.mark.parametrize("later", [0, 5, 100])
def test_a_run_out_of_time_is_undone_and_failed_killed_anywhere(later):
    whole = lab(RUN).run()
    assert whole.state.status == "failed"
    assert whole.elapsed == 10
    assert whole.world == {}
    for kill_at in range(len(whole.records) - 1):
        place = lab(RUN)
        resumed = place.run(earlier=place.run(kill_at=kill_at).records, later=later)
        assert resumed.state.status == "failed", kill_at
        assert resumed.state.failure.error_class == "timeout"
        assert resumed.world == {}, kill_at
        assert resumed.elapsed <= 10 - later if later < 10 else resumed.elapsed == 0


def test_a_run_that_was_undoing_when_the_clock_was_set_back_ends_all_the_same():
    place = lab(RUN)
    whole = lab(RUN).run()
    undoing = next(at for at, record in enumerate(whole.records) if type(record).__name__ == "UndoStarted")
    broken = place.run(kill_at=undoing)
    earlier = [record._replace(at=whole.records[0].at) for record in broken.records]
    resumed = place.run(earlier=earlier)
    assert resumed.state.status == "failed"
    assert resumed.state.failure.error_class == "timeout"


def test_each_item_of_a_loop_over_an_own_action_has_its_own_time():
    text = """
- {id: each, for_each: [3, 8, 4], max_parallel: 1, timeout: 5s, action: test.slow, with: {seconds: "{{ item }}", value: 1}, on_error: {value: late}}
- {id: waits, for_each: [3, 8, 4], max_parallel: 1, timeout: 5s, action: wait, with: {for: "{{ item }}"}, on_error: {value: late}}
"""
    outcome = lab(text).run()
    assert outcome.state.status == "completed"
    assert [outcome.state.tasks[f"each[{index}]"].value for index in range(3)] == [1, "late", 1]
    assert [outcome.statuses()[f"waits[{index}]"] for index in range(3)] == [
        "completed",
        "recovered",
        "completed",
    ]
    assert outcome.elapsed == 12


def test_a_time_out_of_the_actions_own_is_a_time_out_without_a_limit_too():
    look = RecordingAction("demo.look", TimeoutError(), effect=Effect.READ)
    failure = lab("- {id: a, action: demo.look}", look).run().state.failure
    assert (failure.error_class, failure.message) == ("timeout", "it took too long")


@pytest.mark.parametrize("text", ["-1", ".inf", ".nan", "1e300", "soon", "9999999999d"])
def test_a_wait_without_a_sensible_time_fails(text):
    outcome = lab(
        f"steps: [{{id: t, action: let, with: {{v: {text}}}}}, {{id: w, action: wait, with: {{for: '{{{{ steps.t.v }}}}'}}}}]"
    ).run()
    assert outcome.error is None
    assert outcome.state.failure.error_class == "invalid_request"


def test_a_failure_beside_it_ends_a_wait_and_a_back_off_at_once():
    text = """
- {id: w, action: wait, with: {for: 1h}}
- {id: r, action: test.fail_first, with: {times: 2, value: 1}, retry: {attempts: 3, backoff: 1h, max_backoff: 1h}}
- {id: g, steps: [{id: i, action: wait, with: {for: 1h}}]}
- {id: s, action: test.slow, with: {seconds: 5, value: 1}}
- {id: f, needs: s, action: fail, with: {message: no}}
"""
    outcome = lab(text).run()
    assert outcome.state.failure.message == "no"
    assert outcome.elapsed == 5
    assert outcome.statuses() == {
        "w": "cancelled",
        "r": "failed",
        "g": "cancelled",
        "g.i": "cancelled",
        "s": "completed",
        "f": "failed",
    }
