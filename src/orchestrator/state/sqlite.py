"""The store in one SQLite file: the default, for one machine with any number of processes."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from orchestrator.core.cache import CachedResult
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated
from orchestrator.core.status import RunStatus
from orchestrator.core.store import Journal, Message, RunSummary
from orchestrator.errors import RunBusyError, RunExistsError, StoreError, UnknownRunError
from orchestrator.state.codec import decode_value, encode_record, encode_value
from orchestrator.state.damage import damaged_entry, damaged_run, read_records
from orchestrator.state.group_commit import GroupCommit, QueuedJournal
from orchestrator.state.holder import Holder, holder_of, is_alive, this_process
from orchestrator.state.money import read_money
from orchestrator.state.record_fields import is_ending, is_time
from orchestrator.state.run_ids import resolve_run, unknown_run
from orchestrator.state.sqlite_database import Database
from orchestrator.state.sqlite_ledger import SqliteLedger
from orchestrator.state.sqlite_shelf import SqliteShelf
from orchestrator.state.trouble import Fault, no_fault

_HOLDER = "pid, started, boot, namespace, host"
_SUMMARY = (
    "SELECT id, pipeline, status, created_at, ended_at, workspace, coalesce(key, ''), cost, "  # noqa: S608 — constants only
    f"{_HOLDER} FROM runs"
)


class SqliteStore:
    """Runs in a database file, which is made when the first run is.

    `fault` is told the name of each write before and after it happens; tests make it raise.
    """

    def __init__(self, path: str | Path, *, fault: Fault = no_fault) -> None:
        self._database = Database(Path(path), fault=fault)
        self._shelf = SqliteShelf(self._database, fault=fault)
        self._group = GroupCommit(self._shelf)
        self._journals: list[QueuedJournal] = []
        self._me: Holder | None = None
        self.cache = SqliteCache(self._database)
        self.ledger = SqliteLedger(self._database)

    async def create(self, record: RunCreated) -> Journal:
        """Start a journal, held by this process; its first record is written when this returns."""
        line = encode_record(record)
        try:
            with self._database.transaction() as connection:
                number = self._insert(connection, record, line)
        except StoreError:
            self._shelf.lapsed.add((record.run_id, 1))
            raise
        return self._journal(record.run_id, number, position=1, fence=1)

    async def open(self, run_id: RunId) -> Journal:
        """Take over the journal of a run that no live process holds."""
        fence = 0
        try:
            with self._database.transaction() as connection:
                number, fence = self._take(connection, run_id)
                query = "SELECT coalesce(max(position) + 1, 0) FROM records WHERE run = ?"
                (position,) = cast("tuple[int]", connection.execute(query, (number,)).fetchone())
        except StoreError:
            self._shelf.lapsed.add((run_id, fence))
            raise
        return self._journal(run_id, number, position=position, fence=fence)

    async def read(self, run_id: RunId, *, start: int = 0) -> Sequence[Record]:
        """Return the written records from position `start` on."""
        rows = self._database.rows(
            "SELECT position, record FROM records WHERE run = ? AND position >= ? ORDER BY position",
            (self._number(run_id), start),
        )
        lines = cast("list[tuple[object, object]]", rows)
        return read_records(lines, run_id, start=start, place=str(self._database.path))

    async def runs(self, *, status: RunStatus | None = None, limit: int = 100) -> Sequence[RunSummary]:
        """Return runs, newest first."""
        # Whether a run is interrupted shows only when its holder is looked for, damage only when the row is read.
        is_stored = status not in {"running", "interrupted", "damaged"}
        where, parameters = (
            ("", ())
            if status in {None, "damaged"}
            else ("WHERE status = ?", (status if is_stored else "running",))
        )
        rows = self._database.rows(
            f"{_SUMMARY} {where} ORDER BY created_at DESC, number DESC LIMIT ?",
            (*parameters, limit if is_stored else -1),
        )
        found: list[RunSummary] = []
        for row in rows:
            if len(found) == limit:
                break
            summary = self._summary(row)
            if status is None or summary.status == status:
                found.append(summary)
        return found

    async def summary(self, run_id: RunId) -> RunSummary:
        """Return one run as lists show it."""
        rows = self._database.rows(f"{_SUMMARY} WHERE id = ?", (run_id,))
        if not rows:
            raise self._unknown(run_id)
        return self._summary(rows[0])

    async def resolve(self, text: str) -> RunId:
        """Return the one run whose id is, begins with or ends with the text."""
        return resolve_run(text, self._ids())

    async def post(self, run_id: RunId, message: Message) -> None:
        """Leave a message for the holder of a run, present or future."""
        number = self._number(run_id)
        data = encode_value(message.data)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO inbox (run, id, kind, data) VALUES (?, ?, ?, ?)",
                (number, message.id, message.kind, data),
            )

    async def delete(self, run_id: RunId) -> None:
        """Forget a run that nobody holds."""
        with self._database.transaction() as connection:
            number, _ = self._take(connection, run_id)
            connection.execute("DELETE FROM records WHERE run = ?", (number,))
            connection.execute("DELETE FROM inbox WHERE run = ?", (number,))
            connection.execute("DELETE FROM runs WHERE number = ?", (number,))

    async def close(self) -> None:
        """Close all journals and let go of the file."""
        try:
            for journal in self._journals:
                await journal.close()
        finally:
            self._journals.clear()
            self._database.close()

    def _journal(self, run_id: RunId, number: int, *, position: int, fence: int) -> QueuedJournal:
        journal = QueuedJournal(run_id, self._group, number=number, position=position, fence=fence)
        self._journals = [known for known in self._journals if not known.is_closed]
        self._journals.append(journal)
        return journal

    def _insert(self, connection: sqlite3.Connection, record: RunCreated, line: bytes) -> int:
        """Write a new run, held by this process; returns its number."""
        if record.key:
            query = "SELECT id FROM runs WHERE key = ?"
            row = cast("tuple[str] | None", connection.execute(query, (record.key,)).fetchone())
            if row is not None:
                raise RunExistsError(row[0], record.key)
        number = connection.execute(
            f"INSERT INTO runs (id, pipeline, workspace, key, status, created_at, fence, {_HOLDER})"  # noqa: S608
            " VALUES (?, ?, ?, ?, 'running', ?, 1, ?, ?, ?, ?, ?)",
            (
                record.run_id,
                record.pipeline,
                record.workspace,
                record.key or None,
                record.at,
                *self._holder(),
            ),
        ).lastrowid
        connection.execute("INSERT INTO records VALUES (?, 0, ?)", (number, line))
        return number or 0

    def _take(self, connection: sqlite3.Connection, run_id: RunId) -> tuple[int, int]:
        """Make this process the holder; returns the run's number and the new fence."""
        query = f"SELECT number, fence, {_HOLDER} FROM runs WHERE id = ?"  # noqa: S608
        row = connection.execute(query, (run_id,)).fetchone()
        if row is None:
            raise self._unknown(run_id)
        number, fence, *parts = cast("tuple[int, object, object]", row)
        try:
            holder = _holder(parts)
        except ValueError:
            raise damaged_entry(run_id, str(self._database.path)) from None
        if type(fence) is not int:
            raise damaged_entry(run_id, str(self._database.path))
        if holder and (run_id, fence) not in self._shelf.lapsed and is_alive(holder, seen_by=self._holder()):
            raise RunBusyError(run_id, str(holder))
        connection.execute(
            "UPDATE runs SET fence = ?, pid = ?, started = ?, boot = ?, namespace = ?, host = ? WHERE number = ?",
            (fence + 1, *self._holder(), number),
        )
        return number, fence + 1

    def _summary(self, row: tuple[object, ...]) -> RunSummary:
        match row[:8]:
            case [
                str(run_id),
                str(pipeline),
                str(status),
                float(created_at),
                None | float() as ended_at,
                str(workspace),
                str(key),
                None | str() as cost,
            ] if is_time(created_at) and (ended_at is None or is_time(ended_at)):
                now = self._status(status, row[8:])
            case _:
                return damaged_run(row[0], pipeline=row[1], created_at=row[3])
        return RunSummary(
            run_id=RunId(run_id),
            pipeline=pipeline,
            status=now,
            created_at=created_at,
            ended_at=ended_at,
            workspace=workspace,
            key=key,
            cost=None if cost is None else read_money(cost, str(self._database.path)),
        )

    def _status(self, stored: str, holder: Sequence[object]) -> RunStatus:
        """Return how a run stands, which for one that has not ended depends on its holder."""
        if is_ending(stored):
            return stored
        try:
            found = _holder(holder)
        except ValueError:
            return "damaged"
        if stored != "running":
            return "damaged"
        is_held = found is not None and is_alive(found, seen_by=self._holder())
        return "running" if is_held else "interrupted"

    def _number(self, run_id: RunId) -> int:
        rows = self._database.rows("SELECT number FROM runs WHERE id = ?", (run_id,))
        if not rows:
            raise self._unknown(run_id)
        return cast("int", rows[0][0])

    def _unknown(self, run_id: str) -> UnknownRunError:
        return unknown_run(run_id, self._ids())

    def _ids(self) -> list[str]:
        return [str(run_id) for (run_id,) in self._database.rows("SELECT id FROM runs ORDER BY number DESC")]

    def _holder(self) -> Holder:
        if self._me is None:
            self._me = this_process()
        return self._me


