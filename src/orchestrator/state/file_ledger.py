"""Money in plain files, one sum per key; a lock of the operating system keeps two writers apart, and dies with its process."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from orchestrator.state.file_hold import make_folder, write_all
from orchestrator.state.money import read_money
from orchestrator.state.trouble import disk_troubles

_LONGEST = 4096


class FileLedger:
    """Sums in files of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def reserve(self, key: str, amount: Decimal, *, cap: Decimal | None = None) -> Decimal | None:
        """Add an amount and return the sum; None when that would pass the cap."""
        with self._locked(key) as file:
            total = _read(file, self._path(key)) + amount
            if cap is not None and total > cap:
                return None
            _write(file, total)
        return total

    async def settle(self, key: str, *, reserved: Decimal, spent: Decimal) -> None:
        """Put what a call did cost in the place of what was reserved for it."""
        with self._locked(key) as file:
            _write(file, _read(file, self._path(key)) + spent - reserved)

    async def total(self, key: str) -> Decimal:
        """Return the sum."""
        if not self._path(key).exists():
            return Decimal(0)
        with self._locked(key) as file:
            return _read(file, self._path(key))

    @contextmanager
    def _locked(self, key: str) -> Generator[int]:
        with disk_troubles(self._folder):
            make_folder(self._folder)
            file = os.open(self._path(key), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock(file)
                yield file
            finally:
                os.close(file)

    def _path(self, key: str) -> Path:
        return self._folder / f"{sha256(key.encode(errors='surrogatepass')).hexdigest()}.txt"


def _lock(file: int) -> None:
    """Wait until nobody else has the file locked, and lock it until it is closed."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


def _read(file: int, path: Path) -> Decimal:
    """Return the last whole line: what a crash left torn behind it counts as never written."""
    lines = os.pread(file, _LONGEST, 0).split(b"\n")[:-1]
    return read_money(lines[-1].decode(errors="replace"), str(path)) if lines else Decimal(0)


def _write(file: int, total: Decimal) -> None:
    line = f"{total}\n".encode()
    kept = os.pread(file, _LONGEST, 0)
    if len(kept) + len(line) > _LONGEST:
        os.ftruncate(file, 0)
        kept = b""
    os.lseek(file, kept.rfind(b"\n") + 1, os.SEEK_SET)
    write_all(file, line)
