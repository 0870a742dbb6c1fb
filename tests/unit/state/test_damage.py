"""Stores that were damaged or forged: the run is named, the others stay usable, nothing else is ever raised."""

import asyncio
import contextlib
import json
import sqlite3

import pytest

from orchestrator.core.cache import CachedResult
from orchestrator.core.ids import RunId
from orchestrator.core.journal import RunEnded
from orchestrator.core.store import Message
from orchestrator.errors import StoreError
from orchestrator.state.files import FileStore
from orchestrator.state.sqlite import SqliteStore
from orchestrator.testing.samples import done, sample_run

SICK = sample_run().run_id
WELL = RunId(SICK[:-1] + "f")


class Sqlite:
    """A store in a database."""

    def __init__(self, folder):
        self.path = folder / "orc.db"

    def open(self):
        return SqliteStore(self.path)

    def execute(self, query, *parameters):
        with contextlib.closing(sqlite3.connect(self.path)) as database, database:
            database.execute(query, parameters)

    def put_record(self, position, line):
        self.execute(
            "UPDATE records SET record = ? WHERE position = ? AND run ="
            " (SELECT number FROM runs WHERE id = ?)",
            line,
            position,
            SICK,
        )

    def put_message(self, content):
        self.execute("UPDATE inbox SET data = ?", content)

    def put_result(self, content):
        self.execute("UPDATE cache SET result = ?", content)


class Files:
    """A store in folders."""

    def __init__(self, folder):
        self.path = folder / "state"

    def open(self):
        return FileStore(self.path)

    def put_record(self, position, line):
        journal = self.path / "runs" / SICK / "journal.jsonl"
        lines = journal.read_bytes().split(b"\n")
        lines[position] = line
        journal.write_bytes(b"\n".join(lines))

    def put_message(self, content):
        (self.path / "runs" / SICK / "inbox" / "1.json").write_bytes(content)

    def put_result(self, content):
        (file,) = (self.path / "cache").iterdir()
        file.write_bytes(content)


def filled(place):
    async def fill(store):
        for run_id in (SICK, WELL):
            journal = await store.create(sample_run()._replace(run_id=run_id, key=""))
            journal.append(done(1))
            journal.append(RunEnded(3.0, "completed", {}))
            await journal.close()
        await store.post(SICK, Message("m", "cancel", {}))
        await store.cache.put("k", CachedResult(1, "", frozenset()), expires=None)

    ask(place, fill)
    return place


@pytest.fixture(params=[Sqlite, Files])
def place(request, tmp_path):
    return filled(request.param(tmp_path))


@pytest.fixture
def database(tmp_path):
    return filled(Sqlite(tmp_path))


@pytest.fixture
def folders(tmp_path):
    return filled(Files(tmp_path))


def ask(place, scenario):
    async def main():
        store = place.open()
        try:
            return await scenario(store)
        finally:
            await store.close()

    return asyncio.run(main())


def listed(place):
    return {summary.run_id: summary for summary in ask(place, lambda store: store.runs())}


def refused(place, scenario):
    with pytest.raises(StoreError) as raised:
        ask(place, scenario)
    assert raised.value.hint
    assert str(place.path) in raised.value.message
    return raised.value.message


TASK = {"v": 1, "kind": "TaskSkipped", "at": 1.0, "task": "a", "reason": ""}
CREATED = {
    "v": 1,
    "kind": "RunCreated",
    "at": 1.0,
    "run_id": str(WELL),
    "pipeline": "p",
    "document": {},
    "documents": {},
    "inputs": {},
    "workspace": "",
    "actions": {},
}


@pytest.mark.parametrize(
    ("position", "fields", "named"),
    [
        (1, TASK | {"v": 0}, "version 0"),
        (1, TASK | {"v": 2}, "newer py-orc"),
        (1, TASK | {"kind": "TaskVanished"}, "damaged"),
        (1, TASK | {"at": 1e300}, "damaged"),
        (1, TASK | {"task": 1}, "damaged"),
        (1, CREATED, "a RunCreated never stands there"),
        (0, TASK, "a TaskSkipped never stands there"),
        (0, CREATED, f"it is of run '{WELL}'"),
    ],
)
def test_a_damaged_record_is_named_and_the_other_run_is_read(place, position, fields, named):
    place.put_record(position, json.dumps(fields, separators=(",", ":")).encode())
    message = refused(place, lambda store: store.read(SICK))
    assert message.startswith(f"record {position} of run {SICK} ")
    assert named in message
    assert len(ask(place, lambda store: store.read(WELL))) == 3
    assert {SICK, WELL} == set(listed(place))


@pytest.mark.parametrize("content", [b"[", b"{}", b'{"value":3}', b'{"value":["a",1,[]]}'])
def test_a_damaged_message_is_told(place, content):
    place.put_message(content)

    async def look(store):
        journal = await store.open(SICK)
        await journal.inbox()

    with pytest.raises(StoreError, match="damaged"):
        ask(place, look)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"value":3}', b'{"value":["x",1,"m",{"$frozenset":[]}]}'])
def test_a_damaged_result_is_as_good_as_none(place, content):
    place.put_result(content)
    assert ask(place, lambda store: store.cache.get("k", now=1.0)) is None


# Rows


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("pipeline", b"\xff"),
        ("status", "splendid"),
        ("status", b"x"),
        ("created_at", "yesterday"),
        ("created_at", 1e300),
        ("ended_at", float("inf")),
        ("ended_at", "x"),
        ("workspace", b"x"),
        ("key", b"x"),
    ],
)
def test_a_damaged_row_is_listed_as_damaged(database, column, value):
    database.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", value, SICK)  # noqa: S608
    found = listed(database)
    assert found[SICK].status == "damaged"
    assert found[WELL].status == "completed"
    damaged = ask(database, lambda store: store.runs(status="damaged"))
    assert [summary.run_id for summary in damaged] == [SICK]


