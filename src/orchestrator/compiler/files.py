"""Files on disk, as far as a pipeline may name them: its own folder and below, and folders that were allowed."""

from collections.abc import Iterable
from pathlib import Path

from orchestrator.errors import SetupError


class DiskFiles:
    """Reads files in a pipeline's own folder, below it, and in the folders named here; links are followed first."""

    __slots__ = ("_allowed",)

    def __init__(self, own: str | Path, *, also: Iterable[str | Path] = ()) -> None:
        self._allowed = [Path(folder).resolve() for folder in (own, *also)]

    def read(self, name: str, relative_to: str) -> tuple[str, str]:
        """Return the path and the text of a file."""
        if "\0" in name:
            raise SetupError(f"{name!r} is no name of a file", hint="take the NUL character out.")
        path = (Path(relative_to).parent / name).resolve()
        if ".py-orc" in path.parts or not any(path.is_relative_to(folder) for folder in self._allowed):
            raise SetupError(
                f"`{name}` lies outside the folders that may be read",
                hint="move it below the folder of the pipeline, or allow its folder.",
            )
        if path.is_dir():
            raise SetupError(f"`{name}` is a folder", hint="name a file.")
        if path.exists() and not path.is_file():
            raise SetupError(f"`{name}` is no ordinary file", hint="name a file.")
        try:
            return str(path), path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise SetupError(f"`{name}` is no UTF-8 text", hint="save it as UTF-8.") from None
