"""A record as an event: the plain data that `events --json`, logs and later doors show."""

from orchestrator.app.plain import moment, plain
from orchestrator.core.failure import Failure
from orchestrator.core.journal import Record
from orchestrator.core.usage import Usage

_DOCUMENTS = frozenset({"document", "documents"})


def event_name(record: Record) -> str:
    """Return the kind of a record in lower case with underscores: `task_completed`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(record).__name__)[
        1:
    ]


def event_of(position: int, record: Record) -> dict[str, object]:
    """Return a record as plain data; the documents of `run_created` are left out: they are long and no event."""
    data: dict[str, object] = {"position": position, "event": event_name(record)}
    for field, value in record._asdict().items():
        if field in _DOCUMENTS:
            continue
        if field in {"at", "started_at", "resume_at", "fires_at"}:
            data[field] = moment(value)
        elif isinstance(value, Failure | Usage):
            data[field] = value.as_data()
        else:
            data[field] = plain(value)
    return data
