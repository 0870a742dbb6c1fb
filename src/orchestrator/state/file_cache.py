"""The result cache in plain files, one per result."""

import os
from hashlib import sha256
from pathlib import Path
from typing import cast

from orchestrator.core.cache import CachedResult
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
            expires, value, model, labels = cast(
                "tuple[float | None, object, str, frozenset[str]]", decode_value(line)
            )
            if expires is not None and expires <= now:
                file.unlink(missing_ok=True)
                return None
        return CachedResult(value, model, labels)

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
