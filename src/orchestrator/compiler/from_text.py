"""The way from a file's text to a pipeline, with the other files that it names."""

from typing import cast

from orchestrator.compiler.collector import without_collector
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.document import compile_data
from orchestrator.compiler.origin import Origin, Place
from orchestrator.compiler.text import Text
from orchestrator.core.action import ActionSource
from orchestrator.core.file_reader import FileReader
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.plain import is_mapping
from orchestrator.errors import CompileError, OrchestratorError

_MANY = 16
"""Files that may run each other, one inside the other."""


def compile_text(text: str, *, file: str, actions: ActionSource, files: FileReader | None = None) -> Pipeline:
    """Compile the text of a pipeline file; raises `CompileError` with everything that is wrong.

    `file` names it in messages, and is what names of other files are relative to. Without `files` there are none.
    """
    with without_collector():
        return _Family(actions, files).compile(text, file, (file,))


class _Family:
    """A file and those that it runs; each is compiled once."""

    __slots__ = ("_actions", "_files", "_known")

    def __init__(self, actions: ActionSource, files: FileReader | None) -> None:
        self._actions = actions
        self._files = files
        self._known: dict[str, Pipeline | None] = {}

    def compile(self, content: str, file: str, chain: tuple[str, ...]) -> Pipeline:
        """Return the pipeline of one file; `chain` holds it and the files that led to it."""
        from orchestrator.compiler.source import compose, read_data  # YAML is needed for texts only

        text = Text(content, file)
        root = compose(text)
        data, json_keys = read_data(root, text)
        origin = Origin(data, file=file, root=root, text=text)
        if "include:" in content or (is_mapping(data) and "extends" in data):
            from orchestrator.compiler.joining import join_files

            root, grafts = join_files(root, text, self._files)
            data, json_keys = read_data(root, text)
            origin = Origin(data, file=file, root=root, text=text, grafts=grafts)

        def subpipeline(c: Compilation, name: str, place: Place) -> Pipeline | None:
            return self._subpipeline(c, name, place, chain)

        return compile_data(data, origin, actions=self._actions, subpipeline=subpipeline, json_keys=json_keys)

    def _subpipeline(
        self, c: Compilation, name: str, place: Place, chain: tuple[str, ...]
    ) -> Pipeline | None:
        if self._files is None:
            return None
        try:
            path, content = self._files.read(name, c.file)
        except OSError as error:
            message = f"`{name}` cannot be read: {error.strerror or error}"
            c.problems.error(place, message, hint="names are relative to the file that holds them.")
            return None
        except OrchestratorError as error:
            hint = cast("str", getattr(error, "hint", ""))
            c.problems.error(place, cast("str", getattr(error, "message", str(error))), hint=hint)
            return None
        if path in chain or len(chain) > _MANY:
            walk = " → ".join((*chain[chain.index(path) if path in chain else 0 :], path))
            c.problems.error(
                place, f"the files run each other in a circle: {walk}", hint="take one of the calls away."
            )
            return None
        return self._compiled(c, content, path, chain)

    def _compiled(self, c: Compilation, content: str, path: str, chain: tuple[str, ...]) -> Pipeline | None:
        if path not in self._known:
            self._known[path] = None
            try:
                self._known[path] = self.compile(content, path, (*chain, path))
            except CompileError as error:
                c.problems.extend(error.problems)
        return self._known[path]
