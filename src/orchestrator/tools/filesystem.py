"""The tool `filesystem`: files and folders of the workspace."""

from typing import Annotated, TypedDict, cast

from orchestrator.core.action import ActionContext, Params, Touch
from orchestrator.errors import ActionError
from orchestrator.tools.appending import Appended, append_bytes, before_append, take_back
from orchestrator.tools.files import (
    MAX_BYTES,
    Written,
    decode,
    encode,
    file_fingerprint,
    read_bytes,
    read_touches,
    workspace_of,
    write_bytes,
    written_touches,
)
from orchestrator.tools.limit import Limit
from orchestrator.tools.listing import list_files
from orchestrator.tools.moving import delete_tree, rename
from orchestrator.tools.snapshot import Kept, keep_file, restore, restore_file, take
from orchestrator.tools.tool import actions_of, tool
from orchestrator.tools.workspace import Kind

FilePath = Annotated[str, Limit(min_length=1)]
Content = str | float | bool | list[object] | dict[str, object]
Count = Annotated[int, Limit(ge=1)]


class Text(TypedDict):
    """A file's text."""

    content: str
    path: str
    size: int


class Paths(TypedDict):
    """Files, relative to the workspace."""

    paths: list[str]


class Presence(TypedDict):
    """What stands at a path."""

    exists: bool
    kind: Kind


class Moved(TypedDict):
    """Where something is now."""

    path: str


class Deleted(TypedDict):
    """Whether there was something to delete."""

    path: str
    deleted: bool


def _never_the_same(_parameters: Params, ctx: ActionContext) -> str:
    """Keep `cache` from standing in for a look at folders, which costs no more than finding out whether they changed."""
    return ctx.idempotency_key


@tool(name="filesystem.read", effect="read", fingerprint=file_fingerprint, touches=read_touches)
def read(
    path: FilePath, *, ctx: ActionContext, encoding: str = "utf-8", max_bytes: Count = MAX_BYTES
) -> Text:
    """Read a text file.

    Args:
        path: The file, relative to the workspace.
        encoding: How its bytes mean text.
        max_bytes: A larger file is an error.
    """
    workspace = workspace_of(ctx)
    content = read_bytes(workspace, path, max_bytes=max_bytes)
    text = decode(path, content, encoding)
    return Text(content=text, path=workspace.relative(path), size=len(content))


@tool(
    name="filesystem.write",
    effect="idempotent",
    prepare=keep_file,
    revert=restore_file,
    touches=written_touches,
)
def write(
    path: FilePath,
    content: Content,
    *,
    ctx: ActionContext,
    encoding: str = "utf-8",
    create_directories: bool = True,
) -> Written:
    """Write a file, replacing what it held in one step.

    Args:
        path: The file, relative to the workspace.
        content: Text as it is; a list, mapping, number or truth value as JSON.
        encoding: How the text becomes bytes.
        create_directories: Make missing folders.
    """
    return write_bytes(
        workspace_of(ctx),
        path,
        encode(content if isinstance(content, str) else _json(content), encoding),
        key=ctx.idempotency_key,
        create_directories=create_directories,
    )


@tool(
    name="filesystem.append", effect="once", prepare=before_append, revert=take_back, touches=written_touches
)
def append(
    path: FilePath,
    content: str,
    *,
    ctx: ActionContext,
    encoding: str = "utf-8",
    create_directories: bool = True,
) -> Appended:
    """Add text at the end of a file, which is made when it is missing.

    Args:
        path: The file, relative to the workspace.
        content: The text; nothing is put before or after it.
        encoding: How the text becomes bytes.
        create_directories: Make missing folders.
    """
    added = encode(content, encoding)
    return append_bytes(workspace_of(ctx), path, added, create_directories=create_directories)


@tool(name="filesystem.list", effect="read", fingerprint=_never_the_same, touches=read_touches)
def list_(
    path: FilePath = ".",
    *,
    ctx: ActionContext,
    pattern: Annotated[str, Limit(min_length=1)] = "**/*",
    recursive: bool = True,
    hidden: bool = False,
    limit: Count = 10_000,
) -> Paths:
    """List the files of a folder, sorted, as paths relative to the workspace.

    Args:
        path: The folder to look in.
        pattern: `*`, `?` and `[…]` within a name, `**` for any folders.
        recursive: Enter the folders in it.
        hidden: List names that begin with a dot, too.
        limit: More files are an error.
    """
    workspace = workspace_of(ctx)
    return Paths(paths=list_files(workspace, path, pattern, recursive=recursive, hidden=hidden, limit=limit))


