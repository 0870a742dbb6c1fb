"""The tables of the SQLite store, and the connection to them.

The schema grows by numbered migrations: each is applied once, in order, in one transaction with its number. A database
that a newer py-orc has touched is refused, never guessed at.
"""

import os
import sqlite3
from pathlib import Path

from orchestrator.errors import StoreError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            pipeline TEXT NOT NULL,
            workspace TEXT NOT NULL,
            key TEXT UNIQUE,
            status TEXT NOT NULL,
            created_at REAL NOT NULL,
            ended_at REAL,
            fence INTEGER NOT NULL,
            pid INTEGER,
            started TEXT,
            boot TEXT,
            namespace TEXT,
            host TEXT,
            expires_at REAL,
            syncs INTEGER NOT NULL DEFAULT 0
        )""",
        """CREATE TABLE records (
            run INTEGER NOT NULL,
            position INTEGER NOT NULL,
            record BLOB NOT NULL,
            PRIMARY KEY (run, position)
        ) WITHOUT ROWID""",
        """CREATE TABLE inbox (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            run INTEGER NOT NULL,
            id TEXT NOT NULL,
            kind TEXT NOT NULL,
            data BLOB NOT NULL,
            taken INTEGER NOT NULL DEFAULT 0,
            UNIQUE (run, id)
        )""",
        """CREATE TABLE cache (
            key TEXT PRIMARY KEY,
            result BLOB NOT NULL,
            expires_at REAL
        ) WITHOUT ROWID""",
    ),
)
"""`runs.expires_at` is for holds that end by time; `runs.syncs` gives a sync without records something to write."""

WAIT = 5.0
"""Seconds to wait for another process in the middle of its commit."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database, making it and its folder if need be; raises `StoreError`, `sqlite3.Error` and `OSError`.

    WAL lets others read while one writes, and needs no fsync for a commit that must only survive the process.
    """
    _make_folder(path.parent)
    # SQLite would make the file readable to all; its own side files take over what this one allows.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # The store is used by one thread at a time, but not always by the one that opened it.
    database = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
    try:
        _use_write_ahead_log(database)
        database.execute("PRAGMA synchronous=NORMAL")
        _migrate(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _make_folder(folder: Path) -> None:
    """Make the database's folder; the project's own keeps itself out of git, for journals hold what runs read."""
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_new and folder.name == ".py-orc":
        (folder / ".gitignore").write_text("*\n")


def _use_write_ahead_log(database: sqlite3.Connection) -> None:
    for tries_left in range(8, -1, -1):
        try:
            database.execute("PRAGMA journal_mode=WAL").fetchone()
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not tries_left:
                raise
            # The switch needs the new file for itself, and SQLite does not wait for that: let the other one finish.
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    if _version(database) == len(MIGRATIONS):
        return
    database.execute("BEGIN IMMEDIATE")
    version = _version(database)
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the store was written by a newer py-orc (schema {version}, this one knows {len(MIGRATIONS)}) — {path}",
            hint="install that version, or choose another store with --store.",
        )
    if version == 0:
        database.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
        database.execute("INSERT INTO schema_version VALUES (0)")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute("UPDATE schema_version SET version = ?", (len(MIGRATIONS),))
    database.execute("COMMIT")


def _version(database: sqlite3.Connection) -> int:
    """Return how many migrations were applied; 0 for an empty database."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone():
        return 0
    row = database.execute("SELECT version FROM schema_version").fetchone()
    return int(row[0]) if row else 0
