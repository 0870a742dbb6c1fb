"""Files of a workspace by pattern."""

import os
import re
from collections.abc import Iterator
from typing import Final

from orchestrator.errors import ActionError
from orchestrator.tools.workspace import Workspace, is_private

MAX_VISITED: Final = 1_000_000
"""Entries looked at in one listing."""


def list_files(
    workspace: Workspace, path: str, pattern: str, *, recursive: bool, hidden: bool, limit: int
) -> list[str]:
    """Return the files below a folder whose path from there fits the pattern, sorted, relative to the workspace.

    Args:
        workspace: Where to look.
        path: The folder to start from.
        pattern: `*` and `?` and `[…]` stay within a name; `**` stands for any folders, also none.
        recursive: Whether folders are entered at all.
        hidden: Whether names that begin with a dot count.
        limit: More files than this are an error.
    """
    fits = re.compile(_regex(pattern), re.DOTALL).fullmatch
    depth = _depth(pattern) if recursive else 1
    with workspace.place(path) as place:
        start = "" if place.path == "." else place.path
    found: list[str] = []
    for relative in _walk(workspace, start, depth, hidden=hidden):
        if fits(relative):
            found.append(f"{start}/{relative}" if start else relative)
            if len(found) > limit:
                raise ActionError(
                    f"more than {limit} files in {path!r} fit {pattern!r}; narrow the pattern or raise `limit`",
                    error_class="invalid_request",
                )
    return sorted(found)


def _walk(workspace: Workspace, start: str, depth: int, *, hidden: bool) -> Iterator[str]:
    """Give the files' paths from `start`; folders are opened one by one from the root, so none is held open."""
    folders, visited = [""], 0
    while folders:
        folder = folders.pop()
        inner, files, count = _entries(workspace, _joined(start, folder), hidden=hidden)
        visited += count
        if visited > MAX_VISITED:
            raise ActionError(
                f"{start or '.'!r} holds more than {MAX_VISITED} entries", error_class="invalid_request"
            )
        yield from (_joined(folder, name) for name in files)
        if folder.count("/") + bool(folder) + 1 < depth:
            folders += (_joined(folder, name) for name in inner)


def _entries(workspace: Workspace, folder: str, *, hidden: bool) -> tuple[list[str], list[str], int]:
    """Return the folders, the files and the number of all entries of a folder; links count by what they lead to."""
    folders: list[str] = []
    files: list[str] = []
    count = 0
    with workspace.folder(folder or ".") as opened, os.scandir(opened) as entries:
        for entry in entries:
            count += 1
            if is_private(entry.name) or (entry.name.startswith(".") and not hidden):
                continue
            if entry.is_symlink():
                if _leads_to_file(workspace, _joined(folder, entry.name)):
                    files.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                files.append(entry.name)
    return folders, files, count


def _leads_to_file(workspace: Workspace, path: str) -> bool:
    try:
        return workspace.kind(path) == "file"
    except ActionError:  # out of the workspace: not one of its files
        return False


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder and name else folder or name


def _depth(pattern: str) -> int:
    segments = pattern.split("/")
    return MAX_VISITED if "**" in segments else len(segments)


def _regex(pattern: str) -> str:
    """Translate a pattern so that matching takes no longer than paths are long.

    What stands between two stars may be taken where it first fits, and never be reconsidered: `(?>…)`.
    """
    groups: list[list[str]] = [[]]
    for segment in pattern.split("/"):
        if segment == "**":
            groups.append([])
        elif segment not in ("", "."):
            groups[-1].append(_segment_regex(segment))
    first, *others = groups
    if not others:
        return "/".join(first)
    *middle, last = others
    text = "".join(f"{segment}/" for segment in first)
    text += "".join(f"(?>(?:[^/]+/)*?{'/'.join(group)}/)" for group in middle if group)
    return text + ("(?:[^/]+/)*" + "/".join(last) if last else ".*")


def _segment_regex(segment: str) -> str:
    pieces, at = [""], 0
    while at < len(segment):
        sign, start = segment[at], at + 1
        closing = segment.find("]", start + 1) if sign == "[" else -1
        at = max(closing + 1, start)
        if sign == "*":
            pieces.append("")
        elif closing > 0:
            pieces[-1] += _class_regex(segment[start:closing])
        else:
            pieces[-1] += "[^/]" if sign == "?" else re.escape(sign)
    first, *others = pieces
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + "[^/]*" + last


def _class_regex(letters: str) -> str:
    inside = re.sub(r"([\\\[\]&~|^])", r"\\\1", letters.removeprefix("!"))
    return f"(?!/)[{'^' if letters.startswith('!') else ''}{inside}]"
