"""The store in plain folders: one per run, for people who want to read, copy or keep a run with ordinary tools.

    DIR/runs/RUN/journal.jsonl   one record per line, appended
    DIR/runs/RUN/hold.7.json     who holds the run, see `state.file_hold`
    DIR/runs/RUN/inbox/          messages to the holder
    DIR/keys/                    which run a key belongs to
    DIR/cache/                   results by the digest of their call
    DIR/ledger/                  what the runs spent, one sum per file

Lists read the beginning and the end of each journal, so there is nothing beside the journals that could disagree with them;
for thousands of runs use SQLite. Needs hard links, which every file system for this has, but some network drives do not.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import cast

from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated, RunEnded
from orchestrator.core.status import RunStatus
from orchestrator.core.store import Journal, Message, RunSummary
from orchestrator.errors import RunExistsError, StoreError
from orchestrator.state.codec import decode_record, encode_record, encode_value
from orchestrator.state.damage import damaged_run, read_records
from orchestrator.state.file_cache import FileCache
from orchestrator.state.file_hold import current_hold, make_folder, take_hold, write_new
from orchestrator.state.file_ledger import FileLedger
from orchestrator.state.file_shelf import (
    JOURNAL,
    FileJournal,
    FileShelf,
    inbox_files,
    read_message,
    whole_lines,
)
from orchestrator.state.group_commit import GroupCommit
from orchestrator.state.holder import Holder, is_alive, this_process
from orchestrator.state.run_ids import resolve_run, unknown_run
from orchestrator.state.trouble import Fault, disk_troubles, no_fault

_TAIL = 65_536
"""Bytes at the end of a journal in which its last turn usually stands."""


class FileStore:
    """Runs in a directory, which is made when the first run is.

    `fault` is told the name of each write before and after it happens; tests make it raise.
    """

    def __init__(self, directory: str | Path, *, fault: Fault = no_fault) -> None:
        self._directory = Path(directory)
        self._runs = self._directory / "runs"
        self._keys = self._directory / "keys"
        self._fault = fault
        self._shelf = FileShelf(fault=fault)
        self._group = GroupCommit(self._shelf)
        self._journals: list[FileJournal] = []
        self._me: Holder | None = None
        self._is_closed = False
        self.cache = FileCache(self._directory / "cache")
        self.ledger = FileLedger(self._directory / "ledger")

    async def create(self, record: RunCreated) -> Journal:
        """Start a journal, held by this process; its first record is written when this returns."""
        line = encode_record(record)
        with self._troubles():
            make_folder(self._runs)
            folder = self._runs / record.run_id
            if folder.exists():
                raise StoreError(f"there is a run {record.run_id} already — {self._directory}")
            folder.mkdir(mode=0o700)
            try:
                journal = self._begin(folder, record, line)
            except BaseException:
                with suppress(OSError):
                    _remove(folder)
                raise
        self._journals.append(journal)
        return journal

    async def open(self, run_id: RunId) -> Journal:
        """Take over the journal of a run that no live process holds, and cut off what a crash left torn."""
        with self._troubles():
            folder = self._folder(run_id)
            self._created(folder)  # whoever opens a journal cuts it behind its whole lines: it must be one
            fence = take_hold(folder, run_id, me=self._holder(), ignore=self._shelf.lapsed.get(run_id, 0))
            journal = FileJournal(run_id, self._group, folder=folder, fence=fence)
        self._journals = [known for known in self._journals if not known.is_closed]
        self._journals.append(journal)
        return journal

    async def read(self, run_id: RunId, *, start: int = 0) -> Sequence[Record]:
        """Return the written records from position `start` on."""
        with self._troubles():
            lines = whole_lines((self._folder(run_id) / JOURNAL).read_bytes())
        return read_records(enumerate(lines[start:], start), run_id, start=start, place=str(self._directory))

    async def runs(self, *, status: RunStatus | None = None, limit: int = 100) -> Sequence[RunSummary]:
        """Return runs, newest first by their ids."""
        found: list[RunSummary] = []
        with self._troubles():
            for run_id in self._ids():
                if len(found) == limit:
                    break
                summary = self._readable_summary(self._runs / run_id)
                if status is None or summary.status == status:
                    found.append(summary)
        return found

    async def summary(self, run_id: RunId) -> RunSummary:
        """Return one run as lists show it."""
        with self._troubles():
            return self._readable_summary(self._folder(run_id))

    async def resolve(self, text: str) -> RunId:
        """Return the one run whose id is, begins with or ends with the text."""
        with self._troubles():
            return resolve_run(text, self._ids())

    async def post(self, run_id: RunId, message: Message) -> None:
        """Leave a message for the holder of a run, present or future."""
        content = encode_value([message.id, message.kind, message.data])
        with self._troubles():
            folder = self._folder(run_id)
            make_folder(folder / "inbox")
            while not _post(folder, message.id, content):
                pass

    async def delete(self, run_id: RunId) -> None:
        """Forget a run that nobody holds."""
        with self._troubles():
            folder = self._folder(run_id)
            take_hold(folder, run_id, me=self._holder(), ignore=self._shelf.lapsed.get(run_id, 0))
            with suppress(
                StoreError
            ):  # what is damaged can be forgotten too; its key is free once the folder is gone
                if key := self._created(folder).key:
                    self._key_file(key).unlink(missing_ok=True)
            _remove(folder)

    async def close(self) -> None:
        """Close all journals."""
        try:
            for journal in self._journals:
                await journal.close()
        finally:
            self._journals.clear()
            self._is_closed = True

    @contextmanager
    def _troubles(self) -> Generator[None]:
        if self._is_closed:
            raise StoreError(f"the store is closed — {self._directory}")
        with disk_troubles(self._directory):
            yield

    def _begin(self, folder: Path, record: RunCreated, line: bytes) -> FileJournal:
        """Fill the folder of a new run; the journal appears when its first record is whole."""
        fence = take_hold(folder, record.run_id, me=self._holder())
        self._fault("files.create")
        write_new(folder / "journal.draft", line + b"\n")
        (folder / "journal.draft").rename(folder / JOURNAL)
        self._fault("files.created")
        if record.key and (owner := self._claim(record.key, record.run_id)) is not None:
            raise RunExistsError(owner, record.key)
        return FileJournal(record.run_id, self._group, folder=folder, fence=fence)

    def _folder(self, run_id: str) -> Path:
        folder = self._runs / run_id
        # A run id is one plain name; anything else would lead out of the directory.
        if run_id.startswith(".") or run_id != folder.name or not _has_journal(folder):
            raise unknown_run(run_id, self._ids())
        return folder

    def _ids(self) -> list[str]:
        if not self._runs.exists():
            return []
        folders = [folder for folder in self._runs.iterdir() if _has_journal(folder)]
        return sorted((folder.name for folder in folders if folder.name[0] != "."), reverse=True)

    def _claim(self, key: str, run_id: RunId) -> str | None:
        """Make the key the run's; returns the run that has it already."""
        make_folder(self._keys)
        file = self._key_file(key)
        draft = self._keys / f".{run_id}"
        write_new(draft, run_id.encode())
        try:
            os.link(draft, file)
        except FileExistsError:
            owner = file.read_bytes().decode(errors="replace")
            if owner == Path(owner).name and _has_journal(self._runs / owner):
                return owner
            draft.replace(file)  # the key of a run that was removed by hand
        finally:
            draft.unlink(missing_ok=True)
        return None

    def _key_file(self, key: str) -> Path:
        return self._keys / sha256(key.encode(errors="surrogatepass")).hexdigest()

    def _readable_summary(self, folder: Path) -> RunSummary:
        try:
            return self._summary(folder)
        except (StoreError, OSError):
            return damaged_run(folder.name)

    def _summary(self, folder: Path) -> RunSummary:
        created = self._created(folder)
        ended = _last_end(folder / JOURNAL)
        status = ended.status if ended else "interrupted"
        if not ended:
            _, holder = current_hold(folder)
            if holder is not None and is_alive(holder, seen_by=self._holder()):
                status = "running"
        return RunSummary(
            run_id=created.run_id,
            pipeline=created.pipeline,
            status=status,
            created_at=created.at,
            ended_at=ended.at if ended else None,
            workspace=created.workspace,
            key=created.key,
            cost=ended.cost if ended else None,
        )

    def _created(self, folder: Path) -> RunCreated:
        with (folder / JOURNAL).open("rb") as file:
            first = enumerate([file.readline().removesuffix(b"\n")])
        (created,) = read_records(first, RunId(folder.name), start=0, place=str(self._directory))
        return cast("RunCreated", created)

    def _holder(self) -> Holder:
        if self._me is None:
            self._me = this_process()
        return self._me


