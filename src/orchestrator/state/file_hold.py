"""Who holds a run that lives in a folder: the highest of its numbered hold files.

`hold.7.json` names the process that holds the run with fence 7; `hold.7.free` says that it let go. Taking a run means to
make the next number appear, whole or not at all, by linking a finished file to that name: of two takers one fails. A holder
whose own file is gone, or has a successor, has lost its hold.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import orjson

from orchestrator.core.ids import RunId
from orchestrator.errors import RunBusyError, StoreError
from orchestrator.state.holder import Holder, holder_of, is_alive


def take_hold(folder: Path, run_id: RunId, *, me: Holder, ignore: int = 0) -> int:
    """Make this process the holder and return the fence; raises `RunBusyError`. `ignore` is a fence that means nothing."""
    fence, holder = current_hold(folder)
    if holder is not None and fence != ignore and is_alive(holder, seen_by=me):
        raise RunBusyError(run_id, str(holder))
    draft = folder / f"hold.draft.{me.pid}"
    write_new(draft, orjson.dumps(tuple(me)))
    try:
        os.link(draft, folder / f"hold.{fence + 1}.json")
    except FileExistsError:
        raise RunBusyError(run_id, "another process, since just now") from None
    finally:
        draft.unlink()
    for number, path in sorted(_holds(folder)):
        if number <= fence:
            path.unlink(missing_ok=True)
    return fence + 1


def current_hold(folder: Path) -> tuple[int, Holder | None]:
    """Return the highest fence, and its holder unless it let go."""
    fence, path = max(_holds(folder), default=(0, None))
    if path is None or path.suffix == ".free":
        return fence, None
    try:
        return fence, holder_of(orjson.loads(path.read_bytes()))
    except FileNotFoundError:  # it let go, or lost the run, just now
        return current_hold(folder)
    except ValueError:
        raise StoreError(
            f"the hold of run {folder.name} is damaged — {path}",
            hint="remove that file once no process works on the run.",
        ) from None


def has_hold(folder: Path, fence: int) -> bool:
    """Return whether the hold with that fence is still the one that counts."""
    return (folder / f"hold.{fence}.json").exists() and not (folder / f"hold.{fence + 1}.json").exists()


def release_hold(folder: Path, fence: int) -> None:
    """Let go; a hold that was lost already is none."""
    try:
        (folder / f"hold.{fence}.json").rename(folder / f"hold.{fence}.free")
    except FileNotFoundError:
        return


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner alone."""
    for missing in reversed([folder, *folder.parents]):
        missing.mkdir(mode=0o700, exist_ok=True)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        write_all(descriptor, content)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Write everything: the system may take less at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _holds(folder: Path) -> Sequence[tuple[int, Path]]:
    found = [(path.name.split("."), path) for path in folder.iterdir()]
    return [(int(parts[1]), path) for parts, path in found if parts[0] == "hold" and parts[1].isdecimal()]
