"""The door object."""

import asyncio
from pathlib import Path

import pytest

from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.runs import Doubts
from orchestrator.compiler import build
from orchestrator.core.action import ActionContext, Effect
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import Record, RunCreated, RunEnded
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState
from orchestrator.errors import (
    InputError,
    RunExistsError,
    RunInterruptedError,
    SetupError,
    UnknownRunError,
    UserError,
)
from orchestrator.testing import RecordingAction, SeededRandomness, VirtualClock, collect, run_virtual

GREET = """\
name: greet
inputs: {who: {type: string, default: world}}
steps:
  - {id: hello, action: demo.greet, with: {who: "{{ inputs.who }}"}}
outputs: {said: "{{ steps.hello }}"}
"""


def greeter() -> RecordingAction:
    return RecordingAction("demo.greet", lambda params, _: f"hello {params['who']}", effect=Effect.READ)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "greet.yaml"
    path.write_text(GREET)
    return path


def door(folder: Path, **arguments: object) -> Orchestrator:
    settings: dict[str, object] = {"workspace": folder, "environ": {}} | arguments
    return Orchestrator("memory:", **settings)  # type: ignore[arg-type]


def test_a_file_is_run_with_inputs_by_name_by_mapping_or_both(file: Path) -> None:
    with door(file.parent, tools=[greeter().action]) as orc:
        assert orc.run(file).outputs == {"said": "hello world"}
        assert orc.run(str(file), who="you").outputs == {"said": "hello you"}
        assert orc.run(file, {"who": "a"}, who="b").outputs == {"said": "hello b"}


def test_a_pipeline_is_compiled_once_and_run_often(file: Path) -> None:
    with door(file.parent, tools=[greeter().action]) as orc:
        pipeline = orc.compile(file)
        assert [orc.run(pipeline, who=name).outputs["said"] for name in "ab"] == ["hello a", "hello b"]
        assert [summary.pipeline for summary in orc.runs()] == ["greet", "greet"]


def test_what_is_no_pipeline_is_told_in_a_sentence(tmp_path: Path) -> None:
    with (
        door(tmp_path) as orc,
        pytest.raises(TypeError, match=r"a pipeline is the path of its file, .* not dict"),
    ):
        orc.run({"name": "x"})  # type: ignore[arg-type]


def test_a_workspace_that_is_not_there_is_told_before_anything_runs(file: Path) -> None:
    gone = file.parent / "gone"
    with door(gone, tools=[greeter().action]) as orc:
        with pytest.raises(SetupError, match=f"the workspace {gone} is no folder"):
            orc.run(file)
        assert orc.runs() == []


def test_what_is_built_in_python_runs_too(tmp_path: Path) -> None:
    with door(tmp_path, tools=[greeter().action]) as orc:
        built = build("b").step("hello", "demo.greet", who="builder").output("said", "{{ steps.hello }}")
        assert orc.run(built).outputs == {"said": "hello builder"}


def test_async_code_awaits_the_twins(file: Path) -> None:
    async def scenario() -> None:
        async with door(file.parent, tools=[greeter().action]) as orc:
            results = await asyncio.gather(*(orc.arun(file, {"who": str(n)}) for n in range(5)))
            assert [result.outputs["said"] for result in results] == [f"hello {n}" for n in range(5)]
            run = results[0].run_id
            assert (await orc.aresult(run)).as_data() == results[0].as_data()
            assert len(await orc.aruns(status="completed")) == 5

    asyncio.run(scenario())


def test_in_async_code_the_sync_methods_name_their_twin(file: Path) -> None:
    async def scenario() -> None:
        async with door(file.parent) as orc:
            orc.run(file)

    with pytest.raises(SetupError, match="arun"):
        asyncio.run(scenario())


def test_many_doors_live_side_by_side(file: Path) -> None:
    with (
        door(file.parent, tools=[greeter().action]) as one,
        door(file.parent, tools=[greeter().action]) as two,
    ):
        one.run(file)
        assert len(one.runs()) == 1
        assert two.runs() == []


