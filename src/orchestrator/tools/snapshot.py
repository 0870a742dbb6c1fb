"""What stood at a path before an effect, as plain data, and the way back to it."""

import base64
import os
import stat
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, cast

from orchestrator.core.action import ActionContext, Params
from orchestrator.errors import ActionError
from orchestrator.tools.files import workspace_of, write_bytes
from orchestrator.tools.workspace import FILE_FLAGS, FOLDER_FLAGS, Kind, Place, Workspace, kind_of

MAX_KEPT: Final = 16_000_000
"""Bytes of content that are kept for one undo."""

Kept = dict[str, object]


def take(workspace: Workspace, path: str, *, follow: bool = True, max_bytes: int = MAX_KEPT) -> Kept:
    """Return what stands at a path; raises ActionError when it is too much to keep.

    Args:
        workspace: Where it is.
        path: A file, link, folder (with everything in it) or nothing yet.
        follow: Whether a symbolic link at the end stands for its target.
        max_bytes: How much content may be kept.
    """
    missing = missing_folders(workspace, path)
    if missing:
        return {"path": path, "kind": "nothing", "folders": missing}
    with workspace.place(path, follow=follow) as place:
        budget = _Budget(path, max_bytes)
        return {"path": place.path, **_entry(place, budget), "folders": []}


def restore(workspace: Workspace, kept: Mapping[str, object], *, key: str) -> None:
    """Make a path be what it was; does nothing when it is so already."""
    path = cast("str", kept["path"])
    kind = cast("Kind", kept["kind"])
    with _tolerating("not_found"):
        if kind == "nothing" or workspace.kind(path, follow=False) not in (kind, "nothing"):
            _remove(workspace, path)
    _put(workspace, path, kept, key)
    for folder in reversed(cast("list[str]", kept.get("folders", []))):
        with _tolerating("not_found", "invalid_request"), workspace.place(folder, follow=False) as place:
            os.rmdir(place.name, dir_fd=place.folder)


def missing_folders(workspace: Workspace, path: str) -> list[str]:
    """Return the folders on the way that do not exist, outermost first."""
    parts = [part for part in path.split("/") if part not in ("", ".")][:-1]
    if path.startswith("/") or ".." in parts:
        return []  # such a path is walked as it stands; folders made for it stay
    folders = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return [folder for folder in folders if workspace.kind(folder) == "nothing"]


def keep_file(parameters: Params, ctx: ActionContext) -> Kept:
    """Keep what stands at the parameter `path`: the `prepare` of actions that write one file."""
    return take(workspace_of(ctx), str(parameters["path"]))


def restore_file(parameters: Params, kept: object, ctx: ActionContext) -> None:  # noqa: ARG001
    """Bring back what was kept: the `revert` beside `keep_file`."""
    restore(workspace_of(ctx), cast("Kept", kept), key=ctx.idempotency_key)


@contextmanager
def _tolerating(*classes: str) -> Generator[None]:
    try:
        yield
    except ActionError as error:
        if error.error_class not in classes:
            raise


class _Budget:
    def __init__(self, path: str, max_bytes: int) -> None:
        self._path = path
        self._left = max_bytes

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ActionError(
                f"{self._path} is too large to keep for `undo`; leave `undo` out of the step, or copy it first",
                error_class="invalid_request",
            )


def _entry(place: Place, budget: _Budget) -> Kept:
    kind = "folder" if place.name == "." else kind_of(place)
    if kind == "nothing" or kind == "other":
        return {"kind": "nothing"}
    if kind == "link":
        return {"kind": "link", "target": os.readlink(place.name, dir_fd=place.folder)}
    if kind == "file":
        return _file_entry(place, budget)
    return _folder_entry(place, budget)


def _file_entry(place: Place, budget: _Budget) -> Kept:
    descriptor = os.open(place.name, os.O_RDONLY | FILE_FLAGS, dir_fd=place.folder)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        budget.spend(status.st_size)
        content = base64.b64encode(file.read()).decode()
    return {"kind": "file", "mode": stat.S_IMODE(status.st_mode), "content": content}


def _folder_entry(place: Place, budget: _Budget) -> Kept:
    entries: dict[str, Kept] = {}
    if place.folder is None:
        for name in sorted(os.listdir(place.name)):  # noqa: PTH208 # like the branch below
            entries[name] = _entry(Place(None, os.path.join(place.name, name), name), budget)  # noqa: PTH118
        return {"kind": "folder", "mode": stat.S_IMODE(Path(place.name).stat().st_mode), "entries": entries}
    descriptor = os.open(place.name, FOLDER_FLAGS, dir_fd=place.folder)
    try:
        for name in sorted(os.listdir(descriptor)):  # noqa: PTH208 # a path has no descriptor
            budget.spend(len(name))
            entries[name] = _entry(Place(descriptor, name, name), budget)
        return {"kind": "folder", "mode": stat.S_IMODE(os.fstat(descriptor).st_mode), "entries": entries}
    finally:
        os.close(descriptor)


def _put(workspace: Workspace, path: str, kept: Mapping[str, object], key: str) -> None:
    kind = kept["kind"]
    if kind == "file":
        content = base64.b64decode(cast("str", kept["content"]))
        write_bytes(workspace, path, content, key=key, mode=cast("int", kept["mode"]))
    elif kind == "link":
        with workspace.place(path, follow=False, create=True) as place, suppress(FileExistsError):
            os.symlink(cast("str", kept["target"]), place.name, dir_fd=place.folder)
    elif kind == "folder":
        with workspace.place(path, follow=False, create=True) as place, suppress(FileExistsError):
            os.mkdir(place.name, dir_fd=place.folder)
        for name, entry in cast("dict[str, Kept]", kept["entries"]).items():
            _put(workspace, f"{path}/{name}", entry, key)
        with workspace.folder(path) as folder:
            os.chmod(folder, cast("int", kept["mode"]))  # noqa: PTH101 # a path has no descriptor


def _remove(workspace: Workspace, path: str) -> None:
    """Remove a file or link; a folder only when it is empty: what somebody put there since is not ours."""
    with workspace.place(path, follow=False) as place:
        if kind_of(place) == "folder":
            os.rmdir(place.name, dir_fd=place.folder)
        else:
            os.unlink(place.name, dir_fd=place.folder)
