"""What becomes of runs that are not as they were written: the one that is damaged is named, the others stay usable."""

from collections.abc import Iterable

from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated
from orchestrator.core.store import RunSummary
from orchestrator.errors import StoreError
from orchestrator.state.codec import decode_record
from orchestrator.state.record_fields import is_time

RESTORE = "restore the store from a backup; the other runs are not touched."


def read_records(
    lines: Iterable[tuple[object, object]], run_id: RunId, *, start: int, place: str
) -> list[Record]:
    """Return the records of lines with their positions; raises `StoreError` that names the first damaged one."""
    records: list[Record] = []
    for expected, (position, line) in enumerate(lines, start):
        if position != expected:
            raise _trouble(run_id, expected, "is missing", place)
        try:
            record = decode_record(line)  # pyright: ignore[reportArgumentType] - whatever the store holds
        except StoreError as error:
            what = error.message.removeprefix("a record ")
            raise _trouble(run_id, expected, what, place, hint=error.hint) from None
        if (type(record) is RunCreated) is not (expected == 0):
            raise _trouble(
                run_id, expected, f"is damaged: a {type(record).__name__} never stands there", place
            )
        records.append(record)
    if start == 0:
        _check_beginning(records, run_id, place)
    return records


def damaged_run(run_id: object, *, pipeline: object = "", created_at: object = None) -> RunSummary:
    """Return how lists show a run that cannot be read: with what fits of it."""
    return RunSummary(
        run_id=RunId(str(run_id)),
        pipeline=pipeline if isinstance(pipeline, str) else "",
        status="damaged",
        created_at=created_at if isinstance(created_at, float) and is_time(created_at) else 0.0,
    )


def damaged_entry(run_id: str, place: str) -> StoreError:
    """Return the error for a run whose entry in the store, or whose hold, makes no sense."""
    return StoreError(f"the entry of run {run_id} is damaged — {place}", hint=RESTORE)


def _check_beginning(records: list[Record], run_id: RunId, place: str) -> None:
    if not records:
        raise _trouble(run_id, 0, "is missing", place)
    first = records[0]
    if isinstance(first, RunCreated) and first.run_id != run_id:
        raise _trouble(run_id, 0, f"is damaged: it is of run {first.run_id!r}", place)


def _trouble(run_id: RunId, position: int, what: str, place: str, *, hint: str = RESTORE) -> StoreError:
    return StoreError(f"record {position} of run {run_id} {what} — {place}", hint=hint)
