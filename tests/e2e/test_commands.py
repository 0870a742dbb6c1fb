"""The other commands, on a small project that `init` wrote."""

import json
from pathlib import Path

import pytest

from e2e.commands import HELLO, py_orc


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which one run has completed."""
    folder = tmp_path_factory.mktemp("project")
    written = py_orc(folder, "init")
    assert written.code == 0, written.err
    ended = py_orc(folder, "run", "pipeline.yaml", env={"ORC_MODEL": "builtin"})
    assert ended.code == 0, ended.err
    return folder


def test_init_writes_a_project_that_runs_without_a_key(project: Path) -> None:
    assert "52 words" in (project / "digest.md").read_text()
    assert (
        (project / "pipeline.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=.py-orc/pipeline.schema.json")
    )
    assert json.loads((project / ".py-orc/pipeline.schema.json").read_text())["title"] == "py-orc pipeline"


def test_init_writes_files_that_are_formatted_and_right(project: Path) -> None:
    assert py_orc(project, "fmt", "--check", "pipeline.yaml").code == 0
    checked = py_orc(project, "check", "pipeline.yaml", "--json").document
    assert checked == {
        "ok": True,
        "files": [{"file": "pipeline.yaml", "ok": True, "steps": 6, "problems": []}],
    }


def test_init_overwrites_nothing(project: Path) -> None:
    again = py_orc(project, "init")
    assert again.code == 2
    assert "is there already" in again.err


def test_init_knows_a_minimal_template(tmp_path: Path) -> None:
    assert py_orc(tmp_path, "init", "small", "--template", "minimal", "--json").document["folder"] == "small"
    assert py_orc(tmp_path / "small", "run", "pipeline.yaml", "-q").out == "text: Hello world!\n"
    assert py_orc(tmp_path, "init", "--template", "maximal").code == 2


def test_check_tells_all_problems_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "name: a\nsteps:\n  - {id: x, action: filesystem.raed}\n  - {id: y, acton: let}\n"
    )
    (tmp_path / "b.yaml").write_text(HELLO)
    ended = py_orc(tmp_path, "check", "a.yaml", "b.yaml", "c.yaml")
    assert ended.code == 2
    assert "did you mean `filesystem.read`?" in ended.out
    assert "did you mean `action`?" in ended.out
    assert "✓ b.yaml: 1 step, nothing wrong" in ended.out
    assert "there is no file c.yaml" in ended.out


USERS_TOOLS = """\
from typing import TypedDict
from orchestrator import tool

class Weather(TypedDict):
    celsius: float

@tool(effect="read")
def weather(city: str) -> Weather:
    return {"celsius": 3.0}

