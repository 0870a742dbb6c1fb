"""The contract by which a running pipeline gets another file that it names only at run time."""

from collections.abc import Mapping
from typing import Protocol

from orchestrator.core.pipeline import Pipeline


class PipelineLoader(Protocol):
    """Compiles files for `pipeline.run`."""

    async def load(self, file: str, *, relative_to: str) -> Pipeline:
        """Return the compiled file.

        `relative_to` is the file that names it. Raises `CompileError` or `SetupError` when it is missing, outside the
        allowed folders, or wrong.
        """
        ...

    def keep(self, pipeline: Pipeline) -> Mapping[str, object]:
        """Return plain data from which `restore` makes the same pipeline, for the journal."""
        ...

    async def restore(self, kept: Mapping[str, object]) -> Pipeline:
        """Return the pipeline that was kept, however the files have changed since."""
        ...
