"""Files that a command writes for people: whole or not at all, and what the system refuses is a sentence."""

import os
from pathlib import Path

from orchestrator.errors import SetupError


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file as UTF-8, replacing an earlier one; raises `SetupError`.

    The earlier one stays until the new one is whole: a full disk must not cost anybody their pipeline.
    """
    data = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    try:
        if path.is_file():
            _replace(path.resolve(), data)
        else:
            path.write_bytes(data)
    except OSError as error:
        raise unwritable(path, error) from None


def make_parent(path: Path) -> None:
    """Make the folder of a file; raises `SetupError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from None


def unwritable(path: Path, error: OSError) -> SetupError:
    """Return the error for a place that cannot be written."""
    return SetupError(
        f"{path} cannot be written: {error.strerror}",
        hint="check its permissions and free space, or choose another place.",
    )


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)
    except PermissionError:  # the folder may be closed while the file is not
        path.write_bytes(data)
    finally:
        draft.unlink(missing_ok=True)