def _has_journal(folder: Path) -> bool:
    # A power cut may leave the name of a file without its content.
    try:
        return (folder / JOURNAL).stat().st_size > 0
    except (OSError, ValueError):  # a name with a NUL is none
        return False


def _post(folder: Path, name: str, content: bytes) -> bool:
    """Put a message behind the others unless its id is there; False when another one was quicker."""
    posted = inbox_files(folder)
    if any(read_message(path).id == name for _, path in posted):
        return True
    number = posted[-1][0] + 1 if posted else 1
    draft = folder / "inbox" / f".draft.{os.getpid()}"
    write_new(draft, content)
    try:
        os.link(draft, folder / "inbox" / f"{number}.json")
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _last_end(journal: Path) -> RunEnded | None:
    """Return the end of a run unless it goes on; reads the tail of the journal, and the rest only if it must."""
    with journal.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for start in (max(0, size - _TAIL), 0):
            file.seek(start)
            for line in reversed(whole_lines(file.read())):
                _, _, kind = line[:40].partition(
                    b'"kind":"'
                )  # the part that a tail cuts has none, or no matter
                if kind.startswith(b'RunEnded"'):
                    return cast("RunEnded", decode_record(line))
                if kind.startswith(b'RunResumed"'):
                    return None
    return None


def _remove(folder: Path) -> None:
    """Remove a run's folder; it vanishes from lists first."""
    import shutil

    doomed = folder.with_name(f".{folder.name}")
    folder.rename(doomed)
    shutil.rmtree(doomed)
