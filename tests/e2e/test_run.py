"""`py-orc run` from outside: outputs, documents, exit codes, and runs that are stopped and go on."""

import os
import signal
from pathlib import Path

import pytest

from e2e.commands import HELLO, TOOLS, py_orc, read_until, start
from orchestrator import Orchestrator

FAILING = """\
name: failing
steps:
  - {id: bad, action: fail, with: {message: out of luck}}
"""

HOLDING = """\
name: holding
steps:
  - {id: first, action: note, with: {line: first}}
  - {id: held, action: hold, needs: [first]}
  - {id: last, action: note, needs: [held], with: {line: "last after {{ steps.held }}"}}
outputs:
  said: "{{ steps.last }}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello.yaml").write_text(HELLO)
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "holding.yaml").write_text(HOLDING)
    (tmp_path / "failing.yaml").write_text(FAILING)
    return tmp_path


def log(folder: Path) -> list[str]:
    return (folder / "log.txt").read_text().splitlines()


def test_outputs_go_to_stdout_and_progress_to_stderr(folder: Path) -> None:
    ended = py_orc(folder, "run", "hello.yaml", "-i", "who=you")
    assert ended.code == 0
    assert ended.out == "text: Hello you!\n"
    assert "completed  greeting" in ended.err
    assert "hello completed" in ended.err
    assert "\x1b" not in ended.err


def test_what_tools_print_is_no_result(folder: Path) -> None:
    (folder / "tools.py").write_text(
        "from orchestrator import tool\n\nprint('loading')\n\n"
        "@tool(effect='pure')\ndef here(n: int) -> int:\n    print('in a thread')\n    return n\n\n"
        "@tool(effect='pure', cpu=True)\ndef there(n: int) -> int:\n    print('in a process')\n    return n\n"
    )
    (folder / "prints.yaml").write_text(
        "name: prints\nsteps:\n  - {id: a, action: here, with: {n: 1}}\n  - {id: b, action: there, with: {n: 2}}\n"
        "outputs: {sum: '{{ steps.a + steps.b }}'}\n"
    )
    ended = py_orc(folder, "run", "prints.yaml", "--json")
    assert ended.document["outputs"] == {"sum": 3}
    for printed in ("loading", "in a thread", "in a process"):
        assert printed in ended.err


def test_quiet_shows_no_progress(folder: Path) -> None:
    assert py_orc(folder, "run", "hello.yaml", "-q").err == ""


def test_a_used_key_gives_the_run_that_has_it_or_an_error_when_another_was_meant(folder: Path) -> None:
    first = py_orc(folder, "run", "hello.yaml", "--key", "k", "--json").document
    again = py_orc(folder, "run", "hello.yaml", "--key", "k")
    assert again.code == 0
    assert again.out == "text: Hello world!\n"
    assert f"note: run {first['run_id']} exists already under this key\n" in again.err
    other = py_orc(folder, "run", "failing.yaml", "--key", "k")
    assert other.code == 2
    assert (
        f"run {first['run_id']} of `hello`, which was started differently: the pipeline is `failing` now"
        in other.err
    )


def test_an_inputs_file_that_is_not_there_is_told_with_those_that_are(folder: Path) -> None:
    (folder / "some.json").write_text("{}")
    assert "did you mean `some.json`?" in py_orc(folder, "run", "hello.yaml", "--inputs", "sme.json").err
    told = py_orc(folder, "run", "hello.yaml", "--inputs", "zzz").err
    assert "files here are: " in told
    assert "some.json" in told


def stable(document: dict[str, object]) -> dict[str, object]:
    """Return a result document without what differs from run to run."""
    steps = document["steps"]
    assert isinstance(steps, dict)
    times = {path: step | {"started_at": "t", "duration": 0} for path, step in steps.items()}
    of_run = {"run_id": "r", "created_at": "t", "ended_at": "t", "duration": 0}
    return {**document, **of_run, "steps": times}


@pytest.mark.parametrize("name", ["hello.yaml", "failing.yaml"])
def test_command_and_python_give_the_same_document(folder: Path, name: str) -> None:
    by_command = py_orc(folder, "run", name, "--json").document
    with Orchestrator("memory:", workspace=folder, environ={}) as orchestrator:
        by_python = orchestrator.run(folder / name).as_data()
    assert list(by_command) == list(by_python)
    assert stable(by_command) == stable(by_python)


def test_a_failed_run_exits_with_1_and_says_where_to_look(folder: Path) -> None:
    ended = py_orc(folder, "run", "failing.yaml")
    assert ended.code == 1
    assert "bad: out of luck" in ended.err
    assert "py-orc show" in ended.err
    assert "Traceback" not in ended.err


def test_a_tolerated_failure_makes_a_run_partial(folder: Path) -> None:
    (folder / "p.yaml").write_text(
        FAILING.replace("{message: out of luck}}", "{message: x}, on_error: continue}")
    )
    ended = py_orc(folder, "run", "p.yaml", "--json")
    assert (ended.code, ended.document["status"]) == (1, "partial")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "helo.yaml"], "did you mean `hello.yaml`?"),
        (["run", "hello.yaml", "-i", "whom=x"], "did you mean `who`?"),
        (["run", "hello.yaml", "-i", "who"], "write -i who=VALUE"),
        (["run", "hello.yaml", "--store", "sqlit:x"], "did you mean `sqlite:`?"),
        (["run", "hello.yaml", "--key"], "Option '--key' requires an argument"),
        (["run", "hello.yaml", "--frozne"], "No such option"),
        (["run", "."], "is a folder"),
        (["rum", "hello.yaml"], "No such command 'rum'"),
        (["show", "0123456789"], "no run '0123456789'"),
        (["resume", "last"], "no run 'last'"),
        (["tools", "filesystem.raed"], "did you mean `filesystem.read`?"),
        (["runs", "--status", "compleeted"], "did you mean `completed`?"),
        (["explain", "last", "x"], "no run 'last'"),
    ],
)
def test_a_wrong_call_exits_with_2_and_says_what_would_be_right(
    folder: Path, words: list[str], told: str
) -> None:
    ended = py_orc(folder, *words)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_a_wrong_file_is_told_with_line_and_hint_and_as_json(folder: Path) -> None:
    (folder / "wrong.yaml").write_text("name: w\nsteps:\n  - id: a\n    acton: let\n")
    ended = py_orc(folder, "run", "wrong.yaml", "--json")
    assert ended.code == 2
    assert "wrong.yaml:4:5" in ended.err
    error = ended.document["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "CompileError"
    assert 4 in [problem["line"] for problem in error["problems"]]


def test_inputs_come_from_a_file_and_single_ones_go_before(folder: Path) -> None:
    (folder / "in.yaml").write_text("who: file\n")
    assert py_orc(folder, "run", "hello.yaml", "--inputs", "in.yaml", "-q").out == "text: Hello file!\n"
    assert (
        py_orc(folder, "run", "hello.yaml", "--inputs", "in.yaml", "-i", "who=me", "-q").out
        == "text: Hello me!\n"
    )
    assert (
        py_orc(folder, "run", "hello.yaml", "--inputs", "-", "-q", stdin='{"who": "pipe"}').out
        == "text: Hello pipe!\n"
    )


def test_a_secret_comes_from_the_environment_and_stays_out_of_everything(folder: Path) -> None:
    (folder / "s.yaml").write_text(
        "name: s\ninputs:\n  api_token: {type: secret}\n"
        'steps:\n  - {id: use, action: note, with: {line: "Bearer {{ inputs.api_token }}"}}\n'
        'outputs: {said: "{{ steps.use }}"}\n'
    )
    ended = py_orc(
        folder,
        "run",
        "s.yaml",
        "--json",
        env={"API_TOKEN": "hunter2", "ORC_LOG_FORMAT": "json", "ORC_LOG_LEVEL": "debug"},
    )
    assert log(folder) == ["Bearer hunter2"]
    assert ended.document["outputs"] == {"said": "Bearer •••"}
    assert "hunter2" not in ended.out + ended.err + py_orc(folder, "events", "last", "--json").out
    missing = py_orc(folder, "run", "s.yaml")
    assert missing.code == 2
    assert "API_TOKEN" in missing.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_goes_on_without_repeating_what_is_done(
    folder: Path, number: signal.Signals
) -> None:
    process = start(folder, "run", "holding.yaml")
    read_until(process, "started    held")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "py-orc resume" in err
    assert "interrupted" in py_orc(folder, "runs").out
    (folder / "go.txt").touch()
    resumed = py_orc(folder, "resume", "last", "--json")
    assert resumed.code == 0
    assert log(folder).count("first") == 1
    assert log(folder)[-1] == "last after gone"
    assert resumed.document["outputs"] == {"said": "last after gone"}


def test_a_second_signal_stops_at_once(folder: Path) -> None:
    process = start(folder, "run", "holding.yaml")
    read_until(process, "started    held")
    process.send_signal(signal.SIGINT)
    read_until(process, "Ctrl-C again")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert [run["status"] for run in py_orc(folder, "runs", "--json").document["runs"]] == ["interrupted"]  # type: ignore[attr-defined]


def test_a_killed_run_goes_on_too(folder: Path) -> None:
    process = start(folder, "run", "holding.yaml")
    read_until(process, "started    held")
    process.kill()
    process.communicate(timeout=60)
    (folder / "go.txt").touch()
    assert py_orc(folder, "resume", "last", "-q").out == "said: last after gone\n"
    assert log(folder).count("first") == 1


def test_a_run_is_cancelled_from_another_process(folder: Path) -> None:
    process = start(folder, "run", "holding.yaml")
    read_until(process, "started    held")
    busy = py_orc(folder, "resume", "last")
    assert busy.code == 2
    assert "is held by" in busy.err
    cancelled = py_orc(folder, "cancel", "last", "--json")
    process.communicate(timeout=60)
    assert (cancelled.code, cancelled.document["status"]) == (0, "cancelled")
    assert process.returncode == 1


def test_an_interrupted_run_can_be_cancelled(folder: Path) -> None:
    process = start(folder, "run", "holding.yaml")
    read_until(process, "started    held")
    process.kill()
    process.communicate(timeout=60)
    assert py_orc(folder, "cancel", "last", "--json").document["status"] == "cancelled"
    assert log(folder).count("holding") <= 1
    again = py_orc(folder, "resume", "last")
    assert again.code == 2
    assert "has ended: cancelled" in again.err


def test_a_run_does_not_go_on_with_other_code(folder: Path) -> None:
    process = start(folder, "run", "holding.yaml")
    read_until(process, "started    held")
    process.kill()
    process.communicate(timeout=60)
    (folder / "tools.py").write_text(TOOLS + "\nraise SystemExit('it was executed')\n")
    ended = py_orc(folder, "resume", "last")
    assert ended.code == 2
    assert "tools.py has changed" in ended.err


def test_a_changed_pipeline_file_does_not_touch_a_run_that_began(folder: Path) -> None:
    process = start(folder, "run", "holding.yaml")
    read_until(process, "started    held")
    process.kill()
    process.communicate(timeout=60)
    (folder / "holding.yaml").write_text("nothing of this: [is a pipeline")
    (folder / "go.txt").touch()
    assert py_orc(folder, "resume", "last", "-q").out == "said: last after gone\n"


def test_tools_from_outside_the_workspace_need_a_yes(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder / "once.yaml").write_text("name: o\nsteps: [{id: a, action: note, with: {line: x}}]\n")
    refused = py_orc(elsewhere, "run", str(folder / "once.yaml"))
    assert refused.code == 2
    assert "--trust-tools" in refused.err
    assert py_orc(elsewhere, "run", str(folder / "once.yaml"), "--trust-tools").code == 0


def test_a_bug_of_a_plug_in_is_owned_up_to_before_its_trace(folder: Path) -> None:
    package = folder / "site" / "sick_plugin-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: sick-plugin\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[orchestrator.tools]\nsick = sick_plugin:ACTIONS\n")
    (folder / "site" / "sick_plugin.py").write_text(
        "from orchestrator import Action, ActionSpec\n"
        "def touches(parameters): raise RuntimeError('sick')\n"
        "spec = ActionSpec(name='sick.act', description='x', parameters={'type': 'object'})\n"
        "ACTIONS = [Action(spec=spec, function=lambda p, c: 1, touches=touches)]\n"
    )
    (folder / "sick.yaml").write_text("name: s\nsteps: [{id: a, action: sick.act}]\n")
    ended = py_orc(
        folder,
        "plan",
        "sick.yaml",
        env={"PYTHONPATH": os.pathsep.join([str(folder / "site"), os.environ.get("PYTHONPATH", "")])},
    )
    assert ended.code == 1
    sentence, _, trace = ended.err.partition("Traceback")
    assert "a bug of its own, or of a plug-in" in sentence
    assert "py-orc doctor" in sentence
    assert "sick_plugin.py" in trace


def test_a_step_that_breaks_in_an_unforeseen_way_fails_without_a_trace(folder: Path) -> None:
    (folder / "b.yaml").write_text("name: b\nsteps: [{id: a, action: explode}]\n")
    ended = py_orc(folder, "run", "b.yaml")
    assert ended.code == 1
    assert "kaboom" in ended.err
    assert "Traceback" not in ended.err


def test_a_reader_that_leaves_early_is_no_error(folder: Path) -> None:
    py_orc(folder, "run", "hello.yaml")
    process = start(folder, "events", "last", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    assert "Traceback" not in err


def test_logs_are_json_lines_with_run_and_task_ids(folder: Path) -> None:
    import json

    ended = py_orc(
        folder, "run", "hello.yaml", "-q", "--json", env={"ORC_LOG_FORMAT": "json", "ORC_LOG_LEVEL": "info"}
    )
    lines = [json.loads(line) for line in ended.err.splitlines()]
    assert {line["run_id"] for line in lines} == {ended.document["run_id"]}
    assert [(line["event"], line.get("task")) for line in lines] == [
        ("run_created", None),
        ("task_completed", "greeting"),
        ("run_ended", None),
    ]


DOUBTFUL = """\
name: doubtful
steps:
  - {id: held, action: hold, effect: once}
