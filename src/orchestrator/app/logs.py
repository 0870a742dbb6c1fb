"""Structured logging: one JSON line per event with run and task ids, and the texts of secrets masked."""

import logging
import sys
from collections.abc import Mapping
from typing import Protocol, TextIO, cast

import structlog

from orchestrator.app.event import event_of
from orchestrator.core.ids import RunId
from orchestrator.core.journal import (
    Record,
    RunEnded,
    RunWarned,
    TaskFailed,
    TaskInDoubt,
    TaskProgressed,
    TaskRecovered,
    TaskRetrying,
    TaskStarted,
)
from orchestrator.core.secret import mask

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_QUIET = (TaskStarted, TaskProgressed)
_LOUD = (RunWarned, TaskRetrying, TaskRecovered, TaskInDoubt)


class _Logger(Protocol):
    def log(self, level: int, event: str, **fields: object) -> object: ...


class JsonLog:
    """Writes each record of one run as a JSON line; an observer.

    Args:
        run_id: The run; every line has it.
        secrets: Values to mask.
        level: The least that is written: debug, info, warning or error.
        stream: Where to; stderr by default.
    """

    def __init__(
        self, run_id: RunId, secrets: Mapping[str, str], *, level: str, stream: TextIO | None = None
    ) -> None:
        self._secrets = secrets
        # Built here rather than configured globally, so that it leaves the host program's own logging alone.
        self._logger = cast(
            "_Logger",
            structlog.wrap_logger(
                structlog.WriteLogger(stream or sys.stderr),
                processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
                wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
                run_id=run_id,
            ),
        )

    def __call__(self, position: int, record: Record, /) -> None:
        """Write the record's line."""
        fields = cast("dict[str, object]", mask(event_of(position, record), self._secrets))
        fields.pop("run_id", None)
        fields["timestamp"] = fields.pop("at")
        self._logger.log(_level(record), str(fields.pop("event")), **fields)


def _level(record: Record) -> int:
    if isinstance(record, _QUIET):
        return logging.DEBUG
    if isinstance(record, TaskFailed):
        return logging.WARNING if record.tolerated else logging.ERROR
    if isinstance(record, RunEnded):
        return logging.ERROR if record.status == "failed" else logging.INFO
    return logging.WARNING if isinstance(record, _LOUD) else logging.INFO
