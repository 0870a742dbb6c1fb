"""`py-orc resume` and `py-orc cancel`: going on with a run, and ending it."""

from collections.abc import Sequence
from typing import Annotated

import typer

from orchestrator.app.inputs import Written
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.runs import NO_DOUBTS, Doubts, refuse_ended
from orchestrator.cli.exits import BY_STATUS, COMPLETED, FAILED, guarded
from orchestrator.cli.foreground import Prepared, run_in_foreground
from orchestrator.cli.options import Json, Run, Store, door
from orchestrator.cli.results import print_ending
from orchestrator.cli.run import named_values
from orchestrator.cli.terminal import err


def resume(
    run: Run,
    *,
    secrets: Annotated[
        list[str] | None,
        typer.Option(
            "-i", "--input", metavar="NAME=VALUE", help="A secret input; the journal never kept it."
        ),
    ] = None,
    again: Annotated[
        list[str] | None, typer.Option("--again", metavar="STEP", help="Do a task in doubt again.")
    ] = None,
    done: Annotated[
        list[str] | None,
        typer.Option(
            "--done", metavar="STEP[=VALUE]", help="Take a task in doubt as done, with this result."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Show no progress.")] = False,
    trust_tools: Annotated[
        bool, typer.Option("--trust-tools", help="Execute a tools.py from elsewhere.")
    ] = False,
    store: Store = "",
    json: Json = False,
) -> None:
    """Continue an interrupted or waiting run.

    What is done is not done again.

    Examples:

    \b
      py-orc resume last
      py-orc resume 01a1fa06 --done 'send=ok'
    """
    doubts = _doubts(again or (), done or ())

    def work() -> int:
        orchestrator = Orchestrator(store or None, trust_tools=trust_tools)
        given = named_values(secrets or (), "-i")
        result = run_in_foreground(
            orchestrator,
            prepare=lambda: _earlier(orchestrator, run),
            execute=lambda _, observer: orchestrator.aresume(
                run, secrets=given, doubts=doubts, on_event=observer
            ),
            quiet=quiet,
            json=json,
        )
        return BY_STATUS[result.status]

    raise typer.Exit(guarded(work, json=json))


def cancel(run: Run, *, store: Store = "", json: Json = False) -> None:
    """End a run, wherever it runs.

    What its file says how to undo is undone.

    Examples:

    \b
      py-orc cancel last
    """
    raise typer.Exit(guarded(lambda: _cancel(run, store, json=json), json=json))


async def _earlier(orchestrator: Orchestrator, run: str) -> Prepared:
    """Return what the run is and what it has done so far."""
    refuse_ended(await orchestrator.astate(run))
    return await orchestrator.apipeline(run), await orchestrator.aevents(run)


def _doubts(again: Sequence[str], done: Sequence[str]) -> Doubts:
    """Return what the options say about tasks in doubt; each value is read by what its task may give."""
    values: dict[str, object] = {}
    for text in done:
        task, equals, value = text.partition("=")
        values[task] = Written(value) if equals else None
    return Doubts(frozenset(again), values) if again or values else NO_DOUBTS


def _cancel(run: str, store: str, *, json: bool) -> int:
    with door(store) as orchestrator:
        result = orchestrator.cancel(run, by=_user())
    if json:
        from orchestrator.cli.document import print_document

        print_document(result.as_data())
    else:
        print_ending(err(), result)
    return COMPLETED if result.status == "cancelled" else FAILED


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as containers have them
        return ""
