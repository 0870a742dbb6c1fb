"""Tasks of which nobody knows whether they happened."""

import pytest

from orchestrator.core.action import Action, ActionSpec, Effect
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import DoubtSettled, RunEnded, TaskInDoubt
from orchestrator.errors import ActionError
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab

MAIL = """
steps:
- {id: mail, action: test.send, with: {key: sent, seconds: 5}%s}
- {id: beside, action: test.tick, with: {key: beside}}
- {id: after, needs: mail, action: let, with: {status: "{{ status.mail }}"}}
outputs: {after: "{{ steps.after.status }}"}
"""


def killed_while_acting(place):
    whole = place.run()
    started = next(at for at, record in enumerate(whole.records) if getattr(record, "effect", "") == "once")
    place.world.clear()
    return place.run(kill_at=started)


def settle(outcome, path, *, again, value=None):
    return [*outcome.records, DoubtSettled(outcome.records[-1].at, TaskPath(path), again=again, value=value)]


def test_killed_while_it_acted_it_waits_for_a_person_and_the_rest_goes_on():
    place = lab(MAIL % "")
    broken = killed_while_acting(place)
    waiting = place.run(earlier=broken.records)
    assert waiting.state.status == "waiting"
    assert waiting.state.tasks["mail"].status == "in_doubt"
    assert waiting.statuses()["beside"] == "completed"
    assert waiting.world["sent"] == 1
    assert "after" not in waiting.statuses()


def test_it_stays_in_doubt_until_somebody_decides():
    place = lab(MAIL % "")
    waiting = place.run(earlier=killed_while_acting(place).records)
    still = place.run(earlier=waiting.records)
    assert still.state.status == "waiting"
    assert len(still.of(TaskInDoubt)) == 1
    assert len(still.of(RunEnded)) == 2


@pytest.mark.parametrize(("again", "sent"), [(True, 2), (False, 1)])
def test_a_person_decides_whether_it_is_done_again(again, sent):
    place = lab(MAIL % "")
    waiting = place.run(earlier=killed_while_acting(place).records)
    ended = place.run(earlier=settle(waiting, "mail", again=again))
    assert ended.state.status == "completed"
    assert ended.world["sent"] == sent
    assert ended.state.outputs == {"after": "completed"}


def test_on_error_applies_only_where_it_names_unknown():
    place = lab(MAIL % ", on_error: {match: unknown, value: lost}")
    ended = place.run(earlier=killed_while_acting(place).records)
    assert ended.state.status == "completed"
    assert ended.state.tasks["mail"].status == "recovered"
    place = lab(MAIL % ", on_error: continue")
    assert place.run(earlier=killed_while_acting(place).records).state.status == "waiting"


def test_a_local_command_that_was_surely_stopped_is_still_in_doubt_when_the_engine_died():
    spec = ActionSpec(
        name="demo.command", description="", parameters={}, effect=Effect.ONCE, runs="async", definite=True
    )

    async def act(params, ctx):
        return None

    place = lab("- {id: cmd, action: demo.command}", Action(spec=spec, function=act))
    broken = place.run(kill_at=1)
    assert place.run(earlier=broken.records).state.status == "waiting"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TimeoutError(), "in_doubt"),
        (ConnectionResetError(), "in_doubt"),
        (ConnectionRefusedError(), "failed"),
        (ActionError("said no"), "failed"),
        (ActionError("nobody knows", error_class="unknown"), "in_doubt"),
        (ValueError(), "failed"),
    ],
)
def test_what_a_once_action_raises_tells_whether_it_may_have_happened(error, status):
    action = RecordingAction("demo.post", error, effect=Effect.ONCE)
    outcome = lab("- {id: post, action: demo.post, retry: {attempts: 3}, on_error: continue}", action).run()
    assert outcome.state.tasks["post"].status == status
    if status == "in_doubt":
        assert action.count == 1
        assert outcome.state.status == "waiting"


