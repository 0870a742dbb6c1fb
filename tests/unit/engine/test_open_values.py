"""Values that a file leaves open: asked once, typed, journalled, and never asked again."""

import pytest

from orchestrator.core.action import Action, ActionOutcome, ActionSpec, Effect
from orchestrator.errors import ActionError
from scenarios.lab import lab


class Oracle:
    """Stands in for the model: answers by place, and writes down what it was asked."""

    def __init__(self, **answers):
        self.answers = {name.replace("__", "."): value for name, value in answers.items()}
        self.asked = []
        self.action = Action(
            spec=ActionSpec(
                name="auto.answer",
                description="",
                parameters={"type": "object"},
                effect=Effect.READ,
                runs="async",
                labels=frozenset({"model"}),
            ),
            function=self.answer,
        )

    async def answer(self, params, ctx):
        self.asked.append((params["at"], str(params["question"]).strip()))
        answer = self.answers[params["at"]]
        if isinstance(answer, Exception):
            raise answer
        return ActionOutcome(value=answer, model="test:oracle")


def outcome(steps, oracle, **kept):
    return lab(steps, oracle.action).run(**kept)


STEPS = """
- {id: a, action: let, with: {n: '<AUTO type="integer">how many?</AUTO>', t: 'from <AUTO>x</AUTO> to <AUTO>y</AUTO>'}}
- {id: b, if: '<AUTO>more than {{ steps.a.n }}?</AUTO>', action: let, with: {v: 1}}
- {id: c, for_each: '<AUTO items="string">names</AUTO>', action: let, with: {v: '<AUTO>what is {{ item }}?</AUTO>'}}
- {id: d, switch: '<AUTO enum="p,q">which?</AUTO>', cases: {p: [{id: e, action: let, with: {v: 1}}], q: [{id: f, action: let, with: {v: 2}}]}}
"""


def oracle():
    return Oracle(
        a__with__n=3,
        **{
            "a.with.t": "u",
            "a.with.t~2": "w",
            "b.if": False,
            "c.for_each": ["k", "l"],
            "c.with.v": "!",
            "d.switch": "q",
        },
    )


def test_every_place_gets_its_answer_with_its_type():
    seer = oracle()
    result = outcome(STEPS, seer)
    tasks = result.state.tasks
    assert result.state.status == "completed"
    assert tasks["a"].value == {"n": 3, "t": "from u to w"}
    assert tasks["b"].status == "skipped"
    assert [tasks[f"c[{i}]"].value for i in (0, 1)] == [{"v": "!"}, {"v": "!"}]
    assert tasks["d.f"].value == {"v": 2}
    assert tasks["a/with.n"].model == "test:oracle"
    assert "model" in tasks["a"].labels
    assert "model" in tasks["c[0]"].labels
    assert ("b.if", "more than 3?") in seer.asked
    assert [asked for at, asked in seer.asked if at == "c.with.v"] == ["what is k?", "what is l?"]


def test_what_is_skipped_is_not_asked_about():
    seer = oracle()
    outcome("- {id: a, if: '{{ false }}', action: let, with: {n: <AUTO>x</AUTO>}}", seer)
    assert seer.asked == []


def test_after_a_kill_nothing_is_asked_again():
    whole = oracle()
    full = outcome(STEPS, whole)
    for kill_at in range(1, len(full.records)):
        seer = oracle()
        place = lab(STEPS, seer.action)
        broken = place.run(kill_at=kill_at)
        answered = sum(
            "/" in str(getattr(record, "task", "")) and type(record).__name__ == "TaskCompleted"
            for record in broken.records
        )
        before = len(seer.asked)
        resumed = place.run(earlier=broken.records)
        assert resumed.state.status == "completed"
        assert len(seer.asked) - before == len(whole.asked) - answered
        assert {path: task.value for path, task in resumed.state.tasks.items()} == {
            path: task.value for path, task in full.state.tasks.items()
        }


def test_no_answer_fails_the_step_which_may_recover():
    no = ActionError("no idea", error_class="bad_output")
    steps = "- {id: a, action: let, with: {n: <AUTO>x</AUTO>}%s}"
    failed = outcome(steps % "", Oracle(**{"a.with.n": no}))
    assert failed.state.status == "failed"
    assert failed.state.tasks["a"].failure.message == "no idea"
    recovered = outcome(steps % ", on_error: {value: 7}", Oracle(**{"a.with.n": no}))
    assert (recovered.state.status, recovered.state.tasks["a"].value) == ("completed", 7)


@pytest.mark.parametrize("kind", ["while", "until"])
def test_a_loop_asks_in_each_round(kind):
    class Thrice(Oracle):
        async def answer(self, params, ctx):
            self.asked.append(params["question"])
            return (len(self.asked) >= 3) == (kind == "until")

    seer = Thrice()
    condition = "<AUTO>enough after {{ loop.iteration }}?</AUTO>"
    result = outcome(
        f"- {{id: a, {kind}: '{condition}', max_iterations: 5, action: let, with: {{v: 1}}}}", seer
    )
    assert result.state.status == "completed"
    assert len(seer.asked) == 3
