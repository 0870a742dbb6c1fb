"""One SQLite file: opened when it is first needed, asked and changed with errors that say what to do."""

import errno
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from orchestrator.errors import StoreError
from orchestrator.state.sqlite_schema import connect, connect_to_read
from orchestrator.state.trouble import Fault, no_fault, store_error

Row = tuple[object, ...]


class Database:
    """A database that may not be there yet."""

    def __init__(self, path: Path, *, fault: Fault = no_fault) -> None:
        self.path = path
        self._fault = fault
        self._connection: sqlite3.Connection | None = None
        self._is_full = False
        """Whether commits fsync at the moment."""
        self._is_closed = False

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return what the query finds; nothing where there is no file yet, which reading does not make."""
        try:
            if self._connection is None and not self._is_closed and not self.path.exists():
                return []
            return self._opened_to_read().execute(query, parameters).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise store_error(error, str(self.path)) from error

    @contextmanager
    def transaction(self, *, is_synced: bool = False) -> Generator[sqlite3.Connection]:
        """Give the one writer's connection; commits at the end, takes everything back on an error.

        Raises `StoreError` for what database and disk refuse.
        """
        try:
            connection = self._opened()
            if is_synced is not self._is_full:
                connection.execute(f"PRAGMA synchronous={'FULL' if is_synced else 'NORMAL'}")
                self._is_full = is_synced
            self._fault("sqlite.begin")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            self._fault("sqlite.commit")
            connection.execute("COMMIT")
            self._fault("sqlite.committed")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, (sqlite3.Error, OSError)):
                raise store_error(error, str(self.path)) from error
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._is_closed = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened_to_read(self) -> sqlite3.Connection:
        """Return the connection; one that only reads, for now, where the file cannot be written."""
        try:
            return self._opened()
        except (sqlite3.OperationalError, OSError) as error:
            if not _forbids_writing(error):
                raise
            self._connection = connect_to_read(self.path)
            return self._connection

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            if self._is_closed:
                raise StoreError(f"the store is closed — {self.path}")
            self._connection = connect(self.path)
        return self._connection

    def _roll_back(self) -> None:
        # A failed COMMIT may or may not have ended the transaction.
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _forbids_writing(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}
    code: object = getattr(error, "sqlite_errorcode", 0)
    return isinstance(code, int) and code & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
