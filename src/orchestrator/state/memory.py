"""The store that keeps everything in this process: for tests, and for runs that need not outlive it.

Nothing here survives the process, so `written` and `synced` promise nothing and never wait.
"""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct, field

from orchestrator.core.cache import CachedResult
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated, RunEnded, RunResumed
from orchestrator.core.status import RunStatus
from orchestrator.core.store import Journal, Message, RunSummary
from orchestrator.errors import RunBusyError, RunExistsError, StoreError
from orchestrator.state.codec import check_record, decode_record, decode_value, encode_record, encode_value
from orchestrator.state.run_ids import resolve_run, unknown_run


class MemoryStore:
    """Runs as long as this object lives."""

    def __init__(self) -> None:
        self.cache = MemoryCache()
        self.ledger = MemoryLedger()
        self._runs: dict[RunId, _Run] = {}
        self._is_closed = False

    async def create(self, record: RunCreated) -> Journal:
        """Start a journal with its first record queued, held by this process."""
        self._check_open()
        if record.key:
            for run_id, run in self._runs.items():
                if run.created.key == record.key:
                    raise RunExistsError(run_id, record.key)
        if record.run_id in self._runs:
            raise StoreError(f"there is a run {record.run_id} already")
        encode_record(record)
        run = self._runs[record.run_id] = _Run(record, [record])
        run.holder = MemoryJournal(run)
        return run.holder

    async def open(self, run_id: RunId) -> Journal:
        """Take over the journal of a run that nobody holds."""
        run = self._find(run_id)
        if run.holder is not None:
            raise RunBusyError(run_id, "this process")
        run.holder = MemoryJournal(run)
        return run.holder

    async def read(self, run_id: RunId, *, start: int = 0) -> Sequence[Record]:
        """Return the records from position `start` on, as any other store would give them back."""
        return [decode_record(encode_record(record)) for record in self._find(run_id).records[start:]]

    async def runs(self, *, status: RunStatus | None = None, limit: int = 100) -> Sequence[RunSummary]:
        """Return runs, newest first."""
        self._check_open()
        summaries = [run.summary for run in reversed(self._runs.values())]
        summaries.sort(key=lambda summary: summary.created_at, reverse=True)
        return [summary for summary in summaries if status is None or summary.status == status][:limit]

    async def summary(self, run_id: RunId) -> RunSummary:
        """Return one run as lists show it."""
        return self._find(run_id).summary

    async def resolve(self, text: str) -> RunId:
        """Return the one run whose id is, begins with or ends with the text."""
        self._check_open()
        return resolve_run(text, self._runs)

    async def post(self, run_id: RunId, message: Message) -> None:
        """Leave a message for the holder of a run, present or future."""
        run = self._find(run_id)
        encode_value(message.data)
        run.inbox.setdefault(message.id, message)

    async def delete(self, run_id: RunId) -> None:
        """Forget a run that nobody holds."""
        if self._find(run_id).holder is not None:
            raise RunBusyError(run_id, "this process")
        del self._runs[run_id]

    async def close(self) -> None:
        """Close all journals; the runs are gone."""
        for run in self._runs.values():
            if run.holder is not None:
                await run.holder.close()
        self._is_closed = True

    def _find(self, run_id: RunId) -> "_Run":
        self._check_open()
        run = self._runs.get(run_id)
        if run is None:
            raise unknown_run(run_id, reversed(self._runs))
        return run

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError("the store is closed")


class MemoryJournal:
    """The records of one run, kept as they are."""

    __slots__ = ("_is_closed", "_records", "_returned", "_run", "run_id")

    def __init__(self, run: "_Run") -> None:
        self.run_id = run.created.run_id
        self._run = run
        self._records = run.records
        self._returned: list[tuple[str, int]] = []
        """Messages that were returned, with the number of records at that time."""
        self._is_closed = False

    def append(self, record: Record) -> None:
        """Keep a record behind all earlier ones."""
        if self._is_closed:
            raise StoreError(f"the journal of run {self.run_id} is closed")
        check_record(record)
        self._records.append(record)

    async def written(self) -> None:
        """Return at once."""

    async def synced(self) -> None:
        """Return at once."""

    async def inbox(self) -> Sequence[Message]:
        """Return messages that were not returned before; the next record takes them in."""
        if self._is_closed:
            raise StoreError(f"the journal of run {self.run_id} is closed")
        known = self._run.taken.union(name for name, _ in self._returned)
        fresh = [message for message in self._run.inbox.values() if message.id not in known]
        self._returned += [(message.id, len(self._records)) for message in fresh]
        return [Message(message.id, message.kind, dict(message.data)) for message in fresh]

    async def close(self) -> None:
        """Let others take the run."""
        if self._is_closed:
            return
        self._is_closed = True
        self._run.taken.update(name for name, count in self._returned if count < len(self._records))
        self._run.holder = None


class MemoryCache:
    """Results as long as this object lives."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[bytes, str, frozenset[str], float | None]] = {}

    async def get(self, key: str, *, now: float) -> CachedResult | None:
        """Return the entry unless it is missing or expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, model, labels, expires = entry
        if expires is not None and expires <= now:
            del self._entries[key]
            return None
        return CachedResult(decode_value(value), model, labels)

    async def put(self, key: str, result: CachedResult, *, expires: float | None) -> None:
        """Keep a result, replacing an older one."""
        self._entries[key] = (encode_value(result.value), result.model, result.labels, expires)


class MemoryLedger:
    """Sums as long as this object lives."""

    def __init__(self) -> None:
        self._totals: dict[str, Decimal] = {}

    async def reserve(self, key: str, amount: Decimal, *, cap: Decimal | None = None) -> Decimal | None:
        """Add an amount and return the sum; None when that would pass the cap."""
        total = self._totals.get(key, Decimal(0)) + amount
        if cap is not None and total > cap:
            return None
        self._totals[key] = total
        return total

    async def settle(self, key: str, *, reserved: Decimal, spent: Decimal) -> None:
        """Put what a call did cost in the place of what was reserved for it."""
        self._totals[key] = self._totals.get(key, Decimal(0)) + spent - reserved

    async def total(self, key: str) -> Decimal:
        """Return the sum."""
        return self._totals.get(key, Decimal(0))


class _Run(Struct):
    created: RunCreated
    records: list[Record]
    holder: MemoryJournal | None = None
    inbox: dict[str, Message] = field(default_factory=dict[str, Message])
    taken: set[str] = field(default_factory=set[str])

    @property
    def summary(self) -> RunSummary:
        ended: RunEnded | None = None
        for record in reversed(self.records):
            if type(record) is RunEnded:
                ended = record
            if type(record) is RunEnded or type(record) is RunResumed:
                break
        return RunSummary(
            run_id=self.created.run_id,
            pipeline=self.created.pipeline,
            status=ended.status if ended else "running" if self.holder else "interrupted",
            created_at=self.created.at,
            ended_at=ended.at if ended else None,
            workspace=self.created.workspace,
            key=self.created.key,
            cost=ended.cost if ended else None,
        )
