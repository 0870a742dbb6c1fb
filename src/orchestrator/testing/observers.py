"""Observers that keep what they are told."""

from typing import TypeVar

from orchestrator.core.journal import Record

Kind = TypeVar("Kind", bound=Record)


class Collector:
    """A `core.hook.Observer` that keeps every record of a run."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.positions: list[int] = []

    def __call__(self, position: int, record: Record, /) -> None:
        """Keep the record."""
        self.positions.append(position)
        self.records.append(record)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the records of one kind, in order."""
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def kinds(self) -> list[str]:
        """The names of the kinds, in order: a run at a glance."""
        return [type(record).__name__ for record in self.records]


def collect() -> Collector:
    """Return a fresh observer that keeps what it is told."""
    return Collector()