outputs:
  said: "{{ steps.held }}"
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--done", 'held={"sent": true}'], '{"sent": true}'),
        (["--done", "held=by hand"], "by hand"),
        (["--again", "held"], "gone"),
    ],
)
def test_a_person_says_what_became_of_a_task_in_doubt(folder: Path, words: list[str], said: object) -> None:
    (folder / "doubtful.yaml").write_text(DOUBTFUL)
    process = start(folder, "run", "doubtful.yaml")
    while not (folder / "log.txt").exists():  # the record is safe before the action acts, not when it is told
        assert process.poll() is None
    process.kill()
    process.communicate(timeout=60)
    unsaid = py_orc(folder, "resume", "last", "--done", "held")
    assert unsaid.code == 2
    assert "held needs its result: expected text, not null" in unsaid.err
    waiting = py_orc(folder, "resume", "last")
    assert waiting.code == 3
    assert "--done 'held=VALUE'" in waiting.err
    wrong = py_orc(folder, "resume", "last", "--again", "hold")
    assert wrong.code == 2
    assert "in doubt: held" in wrong.err
    (folder / "go.txt").touch()
    assert py_orc(folder, "resume", "last", *words, "--json").document["outputs"] == {"said": said}


def test_a_decision_is_taken_straight_after_the_crash_and_a_cancelled_doubt_stays_open(folder: Path) -> None:
    (folder / "doubtful.yaml").write_text(DOUBTFUL)
    for words, told in (
        (["resume", "last", "--done", "held=so"], "said: so"),
        (["cancel", "last"], "stays open"),
    ):
        (folder / "log.txt").unlink(missing_ok=True)
        process = start(folder, "run", "doubtful.yaml")
        while not (folder / "log.txt").exists():
            assert process.poll() is None
        process.kill()
        process.communicate(timeout=60)
        ended = py_orc(folder, *words)
        assert told in ended.out + ended.err
        assert "--done" not in ended.err


