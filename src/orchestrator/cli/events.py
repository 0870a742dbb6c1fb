"""`py-orc events`: the journal of a run, event by event."""

import asyncio
from typing import Annotated

import typer

from orchestrator.app.event import event_of
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Run, Store
from orchestrator.cli.story import Story
from orchestrator.cli.terminal import out
from orchestrator.core.hook import Observer
from orchestrator.core.journal import Record


def events(
    run: Run,
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Wait for more until the run has ended.")
    ] = False,
    start: Annotated[int, typer.Option("--from", min=0, metavar="N", help="Begin at this position.")] = 0,
    store: Store = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON document per line.")] = False,
) -> None:
    """Print the events of a run in order.

    Examples:

    \b
      py-orc events last
      py-orc events last --follow --json
    """
    raise typer.Exit(guarded(lambda: asyncio.run(_events(run, start, store, follow=follow, json=json))))


async def _events(run: str, start: int, store: str, *, follow: bool, json: bool) -> int:
    teller: Observer = _print_json if json else Story(out())
    async with Orchestrator(store or None) as orchestrator:
        if follow:
            async for position, record in orchestrator.afollow(run, start):
                teller(position, record)
        else:
            for position, record in enumerate(await orchestrator.aevents(run, start), start):
                teller(position, record)
    return COMPLETED


def _print_json(position: int, record: Record, /) -> None:
    from orchestrator.cli.document import print_line

    print_line(event_of(position, record))
