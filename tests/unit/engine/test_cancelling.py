"""A request to cancel, at any moment."""

import pytest

from orchestrator.core.action import Effect
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import CancelRequested, TaskCompleted, TaskStarted
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import Control, lab

WITH_WAYS_BACK = """
- {id: first, action: test.put, with: {key: first, value: 1}, undo: true}
- {id: second, needs: first, action: test.put, with: {key: second, value: 2}, undo: true}
- {id: long, needs: second, action: test.slow, with: {seconds: 100, value: 3}}
- {id: never, needs: long, action: test.put, with: {key: never, value: 4}, undo: true}
"""


def cancel_after(seconds: float):
    async def during(control: Control) -> None:
        await control.clock.sleep(seconds)
        await control.cancel("ann")

    return during


def test_cancelling_stops_what_acts_and_undoes_what_is_done_in_reverse():
    outcome = lab(WITH_WAYS_BACK).run(during=cancel_after(5))
    assert outcome.state.status == "cancelled"
    assert outcome.state.cancelled_by == "ann"
    assert outcome.elapsed < 10
    assert outcome.world == {}
    assert outcome.statuses() == {
        "first": "undone",
        "second": "undone",
        "long": "cancelled",
        "second~undo": "completed",
        "first~undo": "completed",
    }
    assert outcome.left_over == []


@pytest.mark.parametrize(
    "step",
    [
        "{id: idle, action: wait, with: {for: 1d}}",
        "{id: idle, action: test.fail_first, with: {times: 9, value: 1}, retry: {attempts: 9, backoff: 1h, max_backoff: 1h}}",
        "{id: idle, for_each: [1, 2, 3], action: wait, with: {for: 1h}}",
        "{id: idle, steps: [{id: inner, action: wait, with: {for: 1h}}]}",
    ],
)
def test_what_only_waits_ends_at_once(step):
    outcome = lab(f"- {step}").run(during=cancel_after(5))
    assert outcome.state.status == "cancelled"
    assert outcome.elapsed < 10
    assert outcome.statuses()["idle"] == "cancelled"


def test_what_waits_for_a_permit_never_acts():
    text = """
- {id: a, action: test.slow, with: {seconds: 100, value: 1}}
- {id: b, action: test.tick, with: {key: b}}
"""
    outcome = lab(text).run(during=cancel_after(5), max_parallel=1)
    assert outcome.state.status == "cancelled"
    assert outcome.world == {}
    assert outcome.left_over == []


def test_a_once_action_that_is_cancelled_in_the_middle_stays_in_doubt():
    outcome = lab("- {id: mail, action: test.send, with: {key: sent, seconds: 100}}").run(
        during=cancel_after(5)
    )
    assert outcome.state.status == "cancelled"
    assert outcome.statuses() == {"mail": "in_doubt"}


def test_a_failure_that_comes_of_cancelling_does_not_turn_the_run_into_a_failed_one():
    async def sulk(params, ctx):
        try:
            await ctx.clock.sleep(100)
        finally:
            raise RuntimeError("who dares")

    action = RecordingAction("demo.sulk", sulk, runs="async", effect=Effect.READ)
    outcome = lab("- {id: sulk, action: demo.sulk}", action).run(during=cancel_after(5))
    assert outcome.state.status == "cancelled"


def test_a_run_that_is_done_before_the_request_is_seen_completes():
    outcome = lab("- {id: a, action: let, with: {v: 1}}").run(during=cancel_after(0))
    assert outcome.state.status == "completed"


def test_cancelling_does_not_interrupt_the_undoing_of_a_failed_run():
    text = """
steps:
- {id: a, action: test.put, with: {key: a, value: 1}, undo: {action: test.slow, with: {seconds: 20, value: 1}}}
- {id: b, needs: a, action: fail, with: {message: broken}}
on_failure: [{id: tell, action: test.tick, with: {key: told}}]
"""
    outcome = lab(text).run(during=cancel_after(5))
    assert outcome.state.status == "failed"
    assert outcome.statuses()["a"] == "undone"
    assert outcome.world["told"] == 1
    assert outcome.of(CancelRequested) == []
    assert any("asked to cancel" in warning for warning in outcome.state.warnings)


def test_a_second_request_changes_nothing():
    async def twice(control: Control) -> None:
        await control.clock.sleep(5)
        await control.cancel("ann")
        await control.clock.sleep(0.01)
        await control.cancel("bob")

    outcome = lab(WITH_WAYS_BACK).run(during=twice)
    assert outcome.state.status == "cancelled"
    assert [record.by for record in outcome.of(CancelRequested)] == ["ann"]


def test_a_run_that_is_held_by_nobody_is_cancelled_when_it_is_taken_up():
    place = lab(WITH_WAYS_BACK)
    stopped = place.run(kill_at=6)
    assert stopped.statuses()["second"] == "completed"
    request = CancelRequested(stopped.records[-1].at, "ann")
    ended = place.run(earlier=[*stopped.records, request], later=3600)
    assert ended.state.status == "cancelled"
    assert ended.world == {}
    assert ended.elapsed < 1


def test_what_was_acting_when_the_process_died_does_not_act_again_for_a_cancelled_run():
    look = RecordingAction("demo.look", 1, runs="async", effect=Effect.READ)
    place = lab("- {id: look, action: demo.look}", look)
    stopped = place.run(kill_at=1)
    assert isinstance(stopped.records[-1], TaskStarted)
    ended = place.run(earlier=[*stopped.records, CancelRequested(stopped.records[-1].at)])
    assert ended.state.status == "cancelled"
    assert ended.statuses() == {"look": "cancelled"}
    assert look.count == 1


def test_a_wait_of_days_does_not_hold_up_a_cancelled_run_that_is_taken_up():
    place = lab("- {id: idle, action: wait, with: {for: 30d}}")
    stopped = place.run(kill_at=2)
    ended = place.run(earlier=[*stopped.records, CancelRequested(stopped.records[-1].at)])
    assert ended.state.status == "cancelled"
    assert ended.elapsed == 0


def test_killed_at_any_record_of_the_cancelling_it_ends_cancelled_all_the_same():
    whole = lab(WITH_WAYS_BACK).run(during=cancel_after(5))
    begun = next(at for at, record in enumerate(whole.records) if isinstance(record, CancelRequested))
    for kill_at in range(begun, len(whole.records) - 1):
        place = lab(WITH_WAYS_BACK)
        broken = place.run(during=cancel_after(5), kill_at=kill_at)
        resumed = place.run(earlier=broken.records)
        assert resumed.state.status == "cancelled", kill_at
        assert resumed.world == {}
        undone = [record.task for record in resumed.of(TaskCompleted) if record.task.endswith("~undo")]
        assert undone == [TaskPath("second~undo"), TaskPath("first~undo")]
