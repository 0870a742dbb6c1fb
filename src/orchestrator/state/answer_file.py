"""Model answers in an SQLite file of their own: they outlive the process and are shared by those of one machine.

The file stands apart from the runs, so that deleting it loses nothing that matters and its writes never hold up a journal.
"""

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from orchestrator.core.response_cache import KeptAnswer
from orchestrator.errors import StoreError
from orchestrator.state.file_hold import make_folder

_FORMAT = 1
_TABLES = (
    """CREATE TABLE IF NOT EXISTS answers (
        key TEXT PRIMARY KEY, content BLOB NOT NULL, expires_at REAL, tags TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS tags (
        key TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (key, tag)
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS keys_by_tag ON tags (tag)",
    "CREATE INDEX IF NOT EXISTS answers_by_end ON answers (expires_at) WHERE expires_at IS NOT NULL",
)
_WAIT = 1.0
"""Seconds to wait for another process in the middle of its write."""
_BETWEEN = "\n"
"""Parts the tags of a row; no tag holds a line break."""


class AnswerFile:
    """Answers in a database file, which is made when the first is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    async def get(self, key: str, *, now: float) -> KeptAnswer | None:
        """Return the entry unless it is missing or expired."""
        if self._connection is None and not self._path.exists():
            return None
        with self._troubles() as database:
            query = "SELECT content, expires_at, tags FROM answers WHERE key = ?"
            row = cast("tuple[bytes, float | None, str] | None", database.execute(query, (key,)).fetchone())
        if row is None or (row[1] is not None and row[1] <= now):
            return None
        return KeptAnswer(row[0], row[1], tuple(row[2].split(_BETWEEN)) if row[2] else ())

    async def put(self, key: str, answer: KeptAnswer, *, now: float) -> None:
        """Keep an answer, replacing an older one; those that have expired go."""
        with self._troubles() as database, database:
            self._forget(database, "expires_at <= ?", (now,))
            database.execute("DELETE FROM tags WHERE key = ?", (key,))
            database.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)",
                (key, answer.content, answer.expires, _BETWEEN.join(answer.tags)),
            )
            database.executemany(
                "INSERT OR IGNORE INTO tags VALUES (?, ?)", [(key, tag) for tag in answer.tags]
            )

    async def clear(self, tag: str = "") -> int:
        """Forget what has the tag, everything where it is empty."""
        if self._connection is None and not self._path.exists():
            return 0
        with self._troubles() as database, database:
            if tag:
                return self._forget(database, "key IN (SELECT key FROM tags WHERE tag = ?)", (tag,))
            return self._forget(database, "TRUE", ())

    async def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _forget(self, database: sqlite3.Connection, condition: str, values: tuple[object, ...]) -> int:
        gone = f"SELECT key FROM answers WHERE {condition}"  # noqa: S608 - constants only
        keys = cast("list[tuple[str]]", database.execute(gone, values).fetchall())
        if keys:
            database.executemany("DELETE FROM tags WHERE key = ?", keys)
            database.executemany("DELETE FROM answers WHERE key = ?", keys)
        return len(keys)

    @contextmanager
    def _troubles(self) -> Generator[sqlite3.Connection]:
        """Give the connection; what database and disk refuse becomes a `StoreError`."""
        try:
            if self._connection is None:
                self._connection = _connect(self._path)
            yield self._connection
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the kept answers cannot be used: {error} — {self._path}",
                hint="nothing is lost when you delete that file.",
            ) from error


def _connect(path: Path) -> sqlite3.Connection:
    is_new = not path.parent.exists()
    make_folder(path.parent)
    if is_new and path.parent.name == ".py-orc":
        (path.parent / ".gitignore").write_text("*\n")
    # SQLite would make the file readable to all.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    database = sqlite3.connect(path, timeout=_WAIT, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        (version,) = cast("tuple[int]", database.execute("PRAGMA user_version").fetchone())
        if version not in (0, _FORMAT):
            raise sqlite3.DatabaseError(f"its format is {version}, this py-orc writes {_FORMAT}")  # noqa: TRY301 - closed below like any other
        if version != _FORMAT:
            with database:
                for statement in _TABLES:
                    database.execute(statement)
                database.execute(f"PRAGMA user_version={_FORMAT}")
    except BaseException:
        database.close()
        raise
    return database
