"""How the group commit reaches SQLite: the queues of all journals in one transaction.

Records are plain rows `(run, position, record)`. A record is *written* with synchronous=NORMAL (it survives the process,
not always the machine) and *synced* with FULL. After a commit with NORMAL an empty one with FULL would fsync nothing, so a
sync without records of its own counts up `runs.syncs`. One fsync of the WAL covers every commit before it, whoever made it.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import cast

from orchestrator.core.ids import RunId
from orchestrator.core.journal import RunEnded
from orchestrator.core.store import Message
from orchestrator.errors import StoreError
from orchestrator.state.codec import decode_value
from orchestrator.state.damage import RESTORE
from orchestrator.state.group_commit import QueuedJournal
from orchestrator.state.sqlite_database import Database
from orchestrator.state.trouble import Fault, no_fault


class SqliteShelf:
    """The writing side of the journals of one database."""

    def __init__(self, database: Database, *, fault: Fault = no_fault) -> None:
        self._database = database
        self._fault = fault
        self.lapsed: set[tuple[RunId, int]] = set()
        """Holds that nobody here uses, though the database may say so: their taking or releasing was not confirmed."""

    def commit(self, journals: Sequence[QueuedJournal]) -> None:
        """Write the queues of the journals in one transaction, with an fsync when one of them wants it."""
        is_synced = any(journal.wants_sync for journal in journals)
        try:
            with self._database.transaction(is_synced=is_synced) as connection:
                fenced = [journal for journal in journals if not self._write(connection, journal)]
        except StoreError as error:
            for journal in journals:
                journal.fail(error)
            return
        for journal in journals:
            if journal in fenced:
                journal.fail(
                    StoreError(f"run {journal.run_id} was taken over by another process, or deleted")
                )
            else:
                journal.committed(is_synced=is_synced)

    def messages(self, journal: QueuedJournal) -> Sequence[tuple[int, Message]]:
        """Return the messages of a run that were not taken yet."""
        rows = self._database.rows(
            "SELECT number, id, kind, data FROM inbox WHERE run = ? AND NOT taken ORDER BY number",
            (journal.number,),
        )
        found = cast("list[tuple[int, str, str, bytes]]", rows)
        return [
            (number, Message(name, kind, self._content(name, data))) for number, name, kind, data in found
        ]

    def _content(self, name: str, line: bytes) -> Mapping[str, object]:
        data = decode_value(line)
        if not isinstance(data, dict):
            raise StoreError(f"the message {name!r} is damaged — {self._database.path}", hint=RESTORE)
        return cast("dict[str, object]", data)

    def release(self, journal: QueuedJournal) -> None:
        """Let others take the run; where that cannot be written, remember that the hold means nothing."""
        try:
            with self._database.transaction() as connection:
                connection.execute(
                    "UPDATE runs SET pid = NULL WHERE number = ? AND fence = ?",
                    (journal.number, journal.fence),
                )
        except StoreError:
            self.lapsed.add((journal.run_id, journal.fence))

    def _write(self, connection: sqlite3.Connection, journal: QueuedJournal) -> bool:
        """Write one queue; False when the journal has lost its hold."""
        number = journal.number
        row = connection.execute("SELECT fence FROM runs WHERE number = ?", (number,)).fetchone()
        if row is None or row[0] != journal.fence:
            return False
        self._fault("sqlite.insert")
        if len(journal.queue) == 1:
            row = (number, journal.position, journal.queue[0])
            connection.execute("INSERT INTO records VALUES (?, ?, ?)", row)
        elif journal.queue:
            connection.executemany(
                "INSERT INTO records VALUES (?, ?, ?)",
                [(number, position, line) for position, line in enumerate(journal.queue, journal.position)],
            )
        else:
            connection.execute("UPDATE runs SET syncs = syncs + 1 WHERE number = ?", (number,))
        self._fault("sqlite.inserted")
        if (turn := journal.turn) is not None:
            ended = turn if isinstance(turn, RunEnded) else None
            status, ended_at = (ended.status, ended.at) if ended else ("running", None)
            cost = None if ended is None or ended.cost is None else str(ended.cost)
            connection.execute(
                "UPDATE runs SET status = ?, ended_at = ?, cost = ? WHERE number = ?",
                (status, ended_at, cost, number),
            )
        if (last := journal.acknowledged) is not None:
            connection.execute("UPDATE inbox SET taken = 1 WHERE run = ? AND number <= ?", (number, last))
        return True
