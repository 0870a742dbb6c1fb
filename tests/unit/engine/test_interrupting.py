"""Ctrl-C: nothing new starts, what acts gets a grace time, nothing is undone, and the run can be resumed."""

import pytest

from orchestrator.core.journal import RunEnded, TaskStarted, UndoStarted
from orchestrator.errors import RunInterruptedError
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import Control, lab


def interrupt_after(seconds: float, *, now: bool = False):
    async def during(control: Control) -> None:
        await control.clock.sleep(seconds)
        control.engine.interrupt_now() if now else control.engine.interrupt()

    return during


CHAIN = """
- {id: a, action: test.put, with: {key: a, value: 1}, undo: true}
- {id: b, needs: a, action: test.slow, with: {seconds: 10, value: 2}}
- {id: c, needs: b, action: test.tick, with: {key: c}}
"""


def test_what_acts_may_finish_within_the_grace_time_and_nothing_new_starts():
    place = lab(CHAIN)
    stopped = place.run(during=interrupt_after(5), grace=60)
    assert isinstance(stopped.error, RunInterruptedError)
    assert stopped.elapsed == 10
    assert stopped.statuses() == {"a": "completed", "b": "completed"}
    assert stopped.of(RunEnded, UndoStarted) == []
    assert stopped.left_over == []
    resumed = place.run(earlier=stopped.records)
    assert resumed.state.status == "completed"
    assert resumed.world == {"a": 1, "c": 1}


def test_what_still_acts_after_the_grace_time_is_stopped_and_done_again_later():
    place = lab(CHAIN)
    stopped = place.run(during=interrupt_after(5), grace=2)
    assert isinstance(stopped.error, RunInterruptedError)
    assert stopped.elapsed == 7
    assert stopped.statuses() == {"a": "completed", "b": "cancelled"}
    resumed = place.run(earlier=stopped.records)
    assert resumed.state.status == "completed"
    assert resumed.state.tasks["b"].attempt == 1
    assert resumed.state.tasks["b"].crashes == 0


def test_without_a_grace_time_it_stops_at_once():
    stopped = lab(CHAIN).run(during=interrupt_after(5, now=True))
    assert isinstance(stopped.error, RunInterruptedError)
    assert stopped.elapsed == 5


def test_a_second_interruption_without_grace_cuts_the_first_short():
    async def impatient(control: Control) -> None:
        await control.clock.sleep(5)
        control.engine.interrupt()
        control.engine.interrupt()
        await control.clock.sleep(1)
        control.engine.interrupt_now()

    stopped = lab(CHAIN).run(during=impatient, grace=60)
    assert stopped.elapsed == 6
    assert stopped.left_over == []


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("{id: idle, action: wait, with: {for: 1h}}", "running"),
        (
            "{id: idle, action: test.fail_first, with: {times: 1, value: 1}, retry: {attempts: 2, backoff: 1h, max_backoff: 1h, jitter: 0}}",
            "retrying",
        ),
    ],
)
def test_waiting_ends_at_once_and_goes_on_where_it_was(step, status):
    place = lab(f"- {step}")
    stopped = place.run(during=interrupt_after(600))
    assert isinstance(stopped.error, RunInterruptedError)
    assert stopped.elapsed == 600
    assert stopped.statuses() == {"idle": status}
    resumed = place.run(earlier=stopped.records, later=1600)
    assert resumed.state.status == "completed"
    assert resumed.elapsed == pytest.approx(3600 - 1600, abs=1)


def test_what_waits_for_a_permit_has_not_begun_and_begins_after_the_resume():
    text = """
- {id: a, action: test.slow, with: {seconds: 10, value: 1}}
- {id: b, action: test.tick, with: {key: b}}
"""
    place = lab(text)
    stopped = place.run(during=interrupt_after(5), grace=60, max_parallel=1)
    assert stopped.statuses() == {"a": "completed"}
    assert stopped.left_over == []
    assert place.run(earlier=stopped.records).world == {"b": 1}


UNDOING = """
steps:
- {id: a, action: test.put, with: {key: a, value: 1}, undo: true}
- {id: b, needs: a, action: test.echo, with: {value: 1}, undo: {action: test.slow, with: {seconds: 50, value: 1}}}
- {id: c, needs: b, action: fail, with: {message: broken}}
on_failure: [{id: tell, action: test.slow, with: {seconds: 50, value: "{{ errors.c.message }}"}}]
"""


@pytest.mark.parametrize(("moment", "grace"), [(10, 5), (10, 100), (60, 5)])
def test_interrupted_while_it_undoes_or_tells_it_goes_on_with_that(moment, grace):
    place = lab(UNDOING)
    stopped = place.run(during=interrupt_after(moment), grace=grace)
    assert isinstance(stopped.error, RunInterruptedError)
    assert stopped.left_over == []
    resumed = place.run(earlier=stopped.records)
    assert resumed.state.status == "failed"
    assert resumed.state.failure.message == "broken"
    assert resumed.world == {}
    assert resumed.statuses()["b"] == "undone"
    assert resumed.statuses()["~on_failure.tell"] == "completed"
    assert resumed.state.tasks["~on_failure.tell"].value == "broken"


def test_a_run_that_begins_on_an_interrupted_engine_starts_nothing():
    async def at_once(control: Control) -> None:
        control.engine.interrupt()

    tick = RecordingAction("demo.tick", 1)
    place = lab("- {id: a, action: demo.tick}", tick)
    stopped = place.run(during=at_once)
    assert isinstance(stopped.error, RunInterruptedError)
    assert tick.count == 0
    assert stopped.of(TaskStarted) == []


def test_a_handler_that_cannot_begin_is_left_for_the_resume_and_its_step_does_not_act_again():
    text = """
- id: mail
  action: test.fail_once
  on_error: {steps: [{id: rescue, action: test.tick, with: {key: rescued}}]}
"""

    async def act(params, ctx):
        await ctx.clock.sleep(10)
        raise ValueError("refused")

    from orchestrator.core.action import Effect

    mail = RecordingAction("test.fail_once", act, runs="async", effect=Effect.ONCE)
    place = lab(text, mail)
    stopped = place.run(during=interrupt_after(5), grace=60)
    assert isinstance(stopped.error, RunInterruptedError)
    resumed = place.run(earlier=stopped.records)
    assert resumed.state.status == "completed"
    assert resumed.statuses() == {"mail": "recovered", "mail.rescue": "completed"}
    assert mail.count == 1
