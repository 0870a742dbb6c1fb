import asyncio
import sqlite3
import stat

import pytest

from orchestrator.core.journal import TaskCompleted
from orchestrator.errors import StoreError, UnknownRunError
from orchestrator.state import sqlite_schema
from orchestrator.state.sqlite import SqliteStore
from orchestrator.testing.samples import done, sample_run


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "state" / "orc.db"


def asked(path, query):
    with sqlite3.connect(path) as database:
        rows = database.execute(query).fetchall()
    database.close()
    return rows


def run(scenario, path):
    async def main():
        store = SqliteStore(path)
        try:
            return await scenario(store)
        finally:
            await store.close()

    return asyncio.run(main())


def test_making_a_store_and_reading_from_it_makes_no_file(path):
    async def look(store):
        assert list(await store.runs()) == []
        assert await store.cache.get("k", now=0.0) is None
        with pytest.raises(UnknownRunError):
            await store.read(sample_run().run_id)

    run(look, path)
    assert not path.parent.exists()


def test_files_are_for_their_owner_alone(path):
    async def write(store):
        await store.create(sample_run())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert modes == {"orc.db": 0o600, "orc.db-wal": 0o600, "orc.db-shm": 0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    run(write, path)


def test_the_database_uses_a_write_ahead_log(path):
    run(lambda store: store.create(sample_run()), path)
    assert asked(path, "PRAGMA journal_mode") == [("wal",)]


def test_rows_are_plain(path):
    async def write(store):
        journal = await store.create(sample_run())
        journal.append(TaskCompleted(1.0, "a", "x"))
        await journal.written()

    run(write, path)
    assert asked(path, "SELECT run, position, record FROM records WHERE position = 1") == [
        (1, 1, b'{"v":1,"kind":"TaskCompleted","at":1.0,"task":"a","value":"x"}')
    ]


def test_a_sync_writes_with_an_fsync_and_always_writes_something(path):
    async def write(store):
        journal = await store.create(sample_run())
        pragma = store._database._opened().execute
        assert pragma("PRAGMA synchronous").fetchone() == (1,)
        log = path.with_name("orc.db-wal")
        before = log.stat().st_size
        await journal.synced()
        assert pragma("PRAGMA synchronous").fetchone() == (2,)
        assert log.stat().st_size > before
        journal.append(done(1))
        await journal.written()
        assert pragma("PRAGMA synchronous").fetchone() == (1,)

    run(write, path)
    assert asked(path, "SELECT syncs FROM runs") == [(1,)]


def test_a_database_of_a_newer_version_is_refused_and_left_alone(path):
    run(lambda store: store.create(sample_run()), path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE schema_version SET version = 99")
    database.close()
    before = path.read_bytes()
    for use in (lambda store: store.runs(), lambda store: store.create(sample_run(2))):
        with pytest.raises(StoreError, match=r"newer py-orc \(schema 99, this one knows \d\)"):
            run(use, path)
    assert path.read_bytes() == before


def test_an_older_database_is_brought_up_to_date(path, monkeypatch):
    run(lambda store: store.create(sample_run()), path)
    step = ("ALTER TABLE runs ADD COLUMN colour TEXT", "UPDATE runs SET colour = 'red'")
    monkeypatch.setattr(sqlite_schema, "MIGRATIONS", (*sqlite_schema.MIGRATIONS, step))
    run(lambda store: store.runs(), path)
    run(lambda store: store.runs(), path)
    version = len(sqlite_schema.MIGRATIONS)
    assert asked(path, "SELECT colour, version FROM runs, schema_version") == [("red", version)]


def test_a_migration_that_fails_leaves_the_old_schema(path, monkeypatch):
    run(lambda store: store.create(sample_run()), path)
    step = ("ALTER TABLE runs ADD COLUMN colour TEXT", "nonsense")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_schema, "MIGRATIONS", (*sqlite_schema.MIGRATIONS, step))
        with pytest.raises(StoreError, match="syntax error"):
            run(lambda store: store.runs(), path)
    assert [summary.pipeline for summary in run(lambda store: store.runs(), path)] == ["digest"]


@pytest.mark.parametrize("content", [b"no database at all" * 300, b"SQLite format 3\0" + b"\7" * 5000])
def test_a_damaged_file_is_named_with_a_way_out(path, content):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged — .*orc\.db\n  → restore it from a backup"):
        run(lambda store: store.runs(), path)


def test_a_store_that_another_process_keeps_locked_says_so(path, monkeypatch):
    monkeypatch.setattr(sqlite_schema, "WAIT", 0.01)
    run(lambda store: store.create(sample_run()), path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another process"):
        run(lambda store: store.create(sample_run(2)), path)
    other.close()


@pytest.mark.parametrize("ends", [True, False])
def test_a_database_that_somebody_reads_gets_its_log_when_they_are_done(path, ends):
    path.parent.mkdir(parents=True)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("CREATE TABLE other (x)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM other").fetchall()
    tries = []

    class Watched(sqlite3.Connection):
        def execute(self, statement, *more):
            tries.append(statement)
            if ends and tries.count("PRAGMA journal_mode=WAL") == 3:
                reader.close()
            return super().execute(statement, *more)

    database = sqlite3.connect(path, isolation_level=None, factory=Watched, timeout=0)
    if ends:
        sqlite_schema._use_write_ahead_log(database)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    else:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite_schema._use_write_ahead_log(database)
    reader.close()
    database.close()


def test_a_full_database_says_what_to_do_and_the_run_goes_on_later(path):
    async def fill(store):
        journal = await store.create(sample_run())
        pages = store._database._opened().execute("PRAGMA page_count").fetchone()[0]
        store._database._opened().execute(f"PRAGMA max_page_count = {pages}")
        journal.append(TaskCompleted(1.0, "a", "x" * 100_000))
        with pytest.raises(StoreError, match=r"the disk is full — .*\n  → free some space"):
            await journal.written()
        await journal.close()
        store._database._opened().execute("PRAGMA max_page_count = 1000000")
        again = await store.open(sample_run().run_id)
        again.append(done(1))
        await again.written()
        assert await store.read(again.run_id) == [sample_run(), done(1)]

    run(fill, path)


def test_a_place_that_is_no_folder_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        run(lambda store: store.create(sample_run()), tmp_path / "file" / "orc.db")


def test_the_projects_own_folder_keeps_itself_out_of_git(tmp_path):
    async def scenario(store):
        await store.create(sample_run())

    run(scenario, tmp_path / ".py-orc" / "orc.db")
    assert (tmp_path / ".py-orc" / ".gitignore").read_text() == "*\n"
    run(scenario, tmp_path / "elsewhere" / "orc.db")
    assert not (tmp_path / "elsewhere" / ".gitignore").exists()
