"""What the journal must have before the world or a dependent step may go on, and what happens when it breaks."""

import asyncio

import pytest

from orchestrator.core.action import Effect
from orchestrator.core.journal import TaskCompleted, TaskStarted
from orchestrator.errors import ActionError, StoreError
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab

EFFECTS = ["pure", "read", "idempotent", "once"]


class Watched:
    """A journal that remembers how many records were written and synced."""

    def __init__(self, journal):
        self._journal = journal
        self.kept: list[object] = []
        self.written_up_to = self.synced_up_to = 0

    def append(self, record):
        self._journal.append(record)
        self.kept.append(record)

    async def written(self):
        await asyncio.sleep(1)
        self.written_up_to = len(self.kept)

    async def synced(self):
        await asyncio.sleep(1)
        self.synced_up_to = self.written_up_to = len(self.kept)

    def __getattr__(self, name):
        return getattr(self._journal, name)

    def has(self, kind, level):
        """Whether a record of a kind about step `a` has reached a level."""
        upto = self.synced_up_to if level == "synced" else self.written_up_to
        return any(isinstance(record, kind) and record.task == "a" for record in self.kept[:upto])


def watched(text, *actions):
    journals = []

    def wrap(journal):
        journals.append(Watched(journal))
        return journals[0]

    return lab(text, *actions), wrap, journals


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("critical", [False, True])
def test_what_must_be_kept_is_kept_before_it_acts_and_before_others_go_on(effect, critical):
    seen = {}

    def act(params, ctx):
        seen["started"] = journals[0].has(TaskStarted, "synced")

    def follow(params, ctx):
        seen["written"] = journals[0].has(TaskCompleted, "written")
        seen["synced"] = journals[0].has(TaskCompleted, "synced")

    place, wrap, journals = watched(
        f"- {{id: a, action: demo.act, critical: {str(critical).lower()}}}\n- {{id: b, needs: a, action: demo.follow}}",
        RecordingAction("demo.act", act, effect=Effect(effect)),
        RecordingAction("demo.follow", follow),
    )
    outcome = place.run(wrap=wrap)
    assert outcome.state.status == "completed"
    assert seen == {
        "started": effect in ("idempotent", "once"),
        "written": effect != "pure" or critical,
        "synced": critical,
    }


def test_a_critical_group_is_synced_before_what_follows():
    seen = []
    place, wrap, journals = watched(
        "- {id: a, critical: true, steps: [{id: i, action: let, with: {v: 1}}]}\n- {id: b, needs: a, action: demo.follow}",
        RecordingAction(
            "demo.follow", lambda params, ctx: seen.append(journals[0].has(TaskCompleted, "synced"))
        ),
    )
    place.run(wrap=wrap)
    assert seen == [True]


def test_the_end_is_synced_before_the_run_returns():
    place, wrap, journals = watched("- {id: a, action: let, with: {v: 1}}")
    place.run(wrap=wrap)
    assert journals[0].synced_up_to == len(journals[0].kept)


def test_a_run_that_is_stopped_while_it_syncs_does_not_act_and_is_in_no_doubt():
    async def interrupt(control):
        await control.clock.sleep(0.5)
        control.engine.interrupt_now()

    mail = RecordingAction("demo.mail", 1, effect=Effect.ONCE)
    place, wrap, _ = watched("- {id: a, action: demo.mail}", mail)
    stopped = place.run(wrap=wrap, during=interrupt)
    assert mail.count == 0
    assert stopped.statuses() == {"a": "cancelled"}
    assert place.run(earlier=stopped.records).state.status == "completed"
    assert mail.count == 1


BUSY = """
- {id: a, action: test.tick, with: {key: a}}
- {id: b, needs: a, action: test.write, with: {key: log, value: b}}
- {id: c, for_each: [1, 2, 3], action: test.slow, with: {seconds: 1, value: 1}}
- {id: d, for_each: [1, 2], steps: [{id: i, action: let, with: {v: 1}}, {id: j, needs: i, action: test.echo, with: {value: 1}}]}
- {id: e, needs: [a], action: test.fail_first, with: {times: 1, value: 1}, retry: {attempts: 2}}
- {id: f, action: test.put, with: {key: f, value: 1}, undo: true}
- {id: p, action: test.parent, with: {values: [1, 2]}}
- {id: g, needs: [b, c, d, e, f, p], action: fail, with: {message: no}}
"""


def test_wherever_the_store_fails_the_run_stops_at_once_and_nothing_acts_any_more():
    whole = lab(BUSY).run()
    for kill_at in range(len(whole.records) - 1):
        place, world_then = lab(BUSY), []

        class Breaking:
            """A journal that breaks for good at its n-th record."""

            def __init__(self, journal, left=kill_at):
                self._journal, self._left, self.broken = journal, left, False

            def append(self, record):
                if self._left == 0 or self.broken:
                    self.broken = True
                    world_then.append(repr(place.world))  # noqa: B023 — it lives no longer than this turn
                    raise StoreError("the disk is full")
                self._left -= 1
                self._journal.append(record)

            async def synced(self):
                if self.broken:
                    raise StoreError("the disk is full")

            written = synced

            def __getattr__(self, name):
                return getattr(self._journal, name)

        outcome = place.run(wrap=Breaking)
        assert isinstance(outcome.error, StoreError), kill_at
        assert outcome.left_over == []
        assert outcome.elapsed <= whole.elapsed
        assert set(world_then) == {repr(place.world)}, kill_at
        assert len(outcome.records) == kill_at + 1


@pytest.mark.parametrize("broken", ["inbox", "written", "synced"])
def test_a_store_that_fails_elsewhere_stops_the_run_too(broken):
    class Breaking:
        def __init__(self, journal):
            self._journal = journal

        def __getattr__(self, name):
            return fails if name == broken else getattr(self._journal, name)

    async def fails():
        raise StoreError("the disk is gone")

    outcome = lab("- {id: a, action: test.slow, with: {seconds: 1, value: 1}}").run(wrap=Breaking)
    if broken == "inbox":
        assert outcome.state.status == "completed"
    else:
        assert isinstance(outcome.error, StoreError)
    assert outcome.left_over == []


@pytest.mark.parametrize("in_place", [True, False])
def test_a_value_the_journal_refuses_is_a_failure_of_its_task(in_place):
    class Picky:
        def __init__(self, journal):
            self._journal = journal

        def append(self, record):
            if isinstance(record, TaskCompleted) and record.value == {"v": 13}:
                raise ActionError("13 cannot be kept", error_class="bad_output")
            self._journal.append(record)

        def __getattr__(self, name):
            return getattr(self._journal, name)

    outcome = lab("- {id: a, action: let, with: {v: 13}}\n- {id: b, action: let, with: {v: 1}}").run(
        wrap=Picky, in_place=in_place
    )
    assert outcome.error is None
    assert outcome.state.status == "failed"
    assert outcome.state.failure.error_class == "bad_output"
    assert outcome.statuses()["a"] == "failed"
    assert outcome.left_over == []
