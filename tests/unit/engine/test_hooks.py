"""Those who watch: each task begins once and ends once, in a fixed order, and nobody who watches can harm a run."""

import logging

import pytest

from scenarios.lab import Control, lab


class Diary:
    """A hook that writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def before_run(self, pipeline, state):
        self.lines.append(f"run {pipeline.name}")

    def before_task(self, task):
        self.lines.append(f"+{task}")

    def after_task(self, task, status):
        self.lines.append(f"-{task} {status}")

    def after_run(self, state):
        self.lines.append(f"end {state.status}")


class Grumpy(Diary):
    """A hook that raises at everything."""

    def before_run(self, pipeline, state):
        raise RuntimeError("no")

    before_task = after_task = after_run = before_run


EVERYTHING = """
- {id: a, action: let, with: {v: 1}}
- {id: b, needs: a, if: "{{ false }}", action: let, with: {v: 1}}
- {id: c, needs: b, action: fail, with: {message: no}, on_error: {value: 1}}
- {id: d, needs: c, action: fail, with: {message: no}, on_error: continue}
- {id: e, needs: d, for_each: [1], action: test.parent, with: {values: [1]}}
- {id: f, needs: e, switch: 1, cases: {1: [{id: one, action: let, with: {v: 1}}], 2: [{id: two, action: let, with: {v: 1}}]}}
- {id: g, needs: f, action: test.fail_first, with: {times: 1, value: 1}, retry: {attempts: 2}}
"""


@pytest.mark.parametrize("in_place", [True, False])
def test_every_task_begins_once_and_ends_once_with_its_status(in_place):
    diary = Diary()
    outcome = lab(EVERYTHING).run(hooks=[diary], in_place=in_place)
    assert diary.lines == [
        "run lab",
        "+a", "-a completed",
        "+b", "-b skipped",
        "+c", "-c recovered",
        "+d", "-d failed",
        "+e", "+e[0]", "+e[0]/test.echo:c2220cb3", "-e[0]/test.echo:c2220cb3 completed", "-e[0] completed", "-e completed",
        "+f", "+f.two", "-f.two skipped", "+f.one", "-f.one completed", "-f completed",
        "+g", "-g completed",
        "end partial",
    ]  # fmt: skip
    assert outcome.state.status == "partial"


def test_what_is_cancelled_has_an_end_too():
    async def cancel(control: Control) -> None:
        await control.clock.sleep(5)
        await control.cancel()

    diary = Diary()
    lab("- {id: g, steps: [{id: a, action: test.slow, with: {seconds: 50, value: 1}}]}").run(
        hooks=[diary], during=cancel
    )
    assert diary.lines == ["run lab", "+g", "+g.a", "-g.a cancelled", "-g cancelled", "end cancelled"]


def test_a_resumed_run_tells_only_of_what_it_does_itself():
    place, diary = (
        lab("- {id: a, action: let, with: {v: 1}}\n- {id: b, needs: a, action: test.tick, with: {key: k}}"),
        Diary(),
    )
    broken = place.run(kill_at=1)
    place.run(earlier=broken.records, hooks=[diary])
    assert diary.lines == ["run lab", "+b", "-b completed", "end completed"]


def test_a_hook_that_raises_is_logged_and_harms_neither_the_run_nor_other_hooks(caplog):
    diary = Diary()
    with caplog.at_level(logging.ERROR):
        outcome = lab("- {id: a, action: let, with: {v: 1}}").run(hooks=[Grumpy(), diary])
    assert outcome.state.status == "completed"
    assert diary.lines == ["run lab", "+a", "-a completed", "end completed"]
    assert "a hook failed" in caplog.text


def test_a_hook_gets_a_picture_of_the_run_that_it_cannot_change():
    pictures = []

    class Curious(Diary):
        def after_run(self, run):
            pictures.append(run)

    outcome = lab("steps:\n- {id: a, action: let, with: {v: 1}}\noutputs: {v: '{{ steps.a.v }}'}").run(
        hooks=[Curious()]
    )
    (picture,) = pictures
    assert (picture.status, picture.outputs, picture.tasks) == ("completed", {"v": 1}, {"a": "completed"})
    with pytest.raises(TypeError):
        picture.tasks["a"] = "failed"
    with pytest.raises(TypeError):
        picture.outputs["v"] = 2
    with pytest.raises(AttributeError):
        picture.status = "failed"
    assert outcome.state.outputs == {"v": 1}
