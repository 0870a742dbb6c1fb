"""A journal that tells observers of one run about each record, right after the journal took it."""

import logging
from collections.abc import Sequence

from orchestrator.core.hook import Observer
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record
from orchestrator.core.store import Journal, Message

_log = logging.getLogger(__name__)


class ObservedJournal:
    """Passes everything on to a journal, and each new record to the observers as well.

    An observer that raises is logged and goes no further.
    """

    __slots__ = ("_journal", "_observers", "_position")

    def __init__(self, journal: Journal, observers: Sequence[Observer], *, position: int) -> None:
        self._journal = journal
        self._observers = observers
        self._position = position

    @property
    def run_id(self) -> RunId:
        """The run."""
        return self._journal.run_id

    def append(self, record: Record) -> None:
        """Queue a record and tell the observers."""
        self._journal.append(record)
        self.tell(record)

    def tell(self, record: Record) -> None:
        """Tell the observers of a record that the journal has already."""
        position = self._position
        self._position += 1
        for observer in self._observers:
            try:
                observer(position, record)
            except Exception:  # noqa: BLE001 - whoever observes must not harm the run
                _log.exception("an observer failed at record %d of run %s", position, self.run_id)

    async def written(self) -> None:
        """Wait for the journal."""
        await self._journal.written()

    async def synced(self) -> None:
        """Wait for the journal."""
        await self._journal.synced()

    async def inbox(self) -> Sequence[Message]:
        """Return the journal's messages."""
        return await self._journal.inbox()

    async def close(self) -> None:
        """Close the journal."""
        await self._journal.close()
