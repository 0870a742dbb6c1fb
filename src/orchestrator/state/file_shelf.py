"""How the group commit reaches folders: each journal is a file of lines that only grows.

A crash may leave the last line torn, or, when the machine lost power, end the file in nonsense: such a tail was never
confirmed to anybody. Readers leave it out, and the next holder cuts it off.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from orchestrator.core.ids import RunId
from orchestrator.core.store import Message
from orchestrator.errors import StoreError
from orchestrator.state.codec import decode_value
from orchestrator.state.file_hold import has_hold, release_hold, write_all
from orchestrator.state.group_commit import GroupCommit, QueuedJournal
from orchestrator.state.trouble import Fault, no_fault, store_error

JOURNAL = "journal.jsonl"


def whole_lines(content: bytes) -> list[bytes]:
    """Return the lines of a journal up to a torn end."""
    lines = content.split(b"\n")[:-1]
    while lines and not (lines[-1].startswith(b'{"v":') and lines[-1].endswith(b"}")):
        lines.pop()
    return lines


class FileJournal(QueuedJournal):
    """A journal in a folder of its own."""

    __slots__ = ("descriptor", "folder", "is_folder_synced", "size")

    def __init__(self, run_id: RunId, group: GroupCommit, *, folder: Path, fence: int) -> None:
        path = folder / JOURNAL
        lines = whole_lines(path.read_bytes())
        super().__init__(run_id, group, position=len(lines), fence=fence)
        self.folder = folder
        self.is_folder_synced = False
        self.size = sum(map(len, lines)) + len(lines)
        """Bytes that are written; whatever follows is torn."""
        self.descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.ftruncate(self.descriptor, self.size)


class FileShelf:
    """The writing side of the journals of one directory."""

    def __init__(self, *, fault: Fault = no_fault) -> None:
        self._fault = fault
        self.lapsed: dict[RunId, int] = {}
        """Fences of holds that could not be released: nobody here uses them any more."""

    def commit(self, journals: Sequence[QueuedJournal]) -> None:
        """Write the queue of each journal to its file, and fsync where it is wanted."""
        for journal in cast("Sequence[FileJournal]", journals):
            if not has_hold(journal.folder, journal.fence):
                lost = f"run {journal.run_id} was taken over by another process, or deleted"
                journal.fail(StoreError(lost))
                continue
            try:
                self._write(journal)
            except OSError as error:
                with suppress(OSError):
                    os.ftruncate(journal.descriptor, journal.size)
                journal.fail(store_error(error, str(journal.folder)))

    def messages(self, journal: QueuedJournal) -> Sequence[tuple[int, Message]]:
        """Return the messages of a run that were not taken yet."""
        return [
            (number, read_message(path))
            for number, path in inbox_files(cast("FileJournal", journal).folder)
            if path.suffix == ".json"
        ]

    def release(self, journal: QueuedJournal) -> None:
        """Let others take the run; where that cannot be written, remember that the hold means nothing."""
        held = cast("FileJournal", journal)
        os.close(held.descriptor)
        try:
            release_hold(held.folder, held.fence)
        except OSError:
            self.lapsed[held.run_id] = held.fence

    def _write(self, journal: FileJournal) -> None:
        taken = journal.acknowledged
        content = b"".join(line + b"\n" for line in journal.queue)
        self._fault("files.write")
        write_all(journal.descriptor, content)
        self._fault("files.written")
        if journal.wants_sync:
            self._sync(journal)
        journal.size += len(content)
        journal.committed(is_synced=journal.wants_sync)
        if taken is not None:
            for number, path in inbox_files(journal.folder):
                if number <= taken and path.suffix == ".json":
                    path.rename(path.with_suffix(".taken"))

    def _sync(self, journal: FileJournal) -> None:
        self._fault("files.fsync")
        os.fsync(journal.descriptor)
        if not journal.is_folder_synced and os.name != "nt":
            for folder in (journal.folder, journal.folder.parent, journal.folder.parent.parent):
                sync_folder(folder)
            journal.is_folder_synced = True
        self._fault("files.fsynced")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def inbox_files(folder: Path) -> list[tuple[int, Path]]:
    """Return the messages of a run in order: `7.json` is new, `7.taken` was taken into the journal."""
    inbox = folder / "inbox"
    if not inbox.exists():
        return []
    return sorted((int(path.stem), path) for path in inbox.iterdir() if path.stem.isdecimal())


def read_message(path: Path) -> Message:
    """Return the message in a file."""
    parts = cast("list[object]", decode_value(path.read_bytes()))
    match parts:
        case [str(name), str(kind), dict()]:
            return Message(name, kind, cast("dict[str, object]", parts[2]))
        case _:
            raise StoreError(f"a message is damaged — {path}", hint="remove that file.")
