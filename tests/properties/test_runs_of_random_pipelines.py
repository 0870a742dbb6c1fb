"""Whatever the pipeline: it ends, however it is executed it ends the same, and no disturbance makes it act twice."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.journal import DoubtSettled, Record, TaskCompleted, TaskStarted
from orchestrator.core.run_state import fold
from orchestrator.errors import RunInterruptedError
from orchestrator.testing.virtual_time import START
from scenarios.lab import Control, Lab, Outcome
from scenarios.random_pipelines import documents, random_lab

ENDED = {"completed", "partial", "failed"}


@settings(max_examples=60)
@given(document=documents())
def test_it_ends_the_same_however_it_is_executed(document):
    whole = random_lab(document).run()
    check(whole)
    for way in ({"max_parallel": 1}, {"in_place": False}, {"max_parallel": 1, "in_place": False}):
        other = random_lab(document).run(**way)
        check(other)
        assert_same(other, whole)


@settings(max_examples=60)
@given(document=documents(), data=st.data())
def test_killed_anywhere_it_goes_on_to_the_same_end_and_acts_once(document, data):
    whole = random_lab(document).run()
    place = random_lab(document)
    records = place.run(kill_at=data.draw(at_most(len(whole.records)))).records
    for _ in range(data.draw(st.integers(0, 1))):
        records = go_on(place, records, kill_at=data.draw(at_most(len(whole.records)))).records
    done = {path for path, task in fold(records).tasks.items() if task.status == "completed"}
    resumed = go_on(place, records)
    check(resumed)
    assert_same(resumed, whole)
    again = [
        record
        for record in resumed.records[len(records) :]
        if isinstance(record, TaskStarted | TaskCompleted) and record.task in done
    ]
    assert again == []


@settings(max_examples=40)
@given(document=documents(), moment=st.floats(0, 6), grace=st.sampled_from([0, 1, 100]))
def test_interrupted_at_any_moment_it_can_be_resumed_to_the_same_end(document, moment, grace):
    async def interrupt(control: Control) -> None:
        await control.clock.sleep(moment)
        control.engine.interrupt()

    whole = random_lab(document).run()
    place = random_lab(document)
    stopped = place.run(during=interrupt, grace=grace)
    assert stopped.left_over == []
    if stopped.error is None:
        assert_same(stopped, whole)
        return
    assert isinstance(stopped.error, RunInterruptedError)
    assert fold(stopped.records) == stopped.state
    resumed = go_on(place, stopped.records)
    check(resumed)
    assert_same(resumed, whole)


@settings(max_examples=40)
@given(document=documents(), moment=st.floats(0, 6))
def test_cancelled_at_any_moment_everything_is_taken_back(document, moment):
    async def cancel(control: Control) -> None:
        await control.clock.sleep(moment)
        await control.cancel()

    outcome = random_lab(document).run(during=cancel)
    check(outcome, ended=ENDED | {"cancelled"})


def at_most(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, max(0, count - 2))


def go_on(place: Lab, records: Any, **disturbance: Any) -> Outcome:
    """Take a run up again, again and again as long as a person has to settle doubts: it happened."""
    outcome = place.run(earlier=records, **disturbance)
    while outcome.state.status == "waiting":
        doubts = [path for path, status in outcome.statuses().items() if status == "in_doubt"]
        assert doubts
        now = outcome.records[-1].at
        settled: list[Record] = [DoubtSettled(now, path, again=False, value=None) for path in doubts]
        outcome = place.run(earlier=[*outcome.records, *settled])
    return outcome


def check(outcome: Outcome, ended: set[str] = ENDED) -> None:
    """What holds at the end of any run."""
    state = outcome.state
    assert outcome.error is None
    assert outcome.left_over == []
    assert state.status in ended
    assert fold(outcome.records) == state
    statuses = set(outcome.statuses().values())
    assert not statuses & {"running", "retrying"}
    acted = outcome.world.get("once", [])
    assert len(acted) == len(set(acted)), "a once action acted twice"
    if state.status in ("failed", "cancelled"):
        starts = {record.task: record.action for record in outcome.of(TaskStarted)}
        kept = [
            path
            for path, action in starts.items()
            if action == "test.put" and state.tasks[path].status == "completed"
        ]
        assert kept == [], "something with a way back was not taken back"


def assert_same(one: Outcome, other: Outcome) -> None:
    """Compare what must not depend on how a run was executed."""
    assert outline(one) == outline(other)
    statuses = [outcome.statuses() for outcome in (one, other)]
    if all(calm(outcome) for outcome in (one, other)):
        assert statuses[0] == statuses[1]
        assert world(one) == world(other)
        assert one.state.status == other.state.status


def outline(outcome: Outcome) -> Any:
    """The end and the outputs; beside a failure, what else had run is a matter of time."""
    state = outcome.state
    return state.status == "failed", timeless(state.outputs)


def timeless(value: Any) -> Any:
    """Return a value without the moments at which a `wait` ended."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items()}
    if isinstance(value, list):
        return [timeless(item) for item in value]
    return "a moment" if isinstance(value, float) and value >= START else value


def calm(outcome: Outcome) -> bool:
    """Whether nothing failed for good, so that everything ran that had to."""
    return all(task.status != "failed" or task.tolerated for task in outcome.state.tasks.values())


def world(outcome: Outcome) -> Any:
    return {
        key: sorted(map(repr, timeless(value))) if isinstance(value, list) else timeless(value)
        for key, value in outcome.world.items()
    }
