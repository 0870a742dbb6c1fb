"""The contract of what survives a crash: journals of runs, who holds them, and messages to the holder.

Three levels: a record is *queued* when `append` returns, *written* when it survives the death of the process, *synced*
when it survives a power cut. A journal has one writer at a time; opening takes it, and a writer that lost its hold can
no longer append.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from orchestrator.core.cache import Cache
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated
from orchestrator.core.ledger import Ledger
from orchestrator.core.status import RunStatus


class RunSummary(Struct, frozen=True, kw_only=True):
    """A run as lists show it."""

    run_id: RunId
    pipeline: str
    status: RunStatus
    created_at: float
    ended_at: float | None = None
    workspace: str = ""
    key: str = ""
    cost: Decimal | None = None
    """US dollars, once it has ended or waits; None where no price is known."""


class Message(Struct, frozen=True):
    """A fact from outside for the holder of a run."""

    id: str
    """Deduplicates: a second message with the same id is ignored."""
    kind: str
    """`cancel` for now."""
    data: Mapping[str, object]


class Journal(Protocol):
    """The records of one run, for its one writer."""

    @property
    def run_id(self) -> RunId:
        """The run."""
        ...

    def append(self, record: Record) -> None:
        """Queue a record behind all earlier ones; never waits.

        Raises `StoreError` once the store has failed, and `ActionError` of class `bad_output` for a value that cannot be
        kept: then nothing is queued and the journal goes on. Nobody may change a value that a record holds.
        """
        ...

    async def written(self) -> None:
        """Return when everything appended so far survives the death of this process."""
        ...

    async def synced(self) -> None:
        """Return when everything appended so far survives a power cut."""
        ...

    async def inbox(self) -> Sequence[Message]:
        """Return messages from outside that were not returned before, oldest first.

        A message is taken once the first record appended after its return is written: after a crash before that it comes
        again, later it never does.
        """
        ...

    async def close(self) -> None:
        """Write what is queued and let others take the run; closing again does nothing.

        Raises `StoreError` when something queued could not be written and nobody was told yet.
        """
        ...


class Store(Protocol):
    """Runs by id."""

    @property
    def cache(self) -> Cache:
        """The result cache that lives beside the runs."""
        ...

    @property
    def ledger(self) -> Ledger:
        """What the runs of this store spent together."""
        ...

    async def create(self, record: RunCreated) -> Journal:
        """Start a journal with its first record queued, held by this process.

        When `record.key` is set and a run has it already, raises `RunExistsError` with that run.
        """
        ...

    async def open(self, run_id: RunId) -> Journal:
        """Take over the journal of a run that no live process holds; raises `RunBusyError` or `UnknownRunError`."""
        ...

    async def read(self, run_id: RunId, *, start: int = 0) -> Sequence[Record]:
        """Return the records from position `start` (counted from 0) on; raises `UnknownRunError`."""
        ...

    async def runs(self, *, status: RunStatus | None = None, limit: int = 100) -> Sequence[RunSummary]:
        """Return runs, newest first; `status` as in `RunSummary`."""
        ...

    async def summary(self, run_id: RunId) -> RunSummary:
        """Return one run as lists show it; raises `UnknownRunError`."""
        ...

    async def resolve(self, text: str) -> RunId:
        """Return the one run whose id is, begins with or ends with the text, which has 6 characters or more.

        Ids begin with their time, so those of one day look alike; their endings are chance.

        Raises `UnknownRunError`, with the candidates where there are several.
        """
        ...

    async def post(self, run_id: RunId, message: Message) -> None:
        """Leave a message for the holder of a run, present or future."""
        ...

    async def delete(self, run_id: RunId) -> None:
        """Forget a run that nobody holds."""
        ...

    async def close(self) -> None:
        """Close all journals and let go of files and connections."""
        ...