def test_what_was_recorded_can_be_looked_at(file: Path) -> None:
    with door(file.parent, tools=[greeter().action]) as orc:
        run = orc.run(file).run_id
        assert orc.state("last").run_id == run
        assert orc.state(run[:12]).tasks[TaskPath("hello")].value == "hello world"
        assert type(orc.events(run)[0]) is RunCreated
        assert type(orc.events(run, 3)[0]) is RunEnded
        assert orc.result(run).status == "completed"
        with pytest.raises(UnknownRunError):
            orc.state("0123456789")


def test_inputs_are_checked_before_a_run_exists(file: Path) -> None:
    with door(file.parent, tools=[greeter().action]) as orc:
        with pytest.raises(InputError, match="did you mean `who`"):
            orc.run(file, whoo="x")
        assert orc.runs() == []


def test_one_key_gives_one_run(file: Path) -> None:
    greet = greeter()

    async def scenario() -> None:
        async with door(file.parent, tools=[greet.action]) as orc:
            first = await orc.arun(file, {"who": "a"}, key="k")
            again = await orc.arun(file, {"who": "a"}, key="k")
            assert first.as_data() == again.as_data()
            assert (first.existed, again.existed) == (False, True)

    asyncio.run(scenario())
    assert greet.count == 1


def test_a_key_is_given_to_the_plain_twin_by_position_so_that_an_input_may_be_called_key(
    tmp_path: Path,
) -> None:
    (tmp_path / "keyed.yaml").write_text(
        "name: keyed\ninputs: {key: {type: string}}\nsteps:\n  - {id: a, action: let, with: {k: '{{ inputs.key }}'}}\n"
        "outputs: {k: '{{ steps.a.k }}'}\n"
    )
    with door(tmp_path) as orc:
        first = orc.run(tmp_path / "keyed.yaml", {}, "monday", key="of a piano")
        assert first.outputs == {"k": "of a piano"}
        assert orc.run(tmp_path / "keyed.yaml", {"key": "of a piano"}, "monday").run_id == first.run_id


OTHER_STARTS = {
    "another pipeline": (
        GREET.replace("name: greet", "name: other"),
        {"who": "a"},
        "the pipeline is `other` now",
    ),
    "an edited file": (GREET.replace("said:", "told:"), {"who": "a"}, "the pipeline was changed"),
    "another input": (GREET, {"who": "b"}, "other values for the input who"),
    "a default instead": (GREET, {}, "other values for the input who"),
}


@pytest.mark.parametrize("case", OTHER_STARTS)
def test_a_key_of_a_run_that_began_otherwise_is_refused_and_nothing_runs(file: Path, case: str) -> None:
    text, inputs, told = OTHER_STARTS[case]
    greet = greeter()
    with door(file.parent, tools=[greet.action]) as orc:
        first = orc.run(file, {"who": "a"}, "k")
        file.write_text(text)
        with pytest.raises(RunExistsError) as caught:
            orc.run(file, inputs, "k")
        assert len(orc.runs()) == 1
    assert greet.count == 1
    assert str(caught.value) == (
        f"the key 'k' belongs to run {first.run_id} of `greet`, which was started differently: {told}\n"
        f"  → start it with another key, or see that run with: py-orc show {first.run_id}"
    )


def test_a_key_of_a_run_elsewhere_is_refused(file: Path, tmp_path: Path) -> None:
    store = f"files:{tmp_path / 'runs'}"
    other = tmp_path / "other"
    other.mkdir()
    with Orchestrator(store, workspace=tmp_path, environ={}, tools=[greeter().action]) as orc:
        orc.run(file, {}, "k")
    elsewhere = Orchestrator(store, workspace=other, environ={}, tools=[greeter().action])
    with elsewhere as orc, pytest.raises(RunExistsError, match=f"the workspace was {tmp_path}"):
        orc.run(file, {}, "k")