class SqliteCache:
    """Results in a table beside the runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str, *, now: float) -> CachedResult | None:
        """Return the entry unless it is missing or expired; one that is expired takes all others of its kind along."""
        rows = self._database.rows("SELECT result, expires_at FROM cache WHERE key = ?", (key,))
        if not rows:
            return None
        line, expires = cast("tuple[bytes, object]", rows[0])
        if type(expires) is float and expires <= now:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM cache WHERE expires_at <= ?", (now,))
            return None
        return _result(line)

    async def put(self, key: str, result: CachedResult, *, expires: float | None) -> None:
        """Keep a result, replacing an older one."""
        line = encode_value([result.value, result.model, result.labels])
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO cache VALUES (?, ?, ?)", (key, line, expires))


def _result(line: bytes) -> CachedResult | None:
    """Return a kept result; None for one that is damaged, which is as good as none."""
    try:
        parts = cast("list[object]", decode_value(line))
    except StoreError:
        return None
    match parts:
        case [_, str(model), frozenset()]:
            return CachedResult(parts[0], model, cast("frozenset[str]", parts[2]))
        case _:
            return None


def _holder(columns: Sequence[object]) -> Holder | None:
    """Return the holder that a row names, None for one that was released; raises ValueError for what makes no sense."""
    return None if columns[0] is None else holder_of(columns)