def _keep_destination(parameters: Params, ctx: ActionContext) -> Kept:
    return take(workspace_of(ctx), str(parameters["destination"]))


def _copy_touches(parameters: Params) -> list[Touch]:
    return [
        Touch(kind="read", what=str(parameters.get("source", "…"))),
        Touch(kind="write", what=str(parameters.get("destination", "…"))),
    ]


@tool(
    name="filesystem.copy",
    effect="idempotent",
    prepare=_keep_destination,
    revert=restore_file,
    touches=_copy_touches,
)
def copy(
    source: FilePath, destination: FilePath, *, ctx: ActionContext, max_bytes: Count = 100_000_000
) -> Written:
    """Copy a file, replacing what stands at the destination.

    Args:
        source: The file, relative to the workspace.
        destination: The path of the copy; missing folders are made.
        max_bytes: A larger file is an error.
    """
    workspace = workspace_of(ctx)
    content = read_bytes(workspace, source, max_bytes=max_bytes)
    return write_bytes(workspace, destination, content, key=ctx.idempotency_key)


def _keep_move(parameters: Params, ctx: ActionContext) -> Kept:
    return {"before": take(workspace_of(ctx), str(parameters["destination"]), follow=False)}


def _move_back(parameters: Params, kept: object, ctx: ActionContext) -> None:
    workspace = workspace_of(ctx)
    source, destination = str(parameters["source"]), str(parameters["destination"])
    if workspace.kind(source, follow=False) == "nothing":
        rename(workspace, destination, source, overwrite=False)
    restore(workspace, cast("dict[str, Kept]", kept)["before"], key=ctx.idempotency_key)


def _move_touches(parameters: Params) -> list[Touch]:
    return [
        Touch(kind="delete", what=str(parameters.get("source", "…"))),
        Touch(kind="write", what=str(parameters.get("destination", "…"))),
    ]


@tool(name="filesystem.move", effect="once", prepare=_keep_move, revert=_move_back, touches=_move_touches)
def move(source: FilePath, destination: FilePath, *, ctx: ActionContext, overwrite: bool = False) -> Moved:
    """Move or rename a file or folder.

    Args:
        source: What to move, relative to the workspace.
        destination: Its new path; missing folders are made.
        overwrite: Replace a file that stands there.
    """
    return Moved(path=rename(workspace_of(ctx), source, destination, overwrite=overwrite))


def _keep_deleted(parameters: Params, ctx: ActionContext) -> Kept:
    return take(workspace_of(ctx), str(parameters["path"]), follow=False)


def _delete_touches(parameters: Params) -> list[Touch]:
    return [Touch(kind="delete", what=str(parameters.get("path", "…")))]


@tool(
    name="filesystem.delete",
    effect="idempotent",
    prepare=_keep_deleted,
    revert=restore_file,
    touches=_delete_touches,
)
def delete(
    path: FilePath, *, ctx: ActionContext, recursive: bool = False, missing_ok: bool = True
) -> Deleted:
    """Delete a file, a symbolic link or a folder.

    Args:
        path: What to delete, relative to the workspace.
        recursive: Delete a folder with everything in it; otherwise it must be empty.
        missing_ok: Something that is not there is no error.
    """
    workspace = workspace_of(ctx)
    try:
        gone = delete_tree(workspace, path, recursive=recursive)
    except ActionError as error:
        if error.error_class != "not_found" or not missing_ok:
            raise
        return Deleted(path=path, deleted=False)
    return Deleted(path=gone, deleted=True)


@tool(name="filesystem.exists", effect="read", fingerprint=_never_the_same, touches=read_touches)
def exists(path: FilePath, *, ctx: ActionContext) -> Presence:
    """Look whether something stands at a path.

    Args:
        path: The path, relative to the workspace.
    """
    kind = workspace_of(ctx).kind(path)
    return Presence(exists=kind != "nothing", kind=kind)


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


ACTIONS = actions_of(read, write, append, list_, copy, move, delete, exists)
