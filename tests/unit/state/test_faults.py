"""The Nth write fails, for every N: nothing confirmed is lost, nothing is torn, and the run goes on afterwards."""

import asyncio
import errno
from contextlib import suppress

import pytest

from orchestrator.core.journal import RunEnded, TaskCompleted
from orchestrator.errors import StoreError, UnknownRunError
from orchestrator.state.files import FileStore
from orchestrator.state.sqlite import SqliteStore
from orchestrator.testing.samples import sample_run

STORES = {"sqlite": lambda path: lambda **more: SqliteStore(path / "orc.db", **more)}
STORES["files"] = lambda path: lambda **more: FileStore(path / "state", **more)

RUN = sample_run()
RECORDS = [RUN, *(TaskCompleted(float(number), f"t{number}", "x" * number) for number in range(6))]


class FailingDisk:
    """Lets writes pass up to one, and that one and all later ones fail."""

    def __init__(self, fails_at, code):
        self.names = []
        self._fails_at = fails_at
        self._code = code

    def __call__(self, name):
        self.names.append(name)
        if len(self.names) >= self._fails_at:
            raise OSError(self._code, "injected")


async def use(store, confirmed):
    """Write a run in three parts; says how much of it was confirmed."""
    journal = await store.create(RUN)
    try:
        await journal.written()
        confirmed[0] = 1
        for start, wait in ((1, journal.written), (3, journal.synced), (5, journal.written)):
            journal.append(RECORDS[start])
            journal.append(RECORDS[start + 1])
            await wait()
            confirmed[0] = start + 2
    finally:
        with suppress(StoreError):
            await journal.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
@pytest.mark.parametrize("kind", STORES)
def test_every_write_can_fail(tmp_path, kind, code):
    async def attempt(make_store, fails_at):
        disk, confirmed = FailingDisk(fails_at, code), [0]
        store = make_store(fault=disk)
        failed = None
        try:
            await use(store, confirmed)
        except StoreError as error:
            failed = error
        # The disk is well again, and the same process goes on.
        disk._fails_at = 10**9
        await check(store, confirmed[0])
        await store.close()
        other = make_store()
        await check(other, confirmed[0])
        await other.close()
        return failed, len(disk.names)

    async def check(store, confirmed):
        try:
            found = list(await store.read(RUN.run_id))
        except UnknownRunError:
            assert confirmed == 0
            return
        kept = [record for record in found if type(record) is not RunEnded]
        assert kept == RECORDS[: len(kept)], "a prefix of what was appended"
        assert len(kept) >= confirmed, "with everything that was confirmed"
        journal = await store.open(RUN.run_id)
        journal.append(RunEnded(9.0, "completed", {}))
        await journal.synced()
        await journal.close()
        assert list(await store.read(RUN.run_id)) == [*found, RunEnded(9.0, "completed", {})]

    def once(number):
        place = tmp_path / str(number)
        place.mkdir()
        return asyncio.run(attempt(STORES[kind](place), number))

    number = 1
    while (outcome := once(number))[0] is not None:
        assert ("full" if code == errno.ENOSPC else "I/O error") in str(outcome[0])
        assert "→" in str(outcome[0])
        number += 1
    assert number > 8, "the loop has met every write"


@pytest.mark.parametrize("kind", STORES)
def test_one_journal_that_lost_its_run_does_not_hold_up_the_others(tmp_path, kind):
    async def main():
        store = STORES[kind](tmp_path)()
        lost, kept = await store.create(RUN), await store.create(sample_run(2))
        lost.fence -= 1  # as if another process had taken it since
        for journal in (lost, kept):
            journal.append(RECORDS[1])
        outcomes = await asyncio.gather(lost.written(), kept.written(), return_exceptions=True)
        assert isinstance(outcomes[0], StoreError)
        assert "taken over" in str(outcomes[0])
        assert outcomes[1] is None
        assert len(await store.read(RUN.run_id)) == 1
        assert len(await store.read(sample_run(2).run_id)) == 2
        await store.close()

    asyncio.run(main())


@pytest.mark.parametrize("kind", STORES)
def test_a_zombie_cannot_write_after_its_run_was_taken_over(tmp_path, kind, monkeypatch):
    async def main():
        make_store = STORES[kind](tmp_path)
        zombie_store = make_store()
        zombie = await zombie_store.create(RUN)
        module = f"orchestrator.state.{'sqlite' if kind == 'sqlite' else 'file_hold'}.is_alive"
        monkeypatch.setattr(module, lambda holder, *, seen_by: False)
        heir_store = make_store()
        heir = await heir_store.open(RUN.run_id)
        heir.append(RECORDS[1])
        await heir.written()
        zombie.append(RECORDS[2])
        with pytest.raises(StoreError, match="taken over"):
            await zombie.synced()
        await zombie.close()
        heir.append(RECORDS[3])
        await heir.written()
        assert list(await heir_store.read(RUN.run_id)) == [RUN, RECORDS[1], RECORDS[3]]
        await heir_store.close()
        await zombie_store.close()

    asyncio.run(main())


@pytest.mark.parametrize("kind", STORES)
def test_a_run_that_was_deleted_meanwhile_takes_nothing_more(tmp_path, kind, monkeypatch):
    async def main():
        store = STORES[kind](tmp_path)()
        journal = await store.create(RUN)
        module = f"orchestrator.state.{'sqlite' if kind == 'sqlite' else 'file_hold'}.is_alive"
        monkeypatch.setattr(module, lambda holder, *, seen_by: False)
        await store.delete(RUN.run_id)
        journal.append(RECORDS[1])
        with pytest.raises(StoreError, match="deleted"):
            await journal.written()
        await store.close()

    asyncio.run(main())


@pytest.mark.parametrize("kind", STORES)
def test_two_that_want_a_run_at_once_do_not_both_get_it(tmp_path, kind):
    async def main():
        make_store = STORES[kind](tmp_path)
        store = make_store()
        await (await store.create(RUN)).close()
        stores = [make_store() for _ in range(5)]
        outcomes = await asyncio.gather(*(one.open(RUN.run_id) for one in stores), return_exceptions=True)
        assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
        for one in (store, *stores):
            await one.close()

    asyncio.run(main())