def test_a_key_of_a_run_whose_inner_file_was_changed_is_refused(tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner.yaml", tmp_path / "outer.yaml"
    inner.write_text("name: inner\nsteps:\n  - {id: a, action: let, with: {n: 1}}\n")
    outer.write_text("name: outer\nsteps:\n  - {id: a, action: pipeline.run, with: {file: inner.yaml}}\n")
    with door(tmp_path) as orc:
        orc.run(outer, {}, "k")
        assert orc.run(outer, {}, "k").existed
        inner.write_text(inner.read_text().replace("n: 1", "n: 2"))
        with pytest.raises(RunExistsError, match="a pipeline that it runs was changed"):
            orc.run(outer, {}, "k")


def test_values_that_python_takes_for_equal_are_other_inputs(tmp_path: Path) -> None:
    path = tmp_path / "any.yaml"
    path.write_text("name: any\ninputs: {v: {type: array}}\nsteps:\n  - {id: a, action: let, with: {v: 1}}\n")
    with door(tmp_path) as orc:
        orc.run(path, {"v": [1]}, "k")
        with pytest.raises(RunExistsError, match="other values for the input v"):
            orc.run(path, {"v": [True]}, "k")


class Counter:
    """A hook that writes down when it is called."""

    def __init__(self, log: list[str], *, broken: bool = False) -> None:
        self.log = log
        self.broken = broken

    def _note(self, text: str) -> None:
        self.log.append(text)
        if self.broken:
            raise RuntimeError(text)

    def before_run(self, pipeline: Pipeline, state: RunState) -> None:
        self._note(f"before {pipeline.name}")

    def before_task(self, task: TaskPath) -> None:
        self._note(f"before {task}")

    def after_task(self, task: TaskPath, status: str) -> None:
        self._note(f"after {task} {status}")

    def after_run(self, state: RunState) -> None:
        self._note(f"after {state.status}")


def test_hooks_are_called_in_a_fixed_order(file: Path) -> None:
    log: list[str] = []
    with door(file.parent, tools=[greeter().action], hooks=[Counter(log)]) as orc:
        orc.run(file)
    assert log == ["before greet", "before hello", "after hello completed", "after completed"]


def test_whoever_observes_and_raises_harms_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_position: int, _record: Record) -> None:
        raise RuntimeError("observer")

    seen, on_event = collect(), collect()

    async def scenario() -> None:
        onlookers = {"hooks": [Counter([], broken=True)], "observers": [broken, seen]}
        async with door(file.parent, tools=[greeter().action], **onlookers) as orc:
            result = await orc.arun(file, on_event=on_event)
            assert result.status == "completed"

    asyncio.run(scenario())
    assert "an observer failed" in caplog.text
    assert "a hook failed" in caplog.text
    assert on_event.kinds == seen.kinds == ["RunCreated", "TaskStarted", "TaskCompleted", "RunEnded"]
    assert on_event.positions == [0, 1, 2, 3]


def test_on_event_hears_one_run_only(file: Path) -> None:
    async def scenario() -> None:
        async with door(file.parent, tools=[greeter().action]) as orc:
            mine, other = collect(), collect()
            first, _ = await asyncio.gather(orc.arun(file, on_event=mine), orc.arun(file, on_event=other))
            assert [record.run_id for record in mine.of(RunCreated)] == [first.run_id]
            assert mine.kinds == other.kinds

    asyncio.run(scenario())


HOLD = """\
name: hold
steps:
  - {id: first, action: demo.first}
  - {id: held, action: demo.hold, needs: [first]}
outputs: {said: "{{ steps.held }}"}
"""