def test_a_tool_that_fails_names_the_line_of_the_users_file(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "x.yaml").write_text("name: x\nsteps: [{id: boom, action: explode}]\n")
    ended = py_orc(tmp_path, "run", "x.yaml")
    line = TOOLS.split("\n").index('    raise RuntimeError("kaboom")') + 1
    assert f"RuntimeError: kaboom — at tools.py:{line}" in ended.err
    shown = py_orc(tmp_path, "show", "last", "boom").out
    assert f'tools.py", line {line}, in explode' in shown
    assert "orchestrator/tools/call.py" not in shown


def test_a_file_of_another_project_is_told_where_its_run_is_kept(tmp_path: Path) -> None:
    for name in ("mine/sub", "theirs"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("mine/sub/p.yaml", "theirs/p.yaml"):
        (tmp_path / name).write_text(HELLO)
    mine = tmp_path / "mine"
    assert "kept in" not in py_orc(mine, "run", "sub/p.yaml").err
    told = py_orc(mine, "run", "../theirs/p.yaml").err
    assert f"note: kept in sqlite:{mine}/.py-orc/orc.db" in told
    assert f"run it in {tmp_path / 'theirs'}" in told
    assert "kept in" not in py_orc(mine, "run", "../theirs/p.yaml", "-q").err
    assert len(py_orc(mine, "runs").out.splitlines()) == 3
