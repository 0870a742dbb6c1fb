"""Every promise of `core.store.Store` and `core.cache.Cache`, as tests that any store can be held to.

For the author of a store: subclass `StoreContract` in your tests and say how a store is made. pytest finds the methods by
their names; without pytest call them one by one, each on a fresh object.

    class TestMyStore(StoreContract):
        def new_place(self):
            place = make_an_empty_place()
            return lambda: MyStore(place)

The returned function is called again whenever a test needs a second store at the same place: another process would see it
like that. A store that keeps nothing outside itself returns the same object each time and sets `is_shared` to False.
"""

# ruff: noqa: S101 - a suite of tests asserts

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from orchestrator.core.cache import CachedResult
from orchestrator.core.ids import RunId
from orchestrator.core.journal import CancelRequested, Record, RunCreated, RunEnded, RunResumed
from orchestrator.core.status import RunStatus
from orchestrator.core.store import Journal, Message, Store
from orchestrator.errors import ActionError, RunBusyError, RunExistsError, StoreError, UnknownRunError
from orchestrator.testing.samples import done, sample_records, sample_run

Error = TypeVar("Error", bound=Exception)


class StoreContract:
    """The suite; each test has a place of its own."""

    is_shared = True
    """Whether a second store at the same place sees what the first one wrote."""

    def new_place(self) -> Callable[[], Store]:
        """Return a function that makes stores at one place, which is empty now."""
        raise NotImplementedError

    # Journals

    def test_records_of_every_kind_come_back_equal_and_in_order(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            for record in sample_records():
                journal.append(record)
            await journal.written()
            assert await store.read(sample_run().run_id) == [sample_run(), *sample_records()]

        self._run(scenario)

    def test_reading_can_start_anywhere(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            _append(journal, 1, 2)
            await journal.written()
            assert await store.read(journal.run_id, start=2) == [done(2)]
            assert await store.read(journal.run_id, start=9) == []

        self._run(scenario)

    def test_what_is_written_or_synced_is_seen_by_others(self) -> None:
        async def scenario(store: Store, other: Store) -> None:
            journal = await store.create(sample_run())
            _append(journal, 1)
            await journal.written()
            assert await other.read(journal.run_id) == [sample_run(), done(1)]
            _append(journal, 2)
            await journal.synced()
            assert await other.read(journal.run_id) == [sample_run(), done(1), done(2)]

        self._run_two(scenario)

    def test_a_sync_without_new_records_is_harmless(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            await journal.written()
            await journal.synced()
            await journal.synced()
            assert await store.read(journal.run_id) == [sample_run()]

        self._run(scenario)

    def test_many_journals_and_waiters_share_a_turn(self) -> None:
        async def work(journal: Journal) -> None:
            for number in range(3):
                _append(journal, number)
                await (journal.synced() if number == 1 else journal.written())

        async def scenario(store: Store) -> None:
            journals = [await store.create(sample_run(number)) for number in range(5)]
            await asyncio.gather(*map(work, journals), *map(work, journals))
            for number, journal in enumerate(journals):
                first, *rest = await store.read(journal.run_id)
                assert first == sample_run(number)
                assert sorted(rest, key=lambda record: record.at) == [done(count // 2) for count in range(6)]

        self._run(scenario)

    def test_a_waiter_that_is_cancelled_disturbs_nobody(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            _append(journal, 1)
            first, second = asyncio.create_task(_wait(journal)), asyncio.create_task(_wait(journal))
            await asyncio.wait([first, second], timeout=0)
            first.cancel()
            await second
            assert await store.read(journal.run_id) == [sample_run(), done(1)]

        self._run(scenario)

    def test_a_value_that_cannot_be_kept_is_refused_and_leaves_no_trace(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            bad = done(1)._replace(value={"rows": [1, {"when": object()}]})
            error = await _raised(ActionError, lambda: _later(journal.append, bad))
            assert error.error_class == "bad_output"
            assert "value.rows[1].when" in str(error)
            _append(journal, 1)
            await journal.written()
            assert await store.read(journal.run_id) == [sample_run(), done(1)]

        self._run(scenario)

    # One writer

    def test_a_run_that_is_held_cannot_be_opened_or_deleted(self) -> None:
        async def scenario(store: Store, other: Store) -> None:
            journal = await store.create(sample_run())
            for somebody in (store, other):
                await _raised(RunBusyError, lambda somebody=somebody: somebody.open(journal.run_id))
                await _raised(RunBusyError, lambda somebody=somebody: somebody.delete(journal.run_id))

        self._run_two(scenario)

    def test_closing_writes_what_is_queued_and_lets_others_go_on(self) -> None:
        async def scenario(store: Store, other: Store) -> None:
            journal = await store.create(sample_run())
            _append(journal, 1)
            await journal.close()
            await journal.close()
            again = await other.open(journal.run_id)
            _append(again, 2)
            await again.written()
            assert await store.read(journal.run_id) == [sample_run(), done(1), done(2)]

        self._run_two(scenario)

    def test_a_closed_journal_takes_nothing_more(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            await journal.close()
            await _raised(StoreError, lambda: _later(journal.append, done(1)))
            assert await store.read(journal.run_id) == [sample_run()]

        self._run(scenario)

    def test_an_id_is_given_to_one_run_only(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            await _raised(StoreError, lambda: store.create(sample_run()))
            _append(journal, 1)
            await journal.written()
            assert await store.read(journal.run_id) == [sample_run(), done(1)]

        self._run(scenario)

    # Finding runs

    def test_a_key_belongs_to_one_run_until_that_is_deleted(self) -> None:
        async def scenario(store: Store, other: Store) -> None:
            first = await store.create(sample_run(1, key="nightly"))
            error = await _raised(RunExistsError, lambda: other.create(sample_run(2, key="nightly")))
            assert (error.run, error.key) == (first.run_id, "nightly")
            await _raised(UnknownRunError, lambda: other.read(sample_run(2).run_id))
            await other.create(sample_run(3, key="weekly"))
            await first.close()
            await other.delete(first.run_id)
            await other.create(sample_run(4, key="nightly"))

        self._run_two(scenario)

    def test_an_unknown_run_is_refused_with_the_nearest_one(self) -> None:
        async def scenario(store: Store) -> None:
            await store.create(sample_run())
            near = RunId(sample_run().run_id[:-1] + "c")
            for ask in (store.open, store.read, store.summary, store.delete, _poster(store)):
                error = await _raised(UnknownRunError, lambda ask=ask: ask(near))
                assert sample_run().run_id in str(error)

        self._run(scenario)

    def test_an_empty_store_knows_no_runs(self) -> None:
        async def scenario(store: Store) -> None:
            assert list(await store.runs()) == []
            await _raised(UnknownRunError, lambda: store.read(sample_run().run_id))
            await _raised(UnknownRunError, lambda: store.resolve("01a318"))

        self._run(scenario)

    def test_the_beginning_of_an_id_is_enough_where_only_one_run_has_it(self) -> None:
        async def scenario(store: Store) -> None:
            for number in (0x111, 0x112):
                await store.create(sample_run(number))
            assert await store.resolve("01a3185c-5000-7111") == sample_run(0x111).run_id
            assert await store.resolve(sample_run(0x112).run_id) == sample_run(0x112).run_id
            error = await _raised(UnknownRunError, lambda: store.resolve("01a3185c-5000-711"))
            assert "2 runs begin or end with '01a3185c-5000-711'" in str(error)
            await _raised(UnknownRunError, lambda: store.resolve("01a31"))
            await _raised(UnknownRunError, lambda: store.resolve(""))

        self._run(scenario)

    def test_the_ending_of_an_id_is_enough_where_only_one_run_has_it(self) -> None:
        async def scenario(store: Store) -> None:
            first, second = (_ending_in("0123456789ab"), _ending_in("0000456789ab"))
            for created in (first, second):
                await store.create(created)
            assert await store.resolve("0123456789ab") == first.run_id
            assert await store.resolve("123456789ab") == first.run_id
            error = await _raised(UnknownRunError, lambda: store.resolve("456789ab"))
            assert "2 runs begin or end with '456789ab'" in str(error)
            assert first.run_id in str(error)
            assert second.run_id in str(error)
            await _raised(UnknownRunError, lambda: store.resolve("789ab"))
            near = await _raised(UnknownRunError, lambda: store.resolve("0123456789ac"))
            assert f"did you mean {first.run_id}?" in str(near)

        self._run(scenario)

    def test_lists_show_runs_newest_first_with_their_status(self) -> None:
        async def scenario(store: Store) -> None:
            journals = [await store.create(sample_run(number)) for number in range(4)]
            journals[0].append(RunEnded(50.0, "completed", {}))
            await journals[0].close()
            await journals[1].close()
            journals[2].append(RunEnded(50.0, "failed", {}))
            journals[2].append(RunResumed(60.0))
            await journals[2].written()
            shown = [(run.run_id, run.status, run.ended_at) for run in await store.runs()]
            assert shown == [
                (sample_run(3).run_id, "running", None),
                (sample_run(2).run_id, "running", None),
                (sample_run(1).run_id, "interrupted", None),
                (sample_run(0).run_id, "completed", 50.0),
            ]
            for run in await store.runs():
                assert await store.summary(run.run_id) == run
            assert await _numbers(store, status="running") == [3, 2]
            assert await _numbers(store, status="interrupted") == [1]
            assert await _numbers(store, status="completed") == [0]
            assert await _numbers(store, limit=2) == [3, 2]
            assert await _numbers(store, status="running", limit=1) == [3]

        self._run(scenario)

    def test_lists_show_what_the_run_was_made_from(self) -> None:
        async def scenario(store: Store) -> None:
            await store.create(sample_run(key="nightly"))
            (run,) = await store.runs()
            assert (run.pipeline, run.workspace, run.key) == ("digest", "/work", "nightly")
            assert run.created_at == sample_run().at

        self._run(scenario)

    def test_a_deleted_run_is_gone(self) -> None:
        async def scenario(store: Store) -> None:
            for number in (1, 2):
                journal = await store.create(sample_run(number))
                await journal.close()
            await store.delete(sample_run(1).run_id)
            assert await _numbers(store) == [2]
            await _raised(UnknownRunError, lambda: store.read(sample_run(1).run_id))
            assert await store.read(sample_run(2).run_id) == [sample_run(2)]

        self._run(scenario)

    # Messages

    def test_messages_arrive_once_and_in_order(self) -> None:
        async def scenario(store: Store, other: Store) -> None:
            journal = await store.create(sample_run())
            first, second = Message("1", "cancel", {"by": "me"}), Message("2", "cancel", {})
            await other.post(journal.run_id, first)
            await other.post(journal.run_id, second)
            await other.post(journal.run_id, Message("1", "cancel", {"by": "again"}))
            assert list(await journal.inbox()) == [first, second]
            assert list(await journal.inbox()) == []
            await other.post(journal.run_id, Message("3", "cancel", {}))
            assert [message.id for message in await journal.inbox()] == ["3"]

        self._run_two(scenario)

    def test_a_message_that_no_record_took_in_comes_again(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            await store.post(journal.run_id, Message("1", "cancel", {}))
            _append(journal, 1)
            assert len(await journal.inbox()) == 1
            await journal.close()
            again = await store.open(journal.run_id)
            assert [message.id for message in await again.inbox()] == ["1"]

        self._run(scenario)

    def test_a_message_that_a_record_took_in_never_comes_again(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            await store.post(journal.run_id, Message("1", "cancel", {}))
            assert len(await journal.inbox()) == 1
            journal.append(CancelRequested(2.0))
            await journal.written()
            await store.post(journal.run_id, Message("2", "cancel", {}))
            await journal.close()
            again = await store.open(journal.run_id)
            await store.post(journal.run_id, Message("1", "cancel", {}))
            assert [message.id for message in await again.inbox()] == ["2"]

        self._run(scenario)

    # The cache

    def test_the_cache_gives_back_what_was_put_until_it_expires(self) -> None:
        async def scenario(store: Store) -> None:
            result = CachedResult({"n": Decimal("1.0")}, "scripted:one", frozenset({"model"}))
            assert await store.cache.get("k", now=0.0) is None
            await store.cache.put("k", result, expires=10.0)
            assert await store.cache.get("k", now=9.9) == result
            assert await store.cache.get("other", now=9.9) is None
            assert await store.cache.get("k", now=10.0) is None
            assert await store.cache.get("k", now=5.0) is None, "an expired entry was let go"

        self._run(scenario)

    def test_the_cache_keeps_the_last_result_of_a_key(self) -> None:
        async def scenario(store: Store) -> None:
            await store.cache.put("k", CachedResult(1), expires=None)
            await store.cache.put("k", CachedResult(2), expires=None)
            assert await store.cache.get("k", now=1e12) == CachedResult(2)

        self._run(scenario)

    # Money

    def test_the_ledger_adds_up_what_is_reserved_and_settled(self) -> None:
        async def scenario(store: Store, other: Store) -> None:
            assert await store.ledger.total("day") == 0
            assert await store.ledger.reserve("day", Decimal("0.30")) == Decimal("0.30")
            assert await other.ledger.reserve("day", Decimal("0.0001")) == Decimal("0.3001")
            await store.ledger.settle("day", reserved=Decimal("0.30"), spent=Decimal("0.10"))
            assert await other.ledger.total("day") == Decimal("0.1001")
            assert await store.ledger.total("project") == 0

        self._run_two(scenario)

    def test_the_ledger_reserves_nothing_that_would_pass_the_cap(self) -> None:
        async def scenario(store: Store) -> None:
            cap = Decimal(1)
            taken = [await store.ledger.reserve("day", Decimal("0.30"), cap=cap) for _ in range(5)]
            assert taken == [Decimal("0.30"), Decimal("0.60"), Decimal("0.90"), None, None]
            assert await store.ledger.reserve("day", Decimal("0.10"), cap=cap) == cap
            assert await store.ledger.total("day") == cap

        self._run(scenario)

    def test_the_ledger_keeps_every_digit_over_many_changes(self) -> None:
        async def scenario(store: Store) -> None:
            tiny = Decimal("0.000000000001")
            for _ in range(300):
                await store.ledger.reserve("day", Decimal("12345.678"))
                await store.ledger.settle("day", reserved=Decimal("12345.678"), spent=tiny)
            assert await store.ledger.total("day") == 300 * tiny

        self._run(scenario)

    def test_lists_show_what_a_run_cost(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            journal.append(RunEnded(50.0, "completed", {}, cost=Decimal("0.0120")))
            await journal.close()
            (run,) = await store.runs()
            assert str(run.cost) == "0.0120"

        self._run(scenario)

    # The whole store

    def test_closing_the_store_writes_and_releases_everything(self) -> None:
        async def scenario(store: Store, other: Store) -> None:
            journal = await store.create(sample_run())
            _append(journal, 1)
            await store.close()
            await store.close()
            again = await other.open(journal.run_id)
            assert await other.read(again.run_id) == [sample_run(), done(1)]

        if self.is_shared:
            self._run_two(scenario)

    def test_a_closed_store_refuses_to_work(self) -> None:
        async def scenario(store: Store) -> None:
            journal = await store.create(sample_run())
            await store.close()
            await _raised(StoreError, lambda: store.create(sample_run(2)))
            await _raised(StoreError, lambda: store.open(journal.run_id))
            await _raised(StoreError, lambda: store.read(journal.run_id))
            await _raised(StoreError, store.runs)
            await _raised(StoreError, journal.inbox)
            await _raised(StoreError, lambda: _later(journal.append, done(1)))

        self._run(scenario)

    def test_a_store_can_move_from_one_event_loop_to_the_next(self) -> None:
        store = self.new_place()()

        async def begin() -> Journal:
            journal = await store.create(sample_run())
            _append(journal, 1)
            return journal

        async def go_on(journal: Journal) -> Sequence[Record]:
            _append(journal, 2)
            await journal.written()
            records = await store.read(journal.run_id)
            await store.close()
            return records

        assert asyncio.run(go_on(asyncio.run(begin()))) == [sample_run(), done(1), done(2)]

    def _run(self, scenario: Callable[[Store], Awaitable[None]]) -> None:
        async def run() -> None:
            store = self.new_place()()
            try:
                await scenario(store)
            finally:
                await store.close()

        asyncio.run(run())

    def _run_two(self, scenario: Callable[[Store, Store], Awaitable[None]]) -> None:
        async def run() -> None:
            make_store = self.new_place()
            store, other = make_store(), make_store()
            try:
                await scenario(store, other)
            finally:
                await store.close()
                await other.close()

        asyncio.run(run())


def _ending_in(digits: str) -> RunCreated:
    """Return the first record of a run whose id ends in the digits."""
    created = sample_run(int(digits[:4], 16) & 0xFFF)
    return created._replace(run_id=RunId(created.run_id[: -len(digits)] + digits))


def _append(journal: Journal, *numbers: int) -> None:
    for number in numbers:
        journal.append(done(number))


async def _wait(journal: Journal) -> None:
    await journal.written()


async def _later(function: Callable[[Record], None], record: Record) -> None:
    function(record)


def _poster(store: Store) -> Callable[[RunId], Awaitable[object]]:
    return lambda run_id: store.post(run_id, Message("1", "cancel", {}))


async def _numbers(store: Store, *, status: RunStatus | None = None, limit: int = 100) -> list[int]:
    runs = await store.runs(status=status, limit=limit)
    return [int(run.created_at - sample_run(0).at) for run in runs]


async def _raised(kind: type[Error], act: Callable[[], Awaitable[object]]) -> Error:
    """Return the error that the act raises."""
    try:
        await act()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
