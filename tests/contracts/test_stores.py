"""The contract of stores, on every store of ours and on a small one of somebody else's."""

import pytest

from orchestrator.errors import StoreError
from orchestrator.state.files import FileStore
from orchestrator.state.memory import MemoryJournal, MemoryStore
from orchestrator.state.sqlite import SqliteStore
from orchestrator.testing import StoreContract


class TestMemoryStore(StoreContract):
    is_shared = False

    def new_place(self):
        store = MemoryStore()
        return lambda: store


class TestSqliteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.path = tmp_path / "state" / "orc.db"

    def new_place(self):
        return lambda: SqliteStore(self.path)


class TestFileStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.path = tmp_path / "state"

    def new_place(self):
        return lambda: FileStore(self.path)


class CountingStore:
    """What somebody else may write: any store, with a count of what is asked of it."""

    def __init__(self, store):
        self._store = store
        self.asked = {}

    @property
    def cache(self):
        return self._store.cache

    def __getattr__(self, name):
        self.asked[name] = self.asked.get(name, 0) + 1
        return getattr(self._store, name)


class TestCountingStore(StoreContract):
    is_shared = False

    def new_place(self):
        store = CountingStore(MemoryStore())
        return lambda: store


class LosesTheLastRecord(MemoryStore):
    async def read(self, run_id, *, start=0):
        return (await super().read(run_id, start=start))[:-1]


class ForgetsWhoHolds(MemoryStore):
    async def open(self, run_id):
        self._find(run_id).holder = None
        return await super().open(run_id)


class ForgetsKeys(MemoryStore):
    async def create(self, record):
        return await super().create(record._replace(key=""))


class RepeatsMessages(MemoryStore):
    async def create(self, record):
        journal = await super().create(record)
        run = self._find(record.run_id)

        class Repeating(MemoryJournal):
            async def inbox(self):
                return list(run.inbox.values())

        run.holder = Repeating(run)
        await journal.close()
        run.holder = Repeating(run)
        return run.holder


class ListsOldestFirst(MemoryStore):
    async def runs(self, **options):
        return list(reversed(await super().runs(**options)))


class WorksWhenClosed(MemoryStore):
    async def close(self):
        """Do nothing."""


@pytest.mark.parametrize(
    ("broken", "noticed_by"),
    [
        (LosesTheLastRecord, "test_records_of_every_kind_come_back_equal_and_in_order"),
        (ForgetsWhoHolds, "test_a_run_that_is_held_cannot_be_opened_or_deleted"),
        (ForgetsKeys, "test_a_key_belongs_to_one_run_until_that_is_deleted"),
        (RepeatsMessages, "test_messages_arrive_once_and_in_order"),
        (ListsOldestFirst, "test_lists_show_runs_newest_first_with_their_status"),
        (WorksWhenClosed, "test_a_closed_store_refuses_to_work"),
    ],
)
def test_the_contract_notices_a_store_that_breaks_it(broken, noticed_by):
    class Contract(StoreContract):
        is_shared = False

        def new_place(self):
            store = broken()
            return lambda: store

    with pytest.raises((AssertionError, StoreError)):
        getattr(Contract(), noticed_by)()
