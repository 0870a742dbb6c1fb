import asyncio

import pytest

from orchestrator.core.journal import CancelRequested, RunEnded, RunResumed, TaskCompleted
from orchestrator.core.store import Message
from orchestrator.errors import StoreError
from orchestrator.state.group_commit import GroupCommit, QueuedJournal


def done(number):
    return TaskCompleted(float(number), f"t{number}", number)


class RecordingShelf:
    """Remembers commits as (run, number of records, wants sync)."""

    def __init__(self):
        self.commits = []
        self.turns = []
        self.acknowledged = []
        self.released = []
        self.inbox = []
        self.refuse = None

    def commit(self, journals):
        self.commits.append(
            [(journal.run_id, len(journal.queue), journal.wants_sync) for journal in journals]
        )
        self.turns += [journal.turn for journal in journals]
        self.acknowledged += [journal.acknowledged for journal in journals]
        for journal in journals:
            if isinstance(self.refuse, StoreError):
                journal.fail(self.refuse)
            elif self.refuse is not None:
                raise self.refuse
            else:
                journal.committed(is_synced=journal.wants_sync)

    def messages(self, journal):
        return self.inbox

    def release(self, journal):
        self.released.append(journal.run_id)


@pytest.fixture
def shelf():
    return RecordingShelf()


@pytest.fixture
def group(shelf):
    return GroupCommit(shelf)


def journal_of(group, run="r", position=0):
    return QueuedJournal(run, group, position=position, fence=1)


def is_quick(coroutine):
    """Return whether a coroutine ends without waiting."""
    try:
        coroutine.send(None)
    except StopIteration:
        return True
    coroutine.close()
    return False


def test_one_commit_takes_what_all_journals_queued_in_a_turn(shelf, group):
    async def main():
        one, two = journal_of(group, "one"), journal_of(group, "two")
        for number in range(3):
            one.append(done(number))
        two.append(done(1))
        await asyncio.gather(one.written(), two.written(), one.synced())
        assert (one.position, two.position) == (3, 1)

    asyncio.run(main())
    assert shelf.commits == [[("one", 3, True), ("two", 1, False)]]


def test_what_nobody_waits_for_is_committed_two_turns_later(shelf, group):
    async def main():
        journal_of(group).append(done(1))
        await asyncio.sleep(0)
        assert shelf.commits == []
        await asyncio.sleep(0)
        assert shelf.commits == [[("r", 1, False)]]

    asyncio.run(main())


def test_waiting_for_nothing_is_quick(shelf, group):
    async def main():
        journal = journal_of(group)
        assert is_quick(journal.written())
        assert is_quick(journal.synced())
        journal.append(done(1))
        await journal.synced()
        assert is_quick(journal.written())
        assert is_quick(journal.synced())

    asyncio.run(main())
    assert len(shelf.commits) == 1


def test_records_that_were_only_written_are_synced_by_a_commit_of_nothing(shelf, group):
    async def main():
        journal = journal_of(group)
        journal.append(done(1))
        await journal.written()
        assert not is_quick(journal.synced())
        await journal.synced()
        assert is_quick(journal.synced())

    asyncio.run(main())
    assert shelf.commits == [[("r", 1, False)], [("r", 0, True)]]


def test_what_an_earlier_holder_wrote_is_not_taken_for_synced(shelf, group):
    async def main():
        await journal_of(group, position=5).synced()

    asyncio.run(main())
    assert shelf.commits == [[("r", 0, True)]]


def test_a_failed_commit_reaches_every_waiter_and_ends_the_journal(shelf, group):
    shelf.refuse = StoreError("full")

    async def main():
        journal = journal_of(group)
        journal.append(done(1))
        outcomes = await asyncio.gather(journal.written(), journal.synced(), return_exceptions=True)
        assert outcomes == [shelf.refuse, shelf.refuse]
        shelf.refuse = None
        for use in (journal.written, journal.synced, journal.inbox):
            with pytest.raises(StoreError, match="full"):
                await use()
        with pytest.raises(StoreError, match="full"):
            journal.append(done(2))
        await journal.close()  # who waited knows already
        assert shelf.released == ["r"]
        assert journal.position == 0

    asyncio.run(main())


