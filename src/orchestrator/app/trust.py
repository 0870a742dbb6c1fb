"""Whether a file's `tools.py` may be executed: the project's own may, one from elsewhere asks once per content."""

from collections.abc import Callable
from pathlib import Path

from orchestrator.errors import SetupError
from orchestrator.settings import Settings
from orchestrator.settings.project import STATE_FOLDER

Ask = Callable[[str], bool]
"""Puts a question to a person and returns the answer."""

_MEMORY = "trusted-tools"


class ToolsTrust:
    """Decides about tools files.

    A file inside the workspace belongs to the project. Any other needs a yes, which is remembered by its digest in
    the folder that holds the project's state: a changed file asks again. Where nobody can be asked it is refused.
    """

    def __init__(self, settings: Settings, *, ask: Ask | None, everything: bool = False) -> None:
        self._workspace = settings.workspace.resolve()
        self._file = settings.root / STATE_FOLDER / _MEMORY
        self._ask = ask
        self._everything = everything
        self._said_yes: set[str] = set()

    def check(self, path: Path, digest: str) -> None:
        """Return when the file may be executed; raises `SetupError` when not."""
        if self._everything or path.resolve().is_relative_to(self._workspace) or digest in self._trusted():
            return
        if self._ask is None:
            raise SetupError(
                f"{path} lies outside the workspace {self._workspace} and was not trusted yet",
                hint="read it, then run again with --trust-tools (in Python: trust_tools=True), or from its own folder.",
            )
        if not self._ask(f"{path} holds Python code from outside this workspace. Run it?"):
            raise SetupError(f"{path} was not trusted", hint="nothing was run.")
        self._remember(path, digest)

    def _trusted(self) -> set[str]:
        if self._file.is_file():
            lines = self._file.read_text(encoding="utf-8").splitlines()
            return self._said_yes | {line.partition(" ")[0] for line in lines}
        return self._said_yes

    def _remember(self, path: Path, digest: str) -> None:
        self._said_yes.add(digest)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as memory:
            memory.write(f"{digest} {path.resolve()}\n")
