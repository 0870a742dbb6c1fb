"""Whole files of a workspace, read and written in one piece."""

import asyncio
import hashlib
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, TypedDict

from orchestrator.core.action import ActionContext, Touch
from orchestrator.errors import ActionError
from orchestrator.tools.workspace import FILE_FLAGS, Place, Workspace

MAX_BYTES: Final = 10_000_000


class Written(TypedDict):
    """A file that was written."""

    path: str
    size: int


def read_bytes(workspace: Workspace, path: str, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return a file's bytes; raises ActionError when it holds more than `max_bytes`."""
    with workspace.open(path) as descriptor:
        chunks: list[bytes] = []
        room = max_bytes + 1
        while room > 0:
            chunk = os.read(descriptor, min(room, 1 << 20))
            if not chunk:
                break
            chunks.append(chunk)
            room -= len(chunk)
    if room <= 0:
        raise ActionError(
            f"{path} is larger than {max_bytes} bytes; raise `max_bytes` to read it anyway",
            error_class="invalid_request",
        )
    return b"".join(chunks)


def read_text(workspace: Workspace, path: str, *, encoding: str = "utf-8", max_bytes: int = MAX_BYTES) -> str:
    """Return a file's text, its line ends as they are."""
    return decode(path, read_bytes(workspace, path, max_bytes=max_bytes), encoding)


def decode(path: str, content: bytes, encoding: str = "utf-8") -> str:
    """Return a file's bytes as text; raises ActionError for bytes that are none."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ActionError(
            f"{path} is not {encoding} text at byte {error.start}; say which `encoding` it has",
            error_class="invalid_request",
        ) from error
    except (LookupError, ValueError) as error:
        raise ActionError(f"there is no encoding {encoding!r}", error_class="invalid_request") from error


def encode(text: str, encoding: str = "utf-8") -> bytes:
    """Return text as bytes; raises ActionError for what the encoding cannot say."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise ActionError(
            f"the character {text[error.start]!a} at {error.start} cannot be written as {encoding}",
            error_class="invalid_request",
        ) from error
    except (LookupError, ValueError) as error:
        raise ActionError(f"there is no encoding {encoding!r}", error_class="invalid_request") from error


def write_bytes(
    workspace: Workspace,
    path: str,
    content: bytes,
    *,
    key: str,
    create_directories: bool = True,
    mode: int | None = None,
) -> Written:
    """Replace a file's content in one step: readers see the old or the new, never a part.

    Args:
        workspace: Where it is.
        path: The file; a symbolic link inside the workspace is followed.
        content: Its new bytes.
        key: The call's idempotency key: what a killed attempt left behind is found again and replaced.
        create_directories: Whether missing folders are made.
        mode: The file's permissions; otherwise they stay, or are those of any new file.
    """
    with workspace.place(path, create=create_directories) as place:
        if workspace.check_file(path, place) == "file" and mode is None:
            mode = stat.S_IMODE(os.stat(place.name, dir_fd=place.folder, follow_symlinks=False).st_mode)
        _replace(place, content, mode, key)
        return Written(path=place.path, size=len(content))


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte to an open file."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def written_touches(parameters: Mapping[str, object]) -> list[Touch]:
    """Return what a call that writes its `path` touches."""
    return [Touch(kind="write", what=str(parameters.get("path", "…")))]


def read_touches(parameters: Mapping[str, object]) -> list[Touch]:
    """Return what a call that reads its `path` touches."""
    return [Touch(kind="read", what=str(parameters.get("path", "…")))]


async def file_fingerprint(parameters: Mapping[str, object], ctx: ActionContext) -> str:
    """Return the digest of what the file `path` holds; for one that cannot be read, something that never comes again."""

    def digest() -> str:
        content = read_bytes(workspace_of(ctx), str(parameters.get("path")), max_bytes=sys.maxsize >> 1)
        return hashlib.sha256(content).hexdigest()

    try:
        return await asyncio.to_thread(digest)
    except (ActionError, OSError):
        return ctx.idempotency_key


def workspace_of(ctx: ActionContext) -> Workspace:
    """Return the workspace of a call."""
    return Workspace(ctx.workspace)


def _replace(place: Place, content: bytes, mode: int | None, key: str) -> None:
    token = hashlib.sha256(f"{key}\0{place.path}".encode(errors="surrogateescape")).hexdigest()[:16]
    temporary = place.beside(f".{token}.orc-tmp")
    with suppress(FileNotFoundError):
        os.unlink(temporary, dir_fd=place.folder)
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | FILE_FLAGS, 0o666, dir_fd=place.folder
    )
    try:
        try:
            write_all(descriptor, content)
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=place.folder)
        raise
    if place.folder is not None:
        os.fsync(place.folder)