def test_closing_reports_a_failure_that_nobody_knows_yet(shelf, group):
    shelf.refuse = StoreError("full")

    async def main():
        journal = journal_of(group)
        journal.append(done(1))
        with pytest.raises(StoreError, match="full"):
            await journal.close()
        assert shelf.released == ["r"]
        await journal.close()

    asyncio.run(main())


def test_a_bug_of_a_store_is_told_and_leaves_nobody_waiting(shelf, group):
    shelf.refuse = ZeroDivisionError()

    async def main():
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        journal = journal_of(group)
        journal.append(done(1))
        with pytest.raises(StoreError, match="bug"):
            await journal.written()
        assert told == [shelf.refuse]

    asyncio.run(main())


def test_a_shelf_that_forgets_a_journal_does_not_pass_for_success(shelf, group):
    shelf.commit = lambda journals: None

    async def main():
        journal = journal_of(group)
        journal.append(done(1))
        with pytest.raises(StoreError, match="were not written"):
            await journal.written()

    asyncio.run(main())


def test_closing_commits_at_once_and_lets_go(shelf, group):
    async def main():
        journal = journal_of(group)
        journal.append(done(1))
        assert is_quick(journal.close())
        with pytest.raises(StoreError, match="closed"):
            journal.append(done(2))
        assert is_quick(journal.written())

    asyncio.run(main())
    assert (shelf.commits, shelf.released) == ([[("r", 1, False)]], ["r"])


def test_a_waiter_learns_that_closing_wrote_its_records(shelf, group):
    async def main():
        journal = journal_of(group)
        journal.append(done(1))
        waiter = asyncio.create_task(journal.written())
        await asyncio.wait([waiter], timeout=0)
        await journal.close()
        await waiter

    asyncio.run(main())


def test_only_ends_and_resumptions_change_what_lists_show(shelf, group):
    async def main():
        journal = journal_of(group)
        for records in ([done(1)], [RunEnded(1.0, "failed", {}), RunResumed(2.0)], [done(2)]):
            for record in records:
                journal.append(record)
            await journal.written()

    asyncio.run(main())
    assert shelf.turns == [None, RunResumed(2.0), None]


def test_messages_are_acknowledged_by_the_first_record_after_them(shelf, group):
    async def main():
        journal = journal_of(group)
        journal.append(done(1))
        shelf.inbox = [(4, Message("a", "cancel", {})), (7, Message("b", "cancel", {}))]
        assert [message.id for message in await journal.inbox()] == ["a", "b"]
        await journal.written()
        journal.append(CancelRequested(1.0))
        shelf.inbox.append((9, Message("c", "cancel", {})))
        assert [message.id for message in await journal.inbox()] == ["c"]
        await journal.written()
        journal.append(done(2))
        await journal.written()

    asyncio.run(main())
    assert shelf.acknowledged == [None, 7, 9]


@pytest.fixture
def stranded(group):
    """A journal whose record was queued on an event loop that ended before its turn came."""
    journal = journal_of(group)
    loop = asyncio.new_event_loop()
    loop.call_soon(journal.append, done(1))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    return journal


def test_a_turn_that_never_came_is_made_up_for_by_the_next_record(shelf, group, stranded):
    other = journal_of(group, "other")

    async def main():
        other.append(done(1))
        await other.written()

    asyncio.run(main())
    assert shelf.commits == [[("r", 1, False), ("other", 1, False)]]


def test_a_turn_that_never_came_is_made_up_for_by_who_waits(shelf, stranded):
    asyncio.run(stranded.synced())
    assert shelf.commits == [[("r", 1, True)]]
