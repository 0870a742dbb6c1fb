"""What a look at this machine finds."""

import asyncio
from pathlib import Path

import pytest

from orchestrator.app import examination
from orchestrator.app.examination import Examination, Finding, examine
from orchestrator.models.discovery import FoundServer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ORC_MODEL", "ORC_STORE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def look(monkeypatch: pytest.MonkeyPatch, server: object = None) -> Examination:
    async def find_server(**_: object) -> object:
        if isinstance(server, Exception):
            raise server
        return server

    monkeypatch.setattr("orchestrator.models.discovery.find_server", find_server)
    return asyncio.run(examine())


def about(found: Examination, what: str) -> Finding:
    return next(finding for finding in found.findings if finding.what == what)


def test_a_fresh_folder_is_fine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = look(monkeypatch)
    assert found.ok
    assert "made by the first run" in about(found, "store").told
    assert "built-in extractive model" in about(found, "model").told
    assert not (folder / ".py-orc").exists()


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (
            FoundServer("ollama", "http://127.0.0.1:11434/v1", ("qwen",)),
            "ollama:qwen at http://127.0.0.1:11434/v1",
        ),
        (OSError("no sockets"), "looking for a server failed: no sockets"),
    ],
)
def test_a_server_on_this_machine_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, server: object, told: str
) -> None:
    assert told in about(look(monkeypatch, server), "model").told


def test_a_key_stands_for_its_model_unless_offline(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    assert "its key is set" in about(look(monkeypatch), "model").told
    monkeypatch.setenv("ORC_OFFLINE", "true")
    assert "built-in" in about(look(monkeypatch), "model").told


def test_runs_that_wait_to_be_resumed_are_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from orchestrator.app.orchestrator import Orchestrator

    (folder / "p.yaml").write_text("name: p\nsteps: [{id: a, action: let}]\n")
    with Orchestrator(environ={}) as orc:
        orc.run("p.yaml")
    store = about(look(monkeypatch), "store")
    assert "1 runs" in store.told
    assert store.hint == ""


def test_a_folder_that_is_not_there_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORC_WORKSPACE", str(folder / "gone"))
    found = look(monkeypatch)
    assert not found.ok
    assert "is no folder" in about(found, "workspace").told


def test_folders_that_cannot_be_written_to_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination.os, "access", lambda *_: False)
    found = look(monkeypatch)
    assert about(found, "store").verdict == "problem"
    assert about(found, "workspace").verdict == "note"


def test_extras_that_are_missing_name_how_to_get_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    extra = about(look(monkeypatch), "data")
    assert (extra.verdict, extra.hint) == ("note", "pip install 'py-orc[data]'")


@pytest.mark.parametrize(
    ("installed", "key", "verdict", "told", "hint"),
    [
        (True, "sk-x", "ok", "extra installed, key set", ""),
        (True, "", "note", "extra installed, no key", "set OPENAI_API_KEY."),
        (False, "sk-x", "note", "extra not installed, key set", "pip install 'py-orc[openai]'."),
        (
            False,
            "",
            "note",
            "extra not installed, no key",
            "pip install 'py-orc[openai]', and set OPENAI_API_KEY.",
        ),
    ],
)
def test_a_vendor_is_one_line_with_what_it_lacks(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    installed: bool,
    key: str,
    verdict: str,
    told: str,
    hint: str,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object() if installed else None)
    assert about(look(monkeypatch), "openai") == Finding("openai", verdict, told, hint)  # type: ignore[arg-type]


def test_another_server_that_speaks_the_protocol_needs_no_key(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    assert about(look(monkeypatch), "openai").told == "extra installed, server http://127.0.0.1:9/v1"


@pytest.mark.parametrize("setting", ["OPENAI_API_KEY", "ORC_MODEL"])
def test_a_model_that_cannot_be_asked_is_a_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(setting, "openai-chat:small")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    found = look(monkeypatch)
    model = about(found, "model")
    assert model.verdict == "problem"
    assert "py-orc[openai]" in model.hint
    assert not found.ok


def test_a_server_whose_extra_is_missing_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    server = FoundServer("ollama", "http://127.0.0.1:11434/v1", ("qwen",))
    assert about(look(monkeypatch, server), "model").verdict == "problem"


def test_a_configured_model_without_its_key_is_a_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORC_MODEL", "openai:small")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    assert "OPENAI_API_KEY is not set" in about(look(monkeypatch), "model").told


def test_an_old_python_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "_OLDEST", (9, 0))
    assert about(look(monkeypatch), "python").verdict == "problem"


def test_settings_that_cannot_be_read_are_the_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORC_MAX_PARALLEL", "many")
    found = look(monkeypatch)
    assert not found.ok
    assert "max_parallel" in about(found, "settings").told.lower()
    assert found.as_data()["ok"] is False
