"""Stores that this user may only read: everything can be looked at, nothing can be started, and it is said why."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from orchestrator.errors import StoreError
from orchestrator.state.files import FileStore
from orchestrator.state.sqlite import SqliteStore
from orchestrator.testing.samples import done, sample_run

NOBODY = 65534


@pytest.fixture
def folder():
    """A folder that others may enter; pytest's own are closed to them."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place / "state"
    shutil.rmtree(place)


@pytest.fixture
def forbid(folder):
    """A function that takes all write access away; from an administrator by making them somebody else."""
    if os.name == "nt":
        pytest.skip("permissions are another matter there")
    is_root = os.geteuid() == 0
    places = []

    def forbid():
        places.extend([folder, *folder.rglob("*")])
        for place in places:
            place.chmod(0o555 if place.is_dir() else 0o444)
        if is_root:
            os.seteuid(NOBODY)

    yield forbid
    if is_root:
        os.seteuid(0)
    for place in places:
        if place.exists():
            place.chmod(0o755)


@pytest.fixture(params=[lambda folder: SqliteStore(folder / "orc.db"), FileStore])
def opened(request, folder):
    return lambda: request.param(folder)


def ask(store, scenario):
    async def main():
        try:
            return await scenario(store)
        finally:
            await store.close()

    return asyncio.run(main())


async def fill(store):
    journal = await store.create(sample_run())
    journal.append(done(1))
    await journal.close()


async def look(store):
    (run,) = await store.runs()
    assert (await store.summary(run.run_id)).pipeline == run.pipeline
    assert await store.resolve(run.run_id[:8]) == run.run_id
    return len(await store.read(run.run_id))


def test_a_store_that_cannot_be_written_can_be_looked_at(opened, forbid):
    ask(opened(), fill)
    forbid()
    assert ask(opened(), look) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.create(sample_run()._replace(run_id="another", key="")),
        lambda store: store.open(sample_run().run_id),
        lambda store: store.delete(sample_run().run_id),
    ],
)
@pytest.mark.parametrize("looks_first", [True, False])
def test_whoever_changes_it_is_told(opened, forbid, change, looks_first):
    ask(opened(), fill)
    forbid()

    async def both(store):
        if looks_first:
            await look(store)
        await change(store)

    with pytest.raises(StoreError, match=r"cannot be written.*\n.*write access"):
        ask(opened(), both)


def test_what_another_process_left_in_the_log_is_read(folder, forbid):
    store = SqliteStore(folder / "orc.db")
    asyncio.run(fill(store))
    copy = folder / "copy"
    copy.mkdir()
    for file in list(folder.glob("orc.db*")):
        shutil.copy(file, copy)
    asyncio.run(store.close())
    assert (copy / "orc.db-wal").stat().st_size
    forbid()
    assert ask(SqliteStore(copy / "orc.db"), look) == 2


def test_a_log_that_cannot_be_read_is_no_reason_to_leave_it_out(folder, forbid):
    store = SqliteStore(folder / "orc.db")
    asyncio.run(fill(store))
    copy = folder / "copy"
    copy.mkdir()
    for name in ("orc.db", "orc.db-wal"):
        shutil.copy(folder / name, copy)
    asyncio.run(store.close())
    forbid()
    with pytest.raises(StoreError, match="cannot be opened"):
        ask(SqliteStore(copy / "orc.db"), look)


def test_an_empty_or_older_database_that_cannot_be_brought_up_to_date_says_so(folder, forbid):
    folder.mkdir()
    sqlite3.connect(folder / "orc.db").close()
    (folder / "orc.db").touch()
    forbid()
    with pytest.raises(StoreError, match="older py-orc"):
        ask(SqliteStore(folder / "orc.db"), look)
