"""`py-orc runs`: the runs of this project."""

from collections.abc import Sequence
from typing import Annotated

import typer

from orchestrator.app.plain import clock_time, moment, span
from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, Store, door
from orchestrator.cli.short_ids import short_length
from orchestrator.cli.terminal import out
from orchestrator.core.store import RunSummary
from orchestrator.errors import UserError

STATUSES = ("running", "interrupted", "waiting", "completed", "partial", "failed", "cancelled", "damaged")


def runs(
    *,
    status: Annotated[str, typer.Option("--status", help=f"Only these: {', '.join(STATUSES)}.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, newest first.")] = 20,
    store: Store = "",
    json: Json = False,
) -> None:
    """List runs, newest first.

    Each with the end of its id, which is enough to name it, its beginning in this machine's zone, and how long it took. Those
    that are `interrupted` can be resumed.

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
        "cost": None if summary.cost is None else str(summary.cost),
    }


def _print(found: Sequence[RunSummary]) -> None:
    paper = out()
    length = short_length([summary.run_id for summary in found])
    if not found:
        paper.line("no runs yet; start one with: py-orc run FILE")
    for summary in found:
        seconds = None if summary.ended_at is None else summary.ended_at - summary.created_at
        line = f"{paper.clean(summary.run_id[-length:])}  {paper.symbol(summary.status)} {paper.status(f'{summary.status:<11}')}"
        line += f"  {paper.paint(clock_time(summary.created_at), 'dim')}  {span(seconds):>8}  {paper.clean(summary.pipeline)}"
        line += f"  ${summary.cost:f}" if summary.cost else ""
        paper.line(
            line + (f"  {paper.paint(f'key {paper.clean(summary.key)}', 'dim')}" if summary.key else "")
        )
    damaged = [summary.run_id for summary in found if summary.status == "damaged"]
    if damaged:
        paper.line(paper.paint(f"  → what is damaged: py-orc show {paper.clean(damaged[0])}", "cyan"))