class Holding:
    """Two actions: one that counts, one that holds until it is told to go."""

    def __init__(self, *, effect: Effect = Effect.READ) -> None:
        self.holds = asyncio.Event()
        self.go = asyncio.Event()
        self.first = RecordingAction("demo.first", effect=Effect.IDEMPOTENT)
        self.hold = RecordingAction("demo.hold", self._hold, effect=effect, runs="async")

    async def _wait(self) -> str:
        self.holds.set()
        await self.go.wait()
        return "gone"

    def _hold(self, _params: object, _ctx: ActionContext) -> object:
        return self._wait()

    @property
    def tools(self) -> list[object]:
        return [self.first.action, self.hold.action]


@pytest.fixture
def holding_file(tmp_path: Path) -> Path:
    path = tmp_path / "hold.yaml"
    path.write_text(HOLD)
    return path


def test_an_interrupted_run_is_resumed_without_repeating(holding_file: Path) -> None:
    async def scenario() -> None:
        holding = Holding()
        async with door(holding_file.parent, tools=holding.tools, clock=VirtualClock()) as orc:
            run = asyncio.create_task(orc.arun(holding_file))
            await holding.holds.wait()
            orc.interrupt_now()
            with pytest.raises(RunInterruptedError):
                await run
            assert [summary.status for summary in await orc.aruns()] == ["interrupted"]
            holding.go.set()
            heard = collect()
            result = await orc.aresume("last", on_event=heard)
            assert result.outputs == {"said": "gone"}
            assert heard.kinds[0] == "RunResumed"
            assert heard.positions[0] > 1
        assert holding.first.count == 1

    run_virtual(scenario(), VirtualClock())


def test_a_run_that_is_over_is_not_resumed(file: Path) -> None:
    with door(file.parent, tools=[greeter().action]) as orc:
        orc.run(file)
        with pytest.raises(UserError, match="has ended: completed"):
            orc.resume("last")
        with pytest.raises(UserError, match="has ended: completed"):
            orc.cancel("last")


def test_a_run_is_not_resumed_with_another_action_of_that_name(holding_file: Path) -> None:
    from msgspec.structs import replace

    from orchestrator.state.memory import MemoryStore

    async def scenario() -> None:
        store, holding = MemoryStore(), Holding()
        orc = Orchestrator(store, workspace=holding_file.parent, tools=holding.tools, environ={})
        run = asyncio.create_task(orc.arun(holding_file))
        await holding.holds.wait()
        orc.interrupt_now()
        with pytest.raises(RunInterruptedError):
            await run
        changed = replace(holding.first.action, spec=replace(holding.first.action.spec, digest="other"))
        other = Orchestrator(
            store, workspace=holding_file.parent, tools=[changed, holding.hold.action], environ={}
        )
        with pytest.raises(SetupError, match=r"demo\.first has changed"):
            await other.aresume("last")
        holding.go.set()
        assert (await orc.aresume("last")).status == "completed"
        await orc.aclose()

    asyncio.run(scenario())


def test_a_run_of_this_process_is_cancelled(holding_file: Path) -> None:
    async def scenario() -> None:
        holding = Holding()
        async with door(holding_file.parent, tools=holding.tools) as orc:
            run = asyncio.create_task(orc.arun(holding_file))
            await holding.holds.wait()
            ended = await orc.acancel("last", by="me")
            assert ended.status == "cancelled"
            assert (await run).status == "cancelled"

    asyncio.run(scenario())


def test_an_interrupted_run_is_cancelled_without_doing_more(holding_file: Path) -> None:
    async def scenario() -> None:
        holding = Holding()
        async with door(holding_file.parent, tools=holding.tools) as orc:
            run = asyncio.create_task(orc.arun(holding_file))
            await holding.holds.wait()
            orc.interrupt_now()
            with pytest.raises(RunInterruptedError):
                await run
            ended = await orc.acancel("last", by="me")
            assert ended.status == "cancelled"
            assert (await orc.astate("last")).cancelled_by == "me"
        assert holding.hold.count == 1

    asyncio.run(scenario())


