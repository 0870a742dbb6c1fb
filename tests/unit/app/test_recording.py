"""Cassettes: what is recorded, what a replay gives, and what a miss says."""

import asyncio
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.app.orchestrator import Orchestrator
from orchestrator.compiler import build
from orchestrator.core.action import Action, ActionContext, ActionSpec, Effect, Params
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError, SetupError, UserError
from orchestrator.testing import RecordingAction, ScriptedModel


class Sockets:
    """Counts connections that this process opens, while it listens."""

    def __init__(self) -> None:
        self.listening = False
        self.opened: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.listening and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            self.opened.append(f"{event} {arguments}")


SOCKETS = Sockets()


@pytest.fixture
def no_sockets() -> Iterator[None]:
    SOCKETS.opened.clear()
    SOCKETS.listening = True
    yield
    SOCKETS.listening = False
    assert SOCKETS.opened == []


def stamped() -> Action:
    """An action that is pure but for the time and chance of its context."""

    def function(parameters: Params, ctx: ActionContext) -> object:
        return {
            "now": ctx.clock.now(),
            "chance": ctx.randomness.random(),
            "token": ctx.randomness.bytes(4).hex(),
        }

    spec = ActionSpec(
        name="own.stamp",
        description="Stamp.",
        parameters={"type": "object"},
        effect=Effect.PURE,
        runs="inline",
    )
    return Action(spec=spec, function=function)


def daily(recipient: str = "me"):
    return (
        build("daily")
        .step("text", "generate", {"model": "scripted:script"}, prompt="How was it?")
        .step("stamp", "own.stamp")
        .step("pause", "wait", **{"for": "10ms"})
        .step("mail", "mail.send", to=recipient, body="{{ steps.text }} {{ steps.stamp.token }}")
        .output("mail", "{{ steps.mail }}")
        .output("stamp", "{{ steps.stamp }}")
        .output("pause", "{{ steps.pause }}")
        .output("run", "{{ run.id }} {{ run.started_at }}")
    )


def mail(*answers: object) -> RecordingAction:
    return RecordingAction(
        "mail.send", *(answers or ({"id": 7, "cost": Decimal("0.10")},)), effect=Effect.ONCE
    )


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    folder = tmp_path / "cassette"
    model = ScriptedModel("A fine day.", usage=Usage(requests=1, input_tokens=5, cost=Decimal("0.02")))
    with Orchestrator(
        "memory:", tools=[mail().action, stamped()], models=[model], record=folder, environ={}
    ) as orchestrator:
        orchestrator.run(daily())
    return folder


def replay(folder: Path, pipeline: object = None, *tools: object):
    with Orchestrator(tools=tools or [mail().action, stamped()], replay=folder, environ={}) as orchestrator:
        return orchestrator.run(pipeline or daily())  # pyright: ignore[reportArgumentType]


def test_a_hundred_replays_give_the_same_bytes_without_a_socket(cassette: Path, no_sockets: None):
    send = mail()
    first = replay(cassette, None, send.action, stamped())
    assert first.status == "completed"
    assert first.outputs["mail"] == {"id": 7, "cost": Decimal("0.10")}
    assert send.count == 0
    told = json.dumps(first.as_data(), sort_keys=True)
    for _ in range(99):
        assert json.dumps(replay(cassette).as_data(), sort_keys=True) == told


def test_a_replay_reads_the_recorded_time_and_chance_and_has_the_recorded_id(tmp_path: Path):
    folder = tmp_path / "cassette"
    model = ScriptedModel("A fine day.")
    with Orchestrator(
        "memory:", tools=[mail().action, stamped()], models=[model], record=folder, environ={}
    ) as orchestrator:
        recorded = orchestrator.run(daily())
    replayed = replay(folder)
    assert replayed.run_id == recorded.run_id
    assert replayed.outputs["run"] == recorded.outputs["run"]
    assert replayed.outputs["stamp"] == recorded.outputs["stamp"]


def test_a_replay_knows_what_the_models_cost(cassette: Path):
    assert replay(cassette).cost == Decimal("0.02")


def test_a_replay_inside_a_running_loop_gives_the_same(cassette: Path):
    async def main():
        async with Orchestrator(
            tools=[mail().action, stamped()], replay=cassette, environ={}
        ) as orchestrator:
            return await orchestrator.arun(daily())

    assert asyncio.run(main()).as_data() == replay(cassette).as_data()


def test_long_waits_pass_at_once_in_a_replay(tmp_path: Path):
    slow = build("slow").step("pause", "wait", **{"for": "2h"}).output("at", "{{ steps.pause }}")
    quick = build("slow").step("pause", "wait", **{"for": "1ms"}).output("at", "{{ steps.pause }}")
    with Orchestrator("memory:", record=tmp_path / "c", environ={}) as orchestrator:
        began = orchestrator.run(quick).created_at
    assert began is not None
    assert replay(tmp_path / "c", slow).outputs["at"] == pytest.approx(began + 7200, abs=1)