def test_a_doubt_beside_a_failure_does_not_keep_the_run_from_failing():
    text = """
- {id: mail, action: test.send, with: {key: sent, seconds: 5}, timeout: 1s}
- {id: bad, action: test.slow, with: {seconds: 2, value: 1}}
- {id: broken, needs: bad, action: fail, with: {message: broken}}
"""
    outcome = lab(text).run()
    assert outcome.state.status == "failed"
    assert outcome.statuses() == {"mail": "in_doubt", "bad": "completed", "broken": "failed"}


def test_a_doubt_inside_a_handled_failure_still_waits_for_a_person_at_the_end():
    text = """
- id: group
  on_error: continue
  steps:
  - {id: mail, action: test.send, with: {key: sent, seconds: 5}, timeout: 1s}
  - {id: bad, action: test.slow, with: {seconds: 2, value: 1}}
  - {id: broken, needs: bad, action: fail, with: {message: broken}}
- {id: after, needs: group, action: test.tick, with: {key: after}}
"""
    place = lab(text)
    waiting = place.run()
    assert waiting.state.status == "waiting"
    assert waiting.world["after"] == 1
    ended = place.run(earlier=settle(waiting, "group.mail", again=False))
    assert ended.state.status == "partial"
    assert ended.world == {"sent": 1, "after": 1}


def test_a_doubt_inside_a_loop_or_group_parks_what_holds_it():
    text = """
- {id: each, for_each: [1, 2], steps: [{id: mail, action: test.send, with: {key: "k{{ item }}", seconds: "{{ item * 3 }}"}, timeout: 5s}]}
"""
    place = lab(text)
    waiting = place.run()
    assert waiting.state.status == "waiting"
    assert waiting.statuses()["each[0].mail"] == "completed"
    assert waiting.statuses()["each[1].mail"] == "in_doubt"
    ended = place.run(earlier=settle(waiting, "each[1].mail", again=False))
    assert ended.state.status == "completed"
    assert ended.world == {"k1": 1, "k2": 1}


UNDO_IN_DOUBT = """
- {id: a, action: test.put, with: {key: a, value: 1}, undo: true}
- {id: b, needs: a, action: test.put, with: {key: b, value: 1}, undo: {action: test.send, with: {key: unsent, seconds: 5}}}
- {id: c, needs: b, action: fail, with: {message: broken}}
"""


def test_a_way_back_in_doubt_waits_for_a_person_after_the_others_were_walked():
    place = lab(UNDO_IN_DOUBT)
    broken = killed_while_acting(place)
    waiting = place.run(earlier=broken.records)
    assert waiting.state.status == "waiting"
    assert waiting.statuses()["b~undo"] == "in_doubt"
    assert waiting.statuses()["a"] == "undone"
    ended = place.run(earlier=settle(waiting, "b~undo", again=False))
    assert ended.state.status == "failed"
    assert ended.state.failure.message == "broken"
    assert ended.statuses()["b"] == "undone"


def test_a_doubt_in_on_failure_lets_the_run_wait():
    text = """
steps: [{id: c, action: fail, with: {message: broken}}]
on_failure: [{id: tell, action: test.send, with: {key: told, seconds: 5}}]
"""
    place = lab(text)
    waiting = place.run(earlier=killed_while_acting(place).records)
    assert waiting.state.status == "waiting"
    ended = place.run(earlier=settle(waiting, "~on_failure.tell", again=True))
    assert ended.state.status == "failed"
    assert ended.world == {"told": 2}


def test_the_third_death_of_its_process_is_a_failure_of_its_own():
    place = lab("- {id: eats, action: test.tick, with: {key: k}, on_error: {match: crashed, value: gone}}")
    records = place.run(kill_at=1).records
    for _ in range(2):
        records = place.run(earlier=records, kill_at=2).records
    ended = place.run(earlier=records)
    assert ended.state.status == "completed"
    assert ended.state.tasks["eats"].status == "recovered"
    assert ended.state.tasks["eats"].failure.error_class == "crashed"
    assert "died 3 times" in ended.state.tasks["eats"].failure.message
    assert ended.world == {"k": 3}
