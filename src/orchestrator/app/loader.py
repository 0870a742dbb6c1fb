"""Pipeline files that a running step names only at run time."""

from collections.abc import Mapping
from pathlib import Path

from orchestrator.app.files import compile_file, compile_kept
from orchestrator.compiler import inner_documents
from orchestrator.core.action import ActionSource
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.plain import is_mapping
from orchestrator.errors import SetupError, StoreError


class FileLoader:
    """Compiles files from the workspace, or from the folder of the file that names them."""

    def __init__(self, actions: ActionSource, workspace: Path) -> None:
        self._actions = actions
        self._workspace = workspace.resolve()

    async def load(self, file: str, *, relative_to: str) -> Pipeline:
        """Return the compiled file; raises `SetupError` for one outside the folders that are allowed."""
        return compile_file(self._allowed(file, relative_to), self._actions, self._workspace)

    def keep(self, pipeline: Pipeline) -> Mapping[str, object]:
        """Return the documents from which `restore` makes the same pipeline."""
        return {"file": pipeline.file, "document": pipeline.document, "documents": inner_documents(pipeline)}

    async def restore(self, kept: Mapping[str, object]) -> Pipeline:
        """Return the pipeline that was kept."""
        file, document, documents = (kept.get(name) for name in ("file", "document", "documents"))
        if not isinstance(file, str) or not is_mapping(document) or not is_mapping(documents):
            raise StoreError(
                "the journal does not tell which pipeline file was chosen",
                hint="restore the store from a backup; the other runs are not touched.",
            )
        return compile_kept(document, file=file, actions=self._actions, documents=documents)

    def _allowed(self, file: str, relative_to: str) -> Path:
        home = Path(relative_to).resolve().parent if relative_to else self._workspace
        if "\0" in file:
            raise SetupError(f"{file!r} is no name of a file", hint="take the NUL character out.")
        path = (home / file).resolve()
        if ".py-orc" in path.parts or (path.exists() and not path.is_file()):
            raise SetupError(f"{file} is no pipeline file", hint="name an ordinary file outside of .py-orc.")
        if path.is_relative_to(home) or path.is_relative_to(self._workspace):
            return path
        raise SetupError(
            f"the pipeline file {file} lies outside the workspace {self._workspace}",
            hint="move it into the workspace, or name it literally in the file.",
        )