@tool
def bad(a): ...
"""


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    ("step", "reads", "told"),
    [
        ("weather, with: {city: Rome}", "a.celsius", ""),
        ("weather, with: {city: Rome}", "a.celsus", "there is no field `celsus`"),
        ("bad, with: {a: 1}", "a", "tools.py:12: bad, parameter `a`: it has no type"),
    ],
)
def test_check_finds_of_the_users_tools_what_run_would(
    tmp_path: Path, command: str, step: str, reads: str, told: str
) -> None:
    (tmp_path / "tools.py").write_text(USERS_TOOLS)
    (tmp_path / "p.yaml").write_text(
        f"name: p\nsteps:\n  - {{id: a, action: {step}}}\noutputs: {{b: '{{{{ steps.{reads} }}}}'}}\n"
    )
    ended = py_orc(tmp_path, command, "p.yaml")
    assert ended.code == (2 if told else 0), ended.err
    assert told in ended.out + ended.err


def test_plan_shows_order_effects_and_what_is_touched(project: Path) -> None:
    told = py_orc(project, "plan", "pipeline.yaml").out
    assert "↻ each path in steps.files.paths" in told
    assert "(together)" in told
    assert "filesystem.write  repeatable · can be undone" in told
    levels = py_orc(project, "plan", "pipeline.yaml", "--json").document["levels"]
    assert isinstance(levels, list)
    assert [[step["id"] for step in level] for level in levels] == [["files"], ["digest"], ["report"]]


def test_plan_needs_no_inputs_and_uses_those_it_gets(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "name: p\n"
        "inputs:\n"
        "  folder: {type: string}\n"
        "  pattern: {type: string, default: a.md}\n"
        "  token: {type: secret}\n"
        "steps:\n"
        '  - {id: a, action: filesystem.list, with: {path: "{{ inputs.folder }}/x"}}\n'
        '  - {id: b, action: filesystem.read, with: {path: "{{ inputs.pattern }}"}}\n'
        '  - {id: c, action: filesystem.read, with: {path: "{{ steps.a.paths[0] }}"}}\n'
    )
    bare = py_orc(tmp_path, "plan", "p.yaml")
    assert bare.code == 0
    assert bare.out.count("read …") == 2
    assert "read a.md" in bare.out
    assert "read docs/x" in py_orc(tmp_path, "plan", "p.yaml", "-i", "folder=docs").out
    wrong = py_orc(tmp_path, "plan", "p.yaml", "-i", "foldr=docs")
    assert wrong.code == 2
    assert "did you mean `folder`?" in wrong.err
    assert "missing" not in wrong.err
    secret = py_orc(tmp_path, "plan", "p.yaml", "-i", "token=hush")
    assert secret.code == 0
    assert "hush" not in secret.out


def test_graph_draws_by_the_name_of_the_output(project: Path, tmp_path: Path) -> None:
    assert py_orc(project, "graph", "pipeline.yaml").out.startswith("---\ntitle: ")
    assert py_orc(project, "graph", "pipeline.yaml", "--json").document["pipeline"] == "notes-digest"
    target = tmp_path / "p.svg"
    assert py_orc(project, "graph", "pipeline.yaml", "-o", str(target)).code == 0
    refused = py_orc(project, "graph", "pipeline.yaml", "-o", str(tmp_path / "picture.png"))
    assert refused.code == 2
    assert "cannot tell the format" in refused.err
    assert target.read_text().startswith("<svg")


def test_fmt_shows_or_writes_what_changes(tmp_path: Path) -> None:
    ugly = "name:   u\nsteps:\n- {id: a, action: let}\n"
    (tmp_path / "u.yaml").write_text(ugly)
    diff = py_orc(tmp_path, "fmt", "--diff", "u.yaml")
    assert "-name:   u" in diff.out
    assert "+name: u" in diff.out
    assert py_orc(tmp_path, "fmt", "--check", "u.yaml").code == 1
    assert (tmp_path / "u.yaml").read_text() == ugly
    assert py_orc(tmp_path, "fmt", "u.yaml", "--json").document == {"changed": ["u.yaml"], "written": True}
    assert py_orc(tmp_path, "fmt", "--check", "u.yaml").code == 0


def test_schema_knows_the_tools_of_the_project(project: Path, tmp_path: Path) -> None:
    assert "count_words" in py_orc(project, "schema").out
    target = tmp_path / "deep" / "s.json"
    assert py_orc(project, "schema", "-o", str(target)).code == 0
    json.loads(target.read_text())


def test_runs_are_listed(project: Path, tmp_path: Path) -> None:
    (run,) = py_orc(project, "runs", "--json").document["runs"]  # type: ignore[misc]
    assert run["status"] == "completed"
    listed = py_orc(project, "runs", "--status", "completed", env={"TZ": "CET-1"}).out
    assert listed.startswith(run["run_id"][-8:] + "  ")
    assert " CET " in listed
    shown = py_orc(project, "show", run["run_id"][-8:], env={"TZ": "CET-1"}).out
    assert listed.split("  ")[2].strip() in shown
    assert py_orc(project, "runs", "--status", "failed", "--json").document == {"runs": []}
    assert "no runs yet" in py_orc(tmp_path, "runs").out


def test_show_tells_the_tree_and_the_values(project: Path) -> None:
    told = py_orc(project, "show", "last").out
    assert "✓ notes-digest completed" in told
    assert told.index("digest[0].words") < told.index("digest[1].text")
    document = py_orc(project, "show", "last", "--json").document
    assert document["steps"]["digest[0].words"]["value"] == 52  # type: ignore[index]
    assert document["inputs"] == {"folder": "notes", "report": "digest.md"}
    assert document["outputs"] == {"report": "digest.md", "notes": 2}


def test_show_tells_one_task(project: Path) -> None:
    assert py_orc(project, "show", "last", "digest[0].words").out.endswith("\n52\n")
    assert py_orc(project, "show", "last", "digest[0].words", "--json").document["value"] == 52
    loop = py_orc(project, "show", "last", "digest").out
    assert "value, made of 6 inner tasks:\n[\n  {\n" in loop
    assert '"words": 52' in loop
    document = py_orc(project, "show", "last", "digest", "--json").document
    assert [item["words"] for item in document["value"]] == [52, 50]  # type: ignore[attr-defined, index]
    assert "it ran as" in py_orc(project, "show", "last", "words").err


def test_show_tells_a_failure(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "name: f\nsteps: [{id: bad, action: fail, with: {message: out of luck}}]\n"
    )
    run = py_orc(tmp_path, "run", "f.yaml", "--json").document["run_id"]
    assert "error: out of luck" in py_orc(tmp_path, "show", str(run)).out
    assert "failed: out of luck" in py_orc(tmp_path, "show", str(run)[:20], "bad").out


def test_events_are_lines_from_a_position_on(project: Path) -> None:
    events = [json.loads(line) for line in py_orc(project, "events", "last", "--json").out.splitlines()]
    assert [event["position"] for event in events] == list(range(len(events)))
    assert (events[0]["event"], events[-1]["event"]) == ("run_created", "run_ended")
    late = py_orc(project, "events", "last", "--from", str(len(events) - 1), "--follow", "--json").out
    assert [json.loads(line)["event"] for line in late.splitlines()] == ["run_ended"]
    assert "completed  report" in py_orc(project, "events", "last").out


def test_explain_tells_where_a_value_came_from(project: Path) -> None:
    told = py_orc(project, "explain", "last", "digest[0].summary", "prompt").out
    assert "steps.text.content  from result of digest[0].text" in told
    assert "value, made of 6 inner tasks:" in py_orc(project, "explain", "last", "digest").out
    assert "made of 6 inner tasks" in py_orc(project, "explain", "last", "report", "content").out
    fields = py_orc(project, "explain", "last", "files", "--json").document["fields"]
    assert isinstance(fields, dict)
    assert fields["path"]["origins"][0]["value"] == "notes"


def test_tools_are_listed_and_described(project: Path) -> None:
    listed = py_orc(project, "tools").out
    assert "count_words" in listed
    assert "generate" in listed
    described = py_orc(project, "tools", "filesystem.read").out
    assert "path: string, required" in described
    (tool,) = py_orc(project, "tools", "count_words", "--json").document["tools"]  # type: ignore[misc]
    assert tool["actions"][0]["effect"] == "pure"
    assert "filesystem.write" in py_orc(project, "tools", "filesystem").out


def test_doctor_finds_nothing_wrong_here(project: Path) -> None:
    ended = py_orc(
        project,
        "doctor",
        "--json",
        env={"ORC_MODEL": "builtin", "ORC_FEATURES": "cache=off", "OPENAI_API_KEY": "sk-hidden"},
    )
    assert ended.code == 0, ended.out
    assert "sk-hidden" not in ended.out
    document = ended.document
    settings = {setting["name"]: setting["origin"] for setting in document["settings"]}  # type: ignore[attr-defined]
    assert settings["model"] != "default"
    assert set(document["features"]) == {"breakers", "cache", "inline"}  # type: ignore[call-overload]
    told = py_orc(project, "doctor", env={"ORC_MODEL": "builtin"}).out
    assert "✓ model" in told
    assert "builtin (configured)" in told


def test_doctor_exits_with_1_on_a_real_problem(tmp_path: Path) -> None:
    (tmp_path / "py-orc.toml").write_text("max_paralel = 3\n")
    ended = py_orc(tmp_path, "doctor")
    assert ended.code == 1
    assert "max_parallel" in ended.out


def test_doctor_sees_a_damaged_store_and_loose_secrets(tmp_path: Path) -> None:
    (tmp_path / ".py-orc").mkdir()
    (tmp_path / ".py-orc" / "orc.db").write_bytes(b"this is no database at all, just text " * 50)
    (tmp_path / ".env").write_text("TOKEN=1\n")
    (tmp_path / ".env").chmod(0o644)
    ended = py_orc(tmp_path, "doctor", env={"ORC_MODEL": "builtin"})
    assert ended.code == 1
    assert "✗ store" in ended.out
    assert "chmod 600" in ended.out


def completed(folder: Path, line: str, **env: str) -> list[str]:
    """Return what bash would be offered at the end of a line."""
    number = str(len(line.split()) - (not line.endswith(" ")))
    asked = {"_PY_ORC_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": number}
    ended = py_orc(folder, env={**asked, **env})
    assert ended.err == ""
    return ended.out.split()


def test_runs_tasks_and_inputs_are_completed(project: Path) -> None:
    (run,) = py_orc(project, "runs", "--json").document["runs"]  # type: ignore[misc]
    run_id = run["run_id"]
    assert completed(project, "py-orc show ") == ["last", run_id[-8:]]
    assert completed(project, f"py-orc show {run_id[-8:][:3]}") == [run_id[-8:]]
    assert completed(project, f"py-orc resume {run_id[:5]}") == [run_id]
    assert completed(project, "py-orc show last digest[0].w") == ["digest[0].words"]
    assert completed(project, "py-orc explain last rep") == ["report"]
    assert completed(project, "py-orc run pipeline.yaml -i ") == ["folder=", "report="]
    assert completed(project, "py-orc run pipeline.yaml -i re") == ["report="]
    assert completed(project, "py-orc run pipeline.yaml -i report=x") == []


@pytest.mark.parametrize(
    "line", ["py-orc show ", "py-orc show nothing st", "py-orc run gone.yaml -i ", "py-orc run bad.yaml -i "]
)
def test_completion_never_complains(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.yaml").write_text("name: [")
    assert completed(tmp_path, line) == []
    assert completed(tmp_path, line, ORC_MAX_PARALLEL="many") == []
    assert not (tmp_path / ".py-orc").exists()


def test_completion_can_be_shown(tmp_path: Path) -> None:
    ended = py_orc(
        tmp_path, env={"_PY_ORC_COMPLETE": "complete_bash", "COMP_WORDS": "py-orc exp", "COMP_CWORD": "1"}
    )
    assert ended.out.split() == ["explain"]


def test_values_are_printed_as_the_language_writes_them(tmp_path: Path) -> None:
    (tmp_path / "v.yaml").write_text(
        "name: v\n"
        "inputs:\n"
        "  flag: {type: boolean, default: true}\n"
        "  none: {type: string, default: null}\n"
        '  text: {type: string, default: "true"}\n'
        "steps:\n"
        '  - {id: a, action: let, with: {v: true, n: null, t: "52"}}\n'
        "  - id: w\n"
        '    switch: "{{ inputs.flag }}"\n'
        "    cases:\n"
        "      true: [{id: q, action: let, with: {z: 1}}]\n"
    )
    plan = py_orc(tmp_path, "plan", "v.yaml").out
    assert "input flag: boolean, default true\n" in plan
    assert "input none: string, default null\n" in plan
    assert 'input text: string, default "true"\n' in plan
    assert "case true\n" in plan
    assert '["true"]' in py_orc(tmp_path, "graph", "v.yaml").out
    assert py_orc(tmp_path, "run", "v.yaml", "-q").code == 0
    shown = py_orc(tmp_path, "show", "last").out
    assert 'input flag: true\n  input none: null\n  input text: "true"\n' in shown
    explained = py_orc(tmp_path, "explain", "last", "a").out
    assert "  v: true\n" in explained
    assert "  n: null\n" in explained
    assert "None" not in py_orc(tmp_path, "explain", "last", "w").out
    assert "default false" in py_orc(tmp_path, "tools", "filesystem.list").out
