"""Group commit: what all journals of a store queue during one turn of the event loop is committed at once.

`append` only queues, and the first record of a turn schedules the commit for the next turn, or, while nobody waits for it,
for the one after. Whoever waits for `written` or `synced` meanwhile shares that commit, so a hundred runs at once cost little more than one. The commit happens in place,
on the thread of the loop: handing it to another thread costs as much as the fsync it would hide (DESIGN, measured facts).
Large groups could go to a writer thread later; nothing outside this file would notice.

Invariants: records of a journal are committed in the order of their `append`; a journal whose commit failed takes no more
records, so what the store holds is always a prefix of what was appended.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated, RunEnded, RunResumed
from orchestrator.core.store import Message
from orchestrator.errors import StoreError
from orchestrator.state.codec import encode_record

Turn = RunCreated | RunResumed | RunEnded
"""Records that change what lists show of a run."""


class Shelf(Protocol):
    """Where a store keeps what its journals queue."""

    def commit(self, journals: Sequence["QueuedJournal"], /) -> None:
        """Write the queues of the journals, and sync where `wants_sync` is set.

        Calls `committed` or `fail` on each journal. Raises nothing but bugs.
        """
        ...

    def messages(self, journal: "QueuedJournal", /) -> Sequence[tuple[int, Message]]:
        """Return the messages of a run that were not taken yet, with numbers that grow."""
        ...

    def release(self, journal: "QueuedJournal", /) -> None:
        """Let others take the run."""
        ...


class GroupCommit:
    """The commits of one store."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._waiting: list[QueuedJournal] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        """The loop that will commit next; None while nothing is scheduled."""
        self._has_waited = False
        """Whether the next commit was put off for a turn already."""

    def add(self, journal: "QueuedJournal") -> None:
        """Take a journal into the next commit."""
        self._waiting.append(journal)
        if self._loop is None or self._loop.is_closed():
            self._schedule()

    async def committed(self) -> None:
        """Wait for the next commit."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # a loop that ended before its turn came
            self._schedule()
        waiter = loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def commit(self) -> None:
        """Commit now what waits."""
        self._loop = None
        self._has_waited = False
        journals, self._waiting = self._waiting, []
        waiters, self._waiters = self._waiters, []
        try:
            if journals:
                self.shelf.commit(journals)
        except BaseException:
            for journal in journals:
                journal.fail(StoreError("the commit ended in a bug; see the log for it"))
            raise
        finally:
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _schedule(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        if self._waiters or self._has_waited:
            self.commit()
        elif self._waiting:
            # Nobody needs it yet, and whoever does may be about to run: what a record lets start often waits for a sync.
            self._has_waited = True
            asyncio.get_running_loop().call_soon(self._take_turn)


class QueuedJournal:
    """A journal whose records wait for the group commit of their store."""

    __slots__ = (
        "_durable",
        "_failure",
        "_group",
        "_is_added",
        "_returned",
        "fence",
        "is_closed",
        "number",
        "position",
        "queue",
        "run_id",
        "turn",
        "wants_sync",
    )

    def __init__(
        self, run_id: RunId, group: GroupCommit, *, position: int, fence: int, number: int = 0
    ) -> None:
        self.run_id = run_id
        self.number = number
        """What the store calls the run inside."""
        self.position = position
        """How many records are written."""
        self.fence = fence
        """Grows with each holder; a journal with an old one may not write."""
        self.queue: list[bytes] = []
        self.turn: Turn | None = None
        """The last queued record that changes what lists show."""
        self.wants_sync = False
        self._group = group
        self._is_added = False
        self.is_closed = False
        self._durable = 0
        """How many records are known to be synced."""
        self._returned: list[tuple[int, int]] = []
        """Messages that no record has taken in yet, each with the position where such a record would stand."""
        self._failure: StoreError | None = None

    @property
    def acknowledged(self) -> int | None:
        """The last message that the queued records take in."""
        if not self._returned:
            return None
        end = self.position + len(self.queue)
        return max((number for number, position in self._returned if position < end), default=None)

    def append(self, record: Record) -> None:
        """Queue a record behind all earlier ones."""
        if self._failure is not None:
            raise self._failure
        self.queue.append(encode_record(record))
        kind = type(record)
        if kind is RunEnded or kind is RunResumed:
            self.turn = record  # pyright: ignore[reportAttributeAccessIssue]
        if not self._is_added:
            self._add()

    async def written(self) -> None:
        """Return when everything appended so far survives the death of this process."""
        end = self.position + len(self.queue)
        if self.queue and self._failure is None:
            await self._group.committed()
        if self.position < end:
            raise self._lost()

    async def synced(self) -> None:
        """Return when everything appended so far survives a power cut."""
        end = self.position + len(self.queue)
        if self._durable < end and self._failure is None:
            self.wants_sync = True
            if not self._is_added:
                self._add()
            await self._group.committed()
        if self._durable < end:
            raise self._lost()

    async def inbox(self) -> Sequence[Message]:
        """Return messages that were not returned before.

        A message counts as taken once the first record appended after it is written: both survive a crash, or neither.
        """
        if self._failure is not None:
            raise self._failure
        after = self._returned[-1][0] if self._returned else 0
        fresh = [entry for entry in self._group.shelf.messages(self) if entry[0] > after]
        if fresh:
            self._returned.append((fresh[-1][0], self.position + len(self.queue)))
        return [message for _, message in fresh]

    async def close(self) -> None:
        """Write what is queued and let others take the run; closing again does nothing."""
        if self.is_closed:
            return
        self.is_closed = True
        had_failed = self._failure is not None
        if self._is_added and not had_failed:
            self._group.commit()
        self._group.shelf.release(self)
        if self._failure is None:
            self._failure = StoreError(f"the journal of run {self.run_id} is closed")
        elif not had_failed:
            raise self._failure

    def committed(self, *, is_synced: bool) -> None:
        """Note that the queue is written."""
        self.position += len(self.queue)
        if is_synced:
            self._durable = self.position
        if self._returned:
            self._returned = [entry for entry in self._returned if entry[1] >= self.position]
        self.queue.clear()
        self.turn = None
        self._is_added = self.wants_sync = False

    def fail(self, error: StoreError) -> None:
        """Note that the queue is not written, and never will be."""
        self._failure = error
        self._is_added = self.wants_sync = False

    def _add(self) -> None:
        self._is_added = True
        self._group.add(self)

    def _lost(self) -> StoreError:
        return self._failure or StoreError(f"records of run {self.run_id} were not written")
