"""Actions that call actions: child tasks of the same journal."""

from orchestrator.core.action import Effect
from orchestrator.core.journal import TaskCompleted, TaskStarted
from orchestrator.errors import ActionError
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab


def parent(act, *, effect=Effect.READ):
    return RecordingAction("demo.parent", act, runs="async", effect=effect)


STEP = "- {id: p, action: demo.parent, retry: {attempts: 3, backoff: 1s}%s}"


def test_a_failing_child_is_recorded_and_its_parent_may_go_on():
    async def act(params, ctx):
        try:
            await ctx.call("test.fail_if", {"fails": True})
        except ActionError as error:
            return error.error_class

    outcome = lab(STEP % "", parent(act)).run()
    assert outcome.state.status == "completed"
    assert outcome.state.tasks["p"].value == "failed"
    assert sorted(outcome.statuses().values()) == ["completed", "failed"]


def test_on_the_parents_retry_finished_children_are_reused_and_failed_ones_tried_again():
    tick = RecordingAction("demo.tick", 1, effect=Effect.READ)
    flaky = RecordingAction(
        "demo.flaky", *[ActionError("no", error_class="transient")] * 2, 7, effect=Effect.ONCE
    )

    async def act(params, ctx):
        return [await ctx.call("demo.tick", {}), await ctx.call("demo.flaky", {})]

    outcome = lab(STEP % "", parent(act), tick, flaky).run()
    assert outcome.state.status == "completed"
    assert outcome.state.tasks["p"].value == [1, 7]
    assert (tick.count, flaky.count) == (1, 3)
    child = next(path for path in outcome.state.tasks if path.startswith("p/demo.flaky"))
    assert outcome.state.tasks[child].crashes == 0


def test_children_that_were_done_are_not_done_again_after_a_kill():
    async def act(params, ctx):
        return [await ctx.call("test.tick", {"key": key}) for key in "aab"]

    for kill_at in range(8):
        place = lab(STEP % "", parent(act))
        broken = place.run(kill_at=kill_at)
        done = {record.task for record in broken.of(TaskCompleted)}
        resumed = place.run(earlier=broken.records)
        assert resumed.state.status == "completed"
        started_again = {r.task for r in resumed.records[len(broken.records) :] if isinstance(r, TaskStarted)}
        assert not done & started_again


def test_a_childs_parameters_are_checked():
    async def act(params, ctx):
        return await ctx.call("test.echo", {"value": 1, "other": 2})

    outcome = lab(STEP % "", parent(act)).run()
    assert outcome.state.failure.error_class == "invalid_request"
    assert "other" in outcome.state.failure.message


def test_an_action_that_does_not_exist_is_an_invalid_request():
    async def act(params, ctx):
        return await ctx.call("nobody.knows", {})

    outcome = lab(STEP % "", parent(act)).run()
    assert outcome.state.failure.error_class == "invalid_request"
    assert "nobody.knows" in outcome.state.failure.message


def test_an_action_of_the_engine_cannot_be_called():
    async def act(params, ctx):
        return await ctx.call("wait", {"for": 1})

    outcome = lab(STEP % "", parent(act)).run()
    assert "can only be a step of its own" in outcome.state.failure.message


def test_actions_that_call_themselves_for_ever_are_stopped():
    async def act(params, ctx):
        return await ctx.call("demo.parent", {})

    outcome = lab("- {id: p, action: demo.parent}", parent(act)).run()
    assert outcome.state.failure.error_class == "invalid_request"
    assert "more than 16 deep" in outcome.state.failure.message


def test_a_child_in_doubt_parks_its_parent_even_when_that_swallows_the_error():
    late = RecordingAction("demo.late", TimeoutError(), effect=Effect.ONCE)

    async def act(params, ctx):
        try:
            return await ctx.call("demo.late", {})
        except Exception:  # noqa: BLE001 — as careless tools do
            if params.get("raises"):
                raise ValueError("something else") from None
            return "never mind"

    for more in ("", ", with: {raises: true}"):
        outcome = lab(STEP % more, parent(act), late).run()
        assert outcome.state.status == "waiting"
        assert outcome.state.tasks["p"].status == "cancelled"
        assert "in_doubt" in outcome.statuses().values()


def test_what_a_parent_does_with_a_childs_value_changes_nobody_elses():
    async def act(params, ctx):
        first = await ctx.call("test.echo", {"value": {"list": [1]}})
        first["list"].append("mine")
        params_of_call = {"value": [1]}
        second = await ctx.call("test.echo", params_of_call)
        params_of_call["value"].append(2)
        second.append(3)
        again = await ctx.call("test.echo", {"value": [1]})
        return [first, second, again]

    outcome = lab(STEP % "", parent(act)).run()
    assert outcome.state.tasks["p"].value == [{"list": [1, "mine"]}, [1, 3], [1]]
    values = [task.value for path, task in outcome.state.tasks.items() if "/" in path]
    assert values == [{"list": [1]}, [1], [1]]


def test_children_run_while_their_parent_holds_the_only_place():
    async def act(params, ctx):
        return await ctx.call("test.slow", {"seconds": 1, "value": 1})

    outcome = lab(STEP % "", parent(act)).run(max_parallel=1)
    assert outcome.state.status == "completed"
    assert outcome.left_over == []
