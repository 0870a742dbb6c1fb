"""`py-orc runs`: the runs of this project."""

from collections.abc import Sequence
from typing import Annotated

import typer

from orchestrator.app.plain import moment, span
from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, Store, door
from orchestrator.cli.terminal import out
from orchestrator.core.store import RunSummary
from orchestrator.errors import UserError

STATUSES = ("running", "interrupted", "waiting", "completed", "partial", "failed", "cancelled")


def runs(
    *,
    status: Annotated[str, typer.Option("--status", help=f"Only these: {', '.join(STATUSES)}.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, newest first.")] = 20,
    store: Store = "",
    json: Json = False,
) -> None:
    """List runs, newest first.

    Those that are `interrupted` can be resumed.

    Examples:

    \b
      py-orc runs
      py-orc runs --status interrupted --json
    """
    raise typer.Exit(guarded(lambda: _runs(status, limit, store, json=json), json=json))


def _runs(status: str, limit: int, store: str, *, json: bool) -> int:
    if status and status not in STATUSES:
        from orchestrator.core.suggestion import suggestion

        raise UserError(f"there is no status {status!r}\n  → {suggestion(status, STATUSES, kind='they are')}")
    with door(store) as orchestrator:
        found = orchestrator.runs(status=status or None, limit=limit)
    if json:
        from orchestrator.cli.document import print_document

        print_document({"runs": [summary_data(summary) for summary in found]})
    else:
        _print(found)
    return COMPLETED


def summary_data(summary: RunSummary) -> dict[str, object]:
    """Return a run of a list as plain data."""
    return {
        "run_id": summary.run_id,
        "pipeline": summary.pipeline,
        "status": summary.status,
        "created_at": moment(summary.created_at),
        "ended_at": moment(summary.ended_at),
        "workspace": summary.workspace,
        "key": summary.key or None,
    }


def _print(found: Sequence[RunSummary]) -> None:
    import time

    paper = out()
    if not found:
        paper.line("no runs yet; start one with: py-orc run FILE")
    for summary in found:
        began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(summary.created_at))
        seconds = None if summary.ended_at is None else summary.ended_at - summary.created_at
        line = f"{summary.run_id}  {paper.symbol(summary.status)} {paper.status(f'{summary.status:<11}')}"
        line += f"  {paper.paint(began, 'dim')}  {span(seconds):>8}  {paper.clean(summary.pipeline)}"
        paper.line(line + (f"  {paper.paint(f'key {summary.key}', 'dim')}" if summary.key else ""))
