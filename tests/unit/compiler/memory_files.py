"""A file reader over a mapping, as quick as the disk is slow."""

from collections.abc import Mapping
from posixpath import dirname, join, normpath

from orchestrator.errors import SetupError


class MemoryFiles:
    """Files by path; what starts with `..` is outside."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def read(self, name: str, relative_to: str) -> tuple[str, str]:
        """Return path and text."""
        path = normpath(join(dirname(relative_to), name))
        if path.startswith(".."):
            raise SetupError(f"`{name}` lies outside", hint="move it.")
        if path not in self._files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return path, self._files[path]