def test_equal_requests_get_their_answers_in_order(tmp_path: Path):
    draw = RecordingAction("dice.roll", 3, 5, 2, effect=Effect.READ)
    rolls = build("dice")
    for name, before in (("a", []), ("b", ["a"]), ("c", ["b"])):
        rolls = rolls.step(name, "dice.roll", {"needs": before})
    rolls = rolls.output("all", "{{ [steps.a, steps.b, steps.c] }}")
    with Orchestrator("memory:", tools=[draw.action], record=tmp_path / "c", environ={}) as orchestrator:
        orchestrator.run(rolls)
    files = sorted(path.name for path in (tmp_path / "c").iterdir())
    assert len(files) == 2
    again = RecordingAction("dice.roll", 6, effect=Effect.READ)
    assert replay(tmp_path / "c", rolls, again.action).outputs["all"] == [3, 5, 2]
    assert again.count == 0
    more = rolls.step("d", "dice.roll", {"needs": ["c"]})
    result = replay(tmp_path / "c", more, again.action)
    assert result.error is not None
    assert "holds this call of dice.roll 3 times, and it is made once more" in result.error.message


def test_a_recorded_failure_fails_again_in_the_same_way(tmp_path: Path):
    busy = ActionError("busy", error_class="transient", retry_after=1, details={"code": 503})
    fetch = RecordingAction("web.fetch", busy, "page", effect=Effect.READ)
    lost = RecordingAction("web.find", FileNotFoundError("no page"), effect=Effect.READ)
    pipeline = (
        build("patient")
        .step("page", "web.fetch", {"retry": {"attempts": 2, "backoff": "1ms"}})
        .step("lost", "web.find", {"on_error": {"match": "not_found", "value": "nothing"}})
        .output("page", "{{ steps.page }} {{ steps.lost }}")
    )
    busy.retry_after = 0.001
    tools = [fetch.action, lost.action]
    with Orchestrator("memory:", tools=tools, record=tmp_path / "c", environ={}) as orchestrator:
        orchestrator.run(pipeline)
    result = replay(tmp_path / "c", pipeline, *tools)
    assert result.outputs["page"] == "page nothing"
    assert result.steps["page"].attempts == 2  # pyright: ignore[reportArgumentType]
    assert (fetch.count, lost.count) == (2, 1)


def test_a_miss_fails_loudly_with_the_nearest_recording_and_a_word_diff(cassette: Path):
    send = mail()
    result = replay(cassette, daily("you"), send.action, stamped())
    assert result.status == "failed"
    assert result.error is not None
    assert result.error.error_class == "invalid_request"
    assert "the recording holds no such call of mail.send" in result.error.message
    assert "the nearest recorded one is action-mail-send-" in result.error.message
    assert "[-me-]{+you+}" in result.error.message
    assert send.count == 0


def test_a_miss_of_a_kind_that_was_never_recorded_says_so(tmp_path: Path):
    with Orchestrator("memory:", record=tmp_path / "c", environ={}) as orchestrator:
        orchestrator.run(build("empty").step("a", "let", x=1))
    result = replay(tmp_path / "c")
    assert result.error is not None
    assert "and none like it" in result.error.message


def test_a_cassette_is_readable_and_its_names_are_stable(cassette: Path, tmp_path: Path):
    names = sorted(path.name for path in cassette.iterdir())
    kinds = [name.split("-")[0] for name in names]
    assert kinds == ["action", "cassette.json", "chance", "chance", "choice", "clock", "model"]
    header = json.loads((cassette / "cassette.json").read_text())
    assert header["cassette"] == 1
    model = json.loads(next(cassette.glob("model-*.json")).read_text())
    assert model["request"] == {"model": "scripted:script", "prompt": "How was it?"}
    assert model["answers"][0]["text"] == "A fine day."


def test_recording_into_a_cassette_replaces_it(cassette: Path):
    with Orchestrator("memory:", record=cassette, environ={}) as orchestrator:
        orchestrator.run(build("empty").step("a", "let", x=1))
    assert [path.name for path in cassette.iterdir()] == ["cassette.json"]


def test_secrets_and_keys_of_the_environment_stay_out_of_a_cassette(tmp_path: Path):
    environ = {
        "SERVICE_API_KEY": "env-key-123456",
        "DATABASE": "db://joe:hunter22@host/x",
        "LANGUAGE": "a-long-language",
    }
    told = RecordingAction(
        "mail.send",
        {"said": "pw-in-input-99 env-key-123456 db://joe:hunter22@host/x a-long-language"},
        effect=Effect.ONCE,
    )
    pipeline = (
        build("quiet")
        .input("password", type="secret")
        .step("mail", "mail.send", password="{{ inputs.password }}")
        .output("id", "{{ steps.mail }}")
    )
    folder = tmp_path / "c"
    with Orchestrator("memory:", tools=[told.action], record=folder, environ=environ) as orchestrator:
        orchestrator.run(pipeline, {"password": "pw-in-input-99"})
    text = "".join(path.read_text() for path in folder.iterdir())
    assert [word for word in ("pw-in-input", "env-key", "hunter22") if word in text] == []
    assert "a-long-language" in text
    with Orchestrator(tools=[told.action], replay=folder, environ={}) as orchestrator:
        result = orchestrator.run(pipeline, {"password": "another-password"})
    assert result.status == "completed", result.error


