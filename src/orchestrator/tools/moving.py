"""Renaming and deleting in a workspace."""

import os

from orchestrator.errors import ActionError
from orchestrator.tools.workspace import FOLDER_FLAGS, Place, Workspace, is_private, kind_of


def rename(workspace: Workspace, source: str, destination: str, *, overwrite: bool) -> str:
    """Move a file, link or folder and return its new path from the workspace.

    Only a file is ever replaced. Moving something onto itself, or a folder into itself, is an error.
    """
    with (
        workspace.place(source, follow=False) as old,
        workspace.place(destination, follow=False, create=True) as new,
    ):
        _check_root(source, old)
        _check_root(destination, new)
        kind, there = kind_of(old), kind_of(new)
        if kind == "nothing":
            raise workspace.missing(source)
        if old.path == new.path or f"{new.path}/".startswith(f"{old.path}/"):
            raise ActionError(f"{source} cannot be moved into itself", error_class="invalid_request")
        if there == "folder" or (there != "nothing" and not (overwrite and kind != "folder")):
            raise ActionError(
                f"{destination} exists already; choose another path or set `overwrite` (files only)",
                error_class="invalid_request",
            )
        os.replace(old.name, new.name, src_dir_fd=old.folder, dst_dir_fd=new.folder)
        return new.path


def delete_tree(workspace: Workspace, path: str, *, recursive: bool) -> str:
    """Delete what stands at a path and return the path from the workspace; links are deleted, never followed."""
    with workspace.place(path, follow=False) as place:
        _check_root(path, place)
        kind = kind_of(place)
        if kind == "nothing":
            raise workspace.missing(path)
        if kind != "folder":
            os.unlink(place.name, dir_fd=place.folder)
        elif recursive:
            _delete_folder(workspace, place)
        else:
            os.rmdir(place.name, dir_fd=place.folder)
        return place.path


def _check_root(path: str, place: Place) -> None:
    if place.name == "." or place.path == ".":
        raise ActionError(
            f"{path} names the workspace, or a folder by `..`; name the thing itself",
            error_class="invalid_request",
        )


def _delete_folder(workspace: Workspace, place: Place) -> None:
    if place.folder is None:
        import shutil

        shutil.rmtree(place.name)
        return
    descriptor = os.open(place.name, FOLDER_FLAGS, dir_fd=place.folder)
    try:
        for name in os.listdir(descriptor):  # noqa: PTH208 # a path has no descriptor
            inner = Place(descriptor, name, f"{place.path}/{name}")
            if is_private(name):
                raise workspace.refusal(inner.path, "belongs to py-orc")
            if kind_of(inner) == "folder":
                _delete_folder(workspace, inner)
            else:
                os.unlink(name, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    os.rmdir(place.name, dir_fd=place.folder)