@pytest.mark.parametrize(
    "change", ["pid = 'x'", "pid = -1", "pid = 1, started = NULL", "pid = 1, host = x'00'"]
)
def test_a_damaged_holder_is_told(database, change):
    database.execute(f"UPDATE runs SET status = 'running', {change} WHERE id = ?", SICK)  # noqa: S608
    assert listed(database)[SICK].status == "damaged"
    assert f"the entry of run {SICK} is damaged" in refused(database, lambda store: store.open(SICK))


def test_a_damaged_fence_is_told(database):
    database.execute("UPDATE runs SET fence = 'x' WHERE id = ?", SICK)
    assert f"the entry of run {SICK} is damaged" in refused(database, lambda store: store.open(SICK))


def test_texts_that_are_no_utf8_spoil_one_run_at_most(database):
    database.execute("UPDATE runs SET pipeline = CAST(x'ff66' AS TEXT) WHERE id = ?", SICK)
    assert set(listed(database)) == {SICK, WELL}


@pytest.mark.parametrize("line", ["text", None, 7, 1.5])
def test_a_record_of_another_type_is_damaged(database, line):
    database.execute("CREATE TABLE other (run, position, record)")
    database.execute("INSERT INTO other SELECT * FROM records")
    database.execute("DROP TABLE records")
    database.execute("ALTER TABLE other RENAME TO records")
    database.put_record(1, line)
    assert "is damaged" in refused(database, lambda store: store.read(SICK))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE records SET position = -1 WHERE position = 0", "record 0 of run"),
        ("UPDATE records SET position = 9 WHERE position = 1", "record 1 of run"),
        ("DELETE FROM records", "record 0 of run"),
        ("UPDATE records SET record = substr(record, 1, 20) WHERE position = 2", "record 2 of run"),
    ],
)
def test_records_that_are_missing_or_cut_are_told(database, change, named):
    database.execute(change)
    assert named in refused(database, lambda store: store.read(SICK))


@pytest.mark.parametrize(
    "changes",
    [
        ["UPDATE schema_version SET version = 'x'"],
        ["UPDATE schema_version SET version = -1"],
        ["UPDATE schema_version SET version = 1.5"],
        ["DELETE FROM schema_version"],
        ["DROP TABLE schema_version"],
        ["DROP TABLE schema_version", "CREATE TABLE schema_version (other)"],
        ["DROP TABLE runs"],
        ["ALTER TABLE runs RENAME COLUMN status TO state"],
    ],
)
def test_a_damaged_schema_is_told(database, changes):
    for change in changes:
        database.execute(change)
    refused(database, lambda store: store.runs())


def test_the_database_of_another_program_is_left_alone(tmp_path):
    place = Sqlite(tmp_path)
    place.execute("CREATE TABLE songs (title TEXT)")
    assert "another program" in refused(place, lambda store: store.create(sample_run()))
    with contextlib.closing(sqlite3.connect(place.path)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


@pytest.mark.parametrize(
    "content", [b"no database at all", b"SQLite format 3\x00" + b"\xff" * 200, b"x" * 5000]
)
def test_a_file_that_is_no_database_is_told(tmp_path, content):
    place = Sqlite(tmp_path)
    place.path.write_bytes(content)
    refused(place, lambda store: store.runs())


def test_a_folder_in_place_of_the_database_is_told(tmp_path):
    place = Sqlite(tmp_path)
    place.path.mkdir()
    refused(place, lambda store: store.runs())


# Folders


def spoil_journal(folder):
    (folder / "journal.jsonl").write_bytes(b"\x00" * 30)


def journal_as_folder(folder):
    (folder / "journal.jsonl").unlink()
    (folder / "journal.jsonl" / "inner").mkdir(parents=True)


def spoil_hold(folder):
    (folder / "journal.jsonl").write_bytes((folder / "journal.jsonl").read_bytes().rpartition(b'{"v"')[0])
    for hold in folder.glob("hold.*"):
        hold.unlink()
    (folder / "hold.9.json").write_bytes(b'[1,"x"]')


@pytest.mark.parametrize("spoil", [spoil_journal, journal_as_folder, spoil_hold])
def test_a_damaged_folder_is_listed_as_damaged(folders, spoil):
    spoil(folders.path / "runs" / SICK)
    found = listed(folders)
    assert (found[SICK].status, found[WELL].status) == ("damaged", "completed")
    assert ask(folders, lambda store: store.summary(SICK)).status == "damaged"
    refused(folders, lambda store: store.open(SICK))


@pytest.mark.parametrize("content", [b"[1]", b"{", b"", b'["1","","","",""]', b'[0,"","","",""]'])
def test_a_damaged_hold_is_told_with_its_file(folders, content):
    hold = folders.path / "runs" / SICK / "hold.9.json"
    hold.write_bytes(content)
    message = refused(folders, lambda store: store.open(SICK))
    assert str(hold) in message


@pytest.mark.parametrize("content", [b"\xff\xfe", b"../../x", b"a\x00b", b""])
def test_a_damaged_key_is_free_again(folders, content):
    async def start(store, run_id):
        await (await store.create(sample_run()._replace(run_id=RunId(run_id), key="k"))).close()

    ask(folders, lambda store: start(store, "one"))
    (file,) = (folders.path / "keys").iterdir()
    file.write_bytes(content)
    ask(folders, lambda store: start(store, "two"))
    assert "two" in listed(folders)


def test_a_damaged_run_can_be_deleted(folders):
    spoil_journal(folders.path / "runs" / SICK)
    ask(folders, lambda store: store.delete(SICK))
    assert set(listed(folders)) == {WELL}
