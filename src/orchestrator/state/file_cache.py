"""The result cache in plain files, one per result."""

import os
from hashlib import sha256
from pathlib import Path
from typing import cast

from orchestrator.core.cache import CachedResult
from orchestrator.errors import StoreError
from orchestrator.state.codec import decode_value, encode_value
from orchestrator.state.file_hold import make_folder, write_new
from orchestrator.state.trouble import disk_troubles


class FileCache:
    """Results in files of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def get(self, key: str, *, now: float) -> CachedResult | None:
        """Return the entry unless it is missing or expired."""
        with disk_troubles(self._folder):
            file = self._file(key)
            try:
                line = file.read_bytes()
            except FileNotFoundError:
                return None
            entry = _entry(line)
            if entry is not None and (entry[0] is None or entry[0] > now):
                return entry[1]
            file.unlink(missing_ok=True)
        return None

    async def put(self, key: str, result: CachedResult, *, expires: float | None) -> None:
        """Keep a result, replacing an older one."""
        line = encode_value([expires, result.value, result.model, result.labels])
        with disk_troubles(self._folder):
            make_folder(self._folder)
            file = self._file(key)
            draft = file.with_suffix(f".{os.getpid()}")
            write_new(draft, line)
            draft.replace(file)

    def _file(self, key: str) -> Path:
        return self._folder / f"{sha256(key.encode(errors='surrogatepass')).hexdigest()}.json"


def _entry(line: bytes) -> tuple[float | None, CachedResult] | None:
    """Return when a kept result expires, and the result; None for one that is damaged, which is as good as none."""
    try:
        parts = cast("list[object]", decode_value(line))
    except StoreError:
        return None
    match parts:
        case [None | float() | int() as expires, _, str(model), frozenset()]:
            return expires, CachedResult(parts[1], model, cast("frozenset[str]", parts[3]))
        case _:
            return None
