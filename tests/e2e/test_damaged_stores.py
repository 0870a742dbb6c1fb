"""A run that is damaged: every command names it, none shows a trace, and the runs beside it go on as ever."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from e2e.commands import HELLO
from orchestrator.cli.application import main

LOOKING = (
    "show SICK",
    "show SICK --json",
    "events SICK",
    "explain SICK greeting",
    "resume SICK",
    "cancel SICK",
)


class Database:
    """A project whose runs lie in a database."""

    words = ()

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".py-orc" / "orc.db"

    def replace(self, run: str, position: int, line: bytes) -> None:
        query = "UPDATE records SET record = ? WHERE position = ? AND run = (SELECT number FROM runs WHERE id = ?)"
        with contextlib.closing(sqlite3.connect(self.path)) as database, database:
            database.execute(query, (line, position, run))

    def spoil_entry(self, run: str) -> None:
        with contextlib.closing(sqlite3.connect(self.path)) as database, database:
            database.execute("UPDATE runs SET created_at = 1e300, status = 'x' WHERE id = ?", (run,))


class Folders:
    """A project whose runs lie in folders."""

    words = ("--store", "files:state")

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state" / "runs"

    def replace(self, run: str, position: int, line: bytes) -> None:
        journal = self.path / run / "journal.jsonl"
        lines = journal.read_bytes().split(b"\n")
        lines[position] = line
        journal.write_bytes(b"\n".join(lines))

    def spoil_entry(self, run: str) -> None:
        self.replace(run, 0, b'{"v":1}')


@pytest.fixture(params=[Database, Folders])
def place(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.yaml").write_text(HELLO)
    return request.param(tmp_path)


@pytest.fixture
def call(place, capsys):
    def call(words: str) -> tuple[int, str, str]:
        code = main([*words.split(), *place.words])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    return call


@pytest.fixture
def sick(call):
    return json.loads(call("run p.yaml --json")[1])["run_id"]


@pytest.fixture
def well(sick, call):
    return json.loads(call("run p.yaml --json")[1])["run_id"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"v":1,"kind":"TaskCompleted","at":1e300,"task":"greeting","value":1}',
        b'{"v":1,"kind":"TaskCompleted","at":1.0,"task":7,"value":1}',
        b'{"v":0,"kind":"TaskCompleted","at":1.0,"task":"greeting","value":1}',
        b'{"v":9,"kind":"TaskCompleted","at":1.0,"task":"greeting","value":1}',
        b'{"v":1,"kind":"TaskImproved","at":1.0,"task":"greeting"}',
        b'{"v":1,"kind":"RunCreated","at":1.0}',
        b"\xff\xfe",
    ],
)
def test_every_command_names_the_run_and_the_record(place, call, sick, well, line):
    place.replace(sick, 1, line)
    for words in LOOKING:
        code, _, told = call(words.replace("SICK", sick))
        assert code == 1
        assert f"record 1 of run {sick}" in told
        assert "→" in told
    listed = json.loads(call("runs --json")[1])["runs"]
    assert {run["run_id"] for run in listed} == {sick, well}
    assert call(f"show {well}")[0] == 0


def test_a_damaged_entry_is_listed_and_is_never_the_last(place, call, sick, well):
    place.spoil_entry(sick)
    listed = {run["run_id"]: run["status"] for run in json.loads(call("runs --json")[1])["runs"]}
    assert listed == {sick: "damaged", well: "completed"}
    assert f"py-orc show {sick}" in call("runs")[1]
    assert json.loads(call("show last --json")[1])["run_id"] == well
    assert [run["run_id"] for run in json.loads(call("runs --status damaged --json")[1])["runs"]] == [sick]
