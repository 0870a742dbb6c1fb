"""Pipeline files: read, compiled together with the `tools.py` beside them, and found again while a run is under way."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from orchestrator.core.action import ActionSource
from orchestrator.core.pipeline import Pipeline
from orchestrator.errors import SetupError


class Nearby(NamedTuple):
    """Which files to tell of where the one that was meant is not there."""

    endings: frozenset[str]
    kind: str
    otherwise: str


PIPELINES = Nearby(
    frozenset({".yaml", ".yml"}), "pipelines here are", "`py-orc init` writes one to start from."
)
INPUTS = Nearby(
    frozenset({".json", ".yaml", ".yml"}), "files here are", "write one `name: value` per line into it."
)
TOOLS_FILE = "tools.py"
MAX_BYTES = 4_000_000


def read_pipeline_text(file: str | Path, *, nearby: Nearby = PIPELINES) -> str:
    """Return the text of a pipeline file; raises `SetupError` when there is none, naming those that `nearby` tells of."""
    path = Path(file)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SetupError(
                f"{file} is larger than {MAX_BYTES:,} bytes", hint="split it into several files."
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SetupError(f"there is no file {file}", hint=_nearby(path, nearby)) from None
    except IsADirectoryError:
        raise SetupError(f"{file} is a folder", hint=_nearby(path / "pipeline.yaml", nearby)) from None
    except UnicodeDecodeError:
        raise SetupError(f"{file} is not UTF-8 text", hint="save it as UTF-8.") from None
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}", hint="check its permissions.") from None


def tools_file(file: str) -> Path | None:
    """Return the `tools.py` beside a pipeline file, if there is one."""
    if not file:
        return None
    found = Path(file).resolve().parent / TOOLS_FILE
    return found if found.is_file() else None


def compile_file(file: str | Path, actions: ActionSource, workspace: Path) -> Pipeline:
    """Compile a pipeline file; raises `CompileError` with every problem.

    The files that it names may lie in its own folder, in the workspace, or below either.
    """
    from orchestrator.compiler import compile_text
    from orchestrator.compiler.files import DiskFiles

    files = DiskFiles(Path(file).parent, also=(workspace,))
    return compile_text(read_pipeline_text(file), file=str(file), actions=actions, files=files)


def compile_kept(
    document: Mapping[str, object], *, file: str, actions: ActionSource, documents: Mapping[str, object]
) -> Pipeline:
    """Compile the canonical document that a run's journal keeps."""
    from orchestrator.compiler import compile_document

    return compile_document(document, file=file, actions=actions, documents=documents)


def _nearby(path: Path, nearby: Nearby) -> str:
    """Return advice that names files in the same folder."""
    from orchestrator.core.suggestion import suggestion

    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist either."
    known = [entry.name for entry in folder.iterdir() if entry.suffix in nearby.endings]
    return suggestion(path.name, known, kind=nearby.kind) or nearby.otherwise