def test_a_cassette_plays_in_another_workspace(tmp_path: Path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    where = RecordingAction(
        "own.where", lambda p, ctx: {"path": f"{ctx.workspace}/x", **p}, effect=Effect.READ
    )
    pipeline = (
        build("where")
        .step("a", "own.where")
        .step("b", "own.where", at="{{ steps.a.path }}")
        .output("p", "{{ steps.b.at }}")
    )
    with Orchestrator(
        "memory:", workspace=tmp_path / "one", tools=[where.action], record=tmp_path / "c"
    ) as orchestrator:
        orchestrator.run(pipeline)
    with Orchestrator(
        workspace=tmp_path / "two", tools=[where.action], replay=tmp_path / "c"
    ) as orchestrator:
        assert orchestrator.run(pipeline).outputs["p"] == f"{tmp_path}/two/x"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "is no cassette: it has no cassette.json"),
        ({"cassette.json": "{"}, "cannot be understood"),
        ({"cassette.json": "[]"}, "it holds no mapping"),
        ({"cassette.json": '{"cassette": 99}'}, "has the format 99; this py-orc reads 1"),
        ({"cassette.json": '{"cassette": 1, "runs": [{"clock": "x"}]}'}, "cannot be understood"),
        ({"cassette.json": '{"cassette": 1}', "a.json": "{}"}, "it needs `kind`, `request` and `answers`"),
        ({"cassette.json": '{"cassette": 1}', "a.json": "\udcff"}, "cannot be understood"),
    ],
)
def test_what_is_no_cassette_is_refused(files: dict[str, str], told: str, tmp_path: Path):
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SetupError, match=told):
        Orchestrator(replay=tmp_path, environ={})


def test_a_folder_with_other_things_is_never_recorded_into(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SetupError, match=r"holds thesis\.txt and no cassette\.json"):
        Orchestrator("memory:", record=tmp_path, environ={})
    assert (tmp_path / "thesis.txt").exists()


def test_a_run_is_not_recorded_and_replayed_at_once(tmp_path: Path):
    with pytest.raises(UserError, match="either recorded or replayed"):
        Orchestrator("memory:", record=tmp_path / "a", replay=tmp_path / "b", environ={})


def test_a_forged_answer_is_refused_and_never_executed(cassette: Path):
    file = next(cassette.glob("action-*.json"))
    data = json.loads(file.read_text())
    data["answers"] = [{"value": {"$python": "os.system('x')"}}]
    file.write_text(json.dumps(data))
    result = replay(cassette)
    assert result.error is not None
    assert "cannot be understood" in result.error.message


def test_what_was_undone_is_undone_again_without_touching_a_file(tmp_path: Path):
    (tmp_path / "w").mkdir()
    (tmp_path / "v").mkdir()
    (tmp_path / "w" / "a.txt").write_text("before")
    pipeline = (
        build("back")
        .step("write", "filesystem.write", {"undo": True}, path="a.txt", content="after")
        .step("stop", "fail", {"needs": "write"}, message="no")
    )
    with Orchestrator("memory:", workspace=tmp_path / "w", record=tmp_path / "c", environ={}) as orchestrator:
        recorded = orchestrator.run(pipeline)
    assert (tmp_path / "w" / "a.txt").read_text() == "before"
    kinds = {path.name.split("-")[0] for path in (tmp_path / "c").iterdir()}
    assert kinds == {"cassette.json", "action", "prepare", "revert"}
    with Orchestrator(workspace=tmp_path / "v", replay=tmp_path / "c", environ={}) as orchestrator:
        replayed = orchestrator.run(pipeline)
    status = {path: step.status for path, step in recorded.steps.items()}
    assert {path: step.status for path, step in replayed.steps.items()} == status
    assert list((tmp_path / "v").iterdir()) == []


def test_async_actions_are_recorded_with_their_failures_and_time_outs(tmp_path: Path):
    async def answer(_parameters: Params, _ctx: ActionContext) -> object:
        return "late"

    async def refuse(_parameters: Params, _ctx: ActionContext) -> object:
        raise PermissionError("not yours")

    async def hang(_parameters: Params, _ctx: ActionContext) -> object:
        await asyncio.Event().wait()

    actions = [
        RecordingAction(f"own.{name}", function, effect=Effect.READ, runs="async").action
        for name, function in (("answer", answer), ("refuse", refuse), ("hang", hang))
    ]
    pipeline = (
        build("later")
        .step("answer", "own.answer")
        .step("refuse", "own.refuse", {"on_error": {"match": "permission", "value": "refused"}})
        .step("hang", "own.hang", {"timeout": "20ms", "on_error": {"match": "timeout", "value": "hung"}})
        .output("all", "{{ [steps.answer, steps.refuse, steps.hang] }}")
    )
    with Orchestrator("memory:", tools=actions, record=tmp_path / "c", environ={}) as orchestrator:
        assert orchestrator.run(pipeline).outputs["all"] == ["late", "refused", "hung"]
    assert replay(tmp_path / "c", pipeline, *actions).outputs["all"] == ["late", "refused", "hung"]
