"""What a store says when the disk or the database refuses: what happened, where, and what to free or do."""

import errno
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.errors import StoreError

Fault = Callable[[str], None]
"""Is told the name of each write before and after it happens; tests make it raise."""


def no_fault(_name: str) -> None:
    """Let every write pass."""


def store_error(error: Exception, place: str) -> StoreError:
    """Return the sentence for an `OSError` or `sqlite3.Error`; the original stays its cause."""
    trouble = _database_trouble(error) if hasattr(error, "sqlite_errorcode") else _disk_trouble(error)
    what, advice = trouble or (str(error), "see whether the disk is healthy, then `py-orc resume` the run.")
    found = StoreError(f"{what} — {place}", hint=advice)
    found.__cause__ = error
    return found


@contextmanager
def disk_troubles(place: Path) -> Generator[None]:
    """Turn what the system refuses into a `StoreError`."""
    try:
        yield
    except OSError as error:
        raise store_error(error, str(place)) from error


_FULL = ("the disk is full", "free some space, then `py-orc resume` the run.")
_READ_ONLY = (
    "the store cannot be written",
    "give yourself write access to it, or choose another with --store.",
)
_BROKEN = ("the disk reported an I/O error", "see whether the disk is healthy, then `py-orc resume` the run.")
_LOCKED = ("the store is locked by another process", "end the program that holds it open, then try again.")
_CORRUPT = ("the store is damaged", "restore it from a backup, or move it away to start a new one.")
_UNOPENED = (
    "the store cannot be opened",
    "see whether the folder exists and is yours, or choose another with --store.",
)

_DATABASE = {
    5: _LOCKED,
    6: _LOCKED,
    8: _READ_ONLY,
    10: _BROKEN,
    11: _CORRUPT,
    13: _FULL,
    14: _UNOPENED,
    20: _CORRUPT,
    26: _CORRUPT,
}
"""By the primary result code of SQLite."""

_DISK = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EIO: _BROKEN,
    errno.EEXIST: _UNOPENED,
    errno.ENOTDIR: _UNOPENED,
    errno.EISDIR: _UNOPENED,
}


def _database_trouble(error: Exception) -> tuple[str, str] | None:
    code: object = getattr(error, "sqlite_errorcode", 0)
    if code == 1:  # a table or column that is not as it was made
        return f"{_CORRUPT[0]}: {error}", _CORRUPT[1]
    return _DATABASE.get(code & 0xFF) if isinstance(code, int) else None


def _disk_trouble(error: Exception) -> tuple[str, str] | None:
    return _DISK.get(error.errno or 0) if isinstance(error, OSError) else None
