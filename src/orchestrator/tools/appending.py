"""Adding at the end of a file, and taking just that away again."""

import os
from typing import TypedDict, cast

from orchestrator.core.action import ActionContext, Params
from orchestrator.errors import ActionError
from orchestrator.tools.files import encode, workspace_of, write_all, write_bytes
from orchestrator.tools.snapshot import Kept, missing_folders, restore
from orchestrator.tools.workspace import FILE_FLAGS, Workspace


class Appended(TypedDict):
    """A file that was added to."""

    path: str
    size: int
    """Its size afterwards."""


def append_bytes(
    workspace: Workspace, path: str, added: bytes, *, create_directories: bool = True
) -> Appended:
    """Add bytes at the end of a file in one write, and make them durable."""
    with workspace.place(path, create=create_directories) as place:
        workspace.check_file(path, place)
        descriptor = os.open(
            place.name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | FILE_FLAGS, 0o666, dir_fd=place.folder
        )
        try:
            workspace.check_open_file(path, descriptor)
            if os.fstat(descriptor).st_nlink > 1:
                raise workspace.refusal(path, "has other names (hard links) that may lie elsewhere")
            write_all(descriptor, added)
            os.fsync(descriptor)
            return Appended(path=place.path, size=os.fstat(descriptor).st_size)
        finally:
            os.close(descriptor)


def before_append(parameters: Params, ctx: ActionContext) -> Kept:
    """Keep how long the file was: what an undo of `filesystem.append` needs."""
    workspace, path = workspace_of(ctx), str(parameters["path"])
    folders = missing_folders(workspace, path)
    if folders or workspace.kind(path) == "nothing":
        return {"path": path, "kind": "nothing", "folders": folders, "size": 0}
    with workspace.open(path) as descriptor:
        return {"path": path, "kind": "file", "folders": [], "size": os.fstat(descriptor).st_size}


def take_back(parameters: Params, kept: object, ctx: ActionContext) -> None:
    """Remove the added bytes, wherever behind the kept length they stand now; what others added stays."""
    before = cast("Kept", kept)
    workspace, path = workspace_of(ctx), str(parameters["path"])
    if workspace.kind(path) == "nothing":
        return
    size = cast("int", before["size"])
    added = encode(str(parameters["content"]), str(parameters.get("encoding", "utf-8")))
    content = _content(workspace, path)
    at = content.rfind(added, size)
    if at >= 0:
        content = content[:at] + content[at + len(added) :]
    elif len(content) > size:
        raise ActionError(f"{path} was changed since; what was added cannot be found", error_class="failed")
    if before["kind"] == "nothing" and not content:
        restore(workspace, before, key=ctx.idempotency_key)
    elif at >= 0:
        write_bytes(workspace, path, content, key=ctx.idempotency_key)


def _content(workspace: Workspace, path: str) -> bytes:
    with workspace.open(path) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read()
