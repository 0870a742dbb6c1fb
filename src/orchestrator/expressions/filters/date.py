"""Dates from and to text."""

# ruff: noqa: ARG001 - every filter takes the frame, whether it needs it or not
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe


def format_date(frame: Frame, value: object, format: str = "%Y-%m-%d") -> str:  # noqa: A002 - the argument's name in templates
    """Print a date, an ISO text, or epoch seconds such as `run.started_at` (as UTC), in a format of `strftime`."""
    if len(format) > 200:
        raise Refused("a date's format of more than 200 characters is refused")
    try:
        return _moment(value).strftime(format)
    except ValueError as error:
        raise Refused(f"the date cannot be printed: {error}") from None


DATE_FILTERS: Mapping[str, Callable[..., object]] = {"date": format_date}


def _moment(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _instant(value)
    if not isinstance(value, str):
        raise Refused(f"`date` needs ISO text, not {describe(value)}", "write it like 2026-11-20T09:30:00Z.")
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise Refused(f"{value[:40]!r} is no ISO date", "write it like 2026-11-20T09:30:00Z.") from None


def _instant(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused(f"{seconds} is no time of day", "it counts seconds since 1970 began.") from None
