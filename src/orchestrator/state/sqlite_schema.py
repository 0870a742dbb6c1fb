"""The tables of the SQLite store, and the connection to them.

The schema grows by numbered migrations: each is applied once, in order, in one transaction with its number. A database
that a newer py-orc has touched is refused, never guessed at.
"""

import os
import sqlite3
from pathlib import Path
from typing import cast

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
    (
        "ALTER TABLE runs ADD COLUMN cost TEXT",
        "CREATE TABLE ledger (key TEXT PRIMARY KEY, total TEXT NOT NULL) WITHOUT ROWID",
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
    database = _connection(str(path))
    try:
        _check_owner(database, path)
        _use_write_ahead_log(database)
        database.execute("PRAGMA synchronous=NORMAL")
        _migrate(database, path)
    except BaseException:
        database.close()
        raise
    return database


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that may not be written; raises as `connect` does.

    Beside the file of a WAL database SQLite keeps two more, which it may have to make even for reading. Where it cannot, and
    no log is left to be read, the file is taken as one that nobody changes.
    """
    log = path.with_name(f"{path.name}-wal")
    is_quiet = not log.exists() or not log.stat().st_size
    try:
        return _checked(_connection(f"{path.resolve().as_uri()}?mode=ro"), path)
    except sqlite3.OperationalError:
        if not is_quiet:
            raise
        return _checked(_connection(f"{path.resolve().as_uri()}?mode=ro&immutable=1"), path)


def _connection(address: str) -> sqlite3.Connection:
    # The store is used by one thread at a time, but not always by the one that opened it.
    database = sqlite3.connect(
        address,
        timeout=WAIT,
        isolation_level=None,
        check_same_thread=False,
        uri=address.startswith("file:"),
    )
    database.text_factory = _text
    return database


def _text(content: bytes) -> str:
    """Return a text of the database, which SQLite does not hold to be UTF-8."""
    return content.decode(errors="surrogateescape")


def _checked(database: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Return a database that is only read, if this py-orc can."""
    try:
        _check_owner(database, path)
        _check_age(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _check_age(database: sqlite3.Connection, path: Path) -> None:
    """Raise `StoreError` for a schema that must be migrated first."""
    if _version(database, path) < len(MIGRATIONS):
        raise StoreError(
            f"the store was written by an older py-orc and cannot be brought up to date — {path}",
            hint="give yourself write access to it, or read a copy.",
        )


def _check_owner(database: sqlite3.Connection, path: Path) -> None:
    """Raise `StoreError` for a database with tables of somebody else."""
    tables = {
        str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    if tables and "schema_version" not in tables:
        raise StoreError(
            f"the database belongs to another program, or is damaged — {path}",
            hint="choose another store with --store, or restore it from a backup.",
        )


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
    if _version(database, path) == len(MIGRATIONS):
        return
    database.execute("BEGIN IMMEDIATE")
    version = _version(database, path)
    if version == 0:
        database.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
        database.execute("INSERT INTO schema_version VALUES (0)")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            database.execute(statement)
    database.execute("UPDATE schema_version SET version = ?", (len(MIGRATIONS),))
    database.execute("COMMIT")


def _version(database: sqlite3.Connection, path: Path) -> int:
    """Return how many migrations were applied, 0 for an empty database; raises `StoreError` for what this py-orc cannot read."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone():
        return 0
    row = cast("tuple[object] | None", database.execute("SELECT version FROM schema_version").fetchone())
    version = row[0] if row else None
    if type(version) is not int or version < 1:
        raise StoreError(
            f"the store is damaged: its schema has the version {version!r} — {path}",
            hint="restore it from a backup, or move it away to start a new one.",
        )
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the store was written by a newer py-orc (schema {version}, this one knows {len(MIGRATIONS)}) — {path}",
            hint="install that version, or choose another store with --store.",
        )
    return version