def test_a_person_settles_a_task_in_doubt(holding_file: Path) -> None:
    async def scenario(doubts: Doubts, said: str, calls: int) -> None:
        holding = Holding(effect=Effect.ONCE)
        async with door(holding_file.parent, tools=holding.tools) as orc:
            run = asyncio.create_task(orc.arun(holding_file))
            await holding.holds.wait()
            orc.interrupt_now()
            result = await asyncio.gather(run, return_exceptions=True)
            if isinstance(result[0], RunInterruptedError):
                assert (await orc.aresume("last")).status == "waiting"
            assert (await orc.astate("last")).tasks[TaskPath("held")].status == "in_doubt"
            with pytest.raises(UserError, match=r"first of run .* is not in doubt"):
                await orc.aresume("last", doubts=Doubts(frozenset({"first"})))
            holding.go.set()
            settled = await orc.aresume("last", doubts=doubts)
            assert settled.outputs == {"said": said}
        assert holding.hold.count == calls

    asyncio.run(scenario(Doubts(done={"held": "it did"}), "it did", 1))
    asyncio.run(scenario(Doubts(again=frozenset({"held"})), "gone", 2))


def test_a_followed_run_is_told_to_its_end(holding_file: Path) -> None:
    async def scenario() -> None:
        holding = Holding()
        async with door(holding_file.parent, tools=holding.tools) as orc:
            run = asyncio.create_task(orc.arun(holding_file))
            await holding.holds.wait()
            kinds: list[str] = []
            async for position, record in orc.afollow("last"):
                assert position == len(kinds)
                kinds.append(type(record).__name__)
                holding.go.set()
            assert kinds[0] == "RunCreated"
            assert kinds[-1] == "RunEnded"
            await run

    asyncio.run(scenario())


def test_tools_beside_the_file_are_read_to_compile_and_executed_to_run(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(
        "from pathlib import Path\n"
        "from orchestrator import tool\n"
        f"Path({str(tmp_path / 'executed')!r}).touch()\n"
        "@tool(effect='pure')\n"
        "def shout(text: str) -> str:\n"
        "    'Shout.'\n"
        "    return text.upper()\n"
    )
    (tmp_path / "p.yaml").write_text(
        "name: p\nsteps: [{id: a, action: shout, with: {text: hey}}]\noutputs: {said: '{{ steps.a }}'}\n"
    )
    with door(tmp_path) as orc:
        orc.compile(tmp_path / "p.yaml")
        assert orc.plan(tmp_path / "p.yaml").root.levels[0][0].effect == "pure"
        assert any(tool.name == "shout" for tool in orc.tools())
        assert not (tmp_path / "executed").exists()
        assert orc.run(tmp_path / "p.yaml").outputs == {"said": "HEY"}
        assert (tmp_path / "executed").exists()


def test_the_same_seed_gives_the_same_run(file: Path) -> None:
    def once() -> object:
        async def scenario() -> object:
            clock = VirtualClock()
            async with door(
                file.parent, tools=[greeter().action], clock=clock, randomness=SeededRandomness(7)
            ) as orc:
                return (await orc.arun(file)).as_data()

        return run_virtual(scenario(), VirtualClock())

    assert once() == once()


def test_a_picture_and_a_schema_come_through_the_door(file: Path) -> None:
    with door(file.parent, tools=[greeter().action]) as orc:
        assert orc.draw(file).startswith("<svg")
        assert "flowchart" in orc.draw(file, "mermaid")
        assert '"pipeline": "greet"' in orc.draw(file, "json")
        assert orc.schema()["title"] == "py-orc pipeline"


def test_settings_are_those_of_the_call_before_those_of_the_environment(tmp_path: Path) -> None:
    with door(tmp_path, environ={"ORC_MAX_PARALLEL": "3"}) as orc:
        assert orc.settings.max_parallel == 3
    with door(tmp_path, environ={"ORC_MAX_PARALLEL": "3"}, max_parallel=5) as orc:
        assert orc.settings.max_parallel == 5
        assert orc.workspace == tmp_path
