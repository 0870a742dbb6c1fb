"""`py-orc explain`: where a task's parameters came from."""

from typing import Annotated

import typer

from orchestrator.app.origins import TaskOrigins
from orchestrator.app.plain import legible
from orchestrator.app.sanitising import one_line
from orchestrator.cli.completion import complete_step
from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, Run, Store, door
from orchestrator.cli.results import made_text
from orchestrator.cli.terminal import Paper, out, width


def explain(
    run: Run,
    step: Annotated[
        str,
        typer.Argument(metavar="STEP", help="A task's path, or a step's id.", autocompletion=complete_step),
    ],
    field: Annotated[str, typer.Argument(metavar="[FIELD]", help="One parameter, such as `prompt`.")] = "",
    *,
    store: Store = "",
    json: Json = False,
) -> None:
    """Show where a task's parameters came from.

    What its templates read, with the recorded values.

    Examples:

    \b
      py-orc explain last report
      py-orc explain last 'digest[3].summary' prompt
    """
    raise typer.Exit(guarded(lambda: _explain(run, step, field, store, json=json), json=json))


def _explain(run: str, step: str, field: str, store: str, *, json: bool) -> int:
    with door(store) as orchestrator:
        found = orchestrator.origins(run, step, field)
    if json:
        from orchestrator.cli.document import print_document

        print_document(found.as_data())
    else:
        _print(out(), found)
    return COMPLETED


def _print(paper: Paper, found: TaskOrigins) -> None:
    paper.line(f"{paper.paint(found.task, 'bold')}  {found.does}")
    for field in found.fields:
        paper.line(
            f"  {paper.paint(field.field, 'cyan')}: {one_line(field.written, width() - len(field.field) - 5)}"
        )
        for origin in field.origins:
            value = one_line(legible(origin.value), width() - 12) if origin.known else "(not recorded)"
            paper.line(f"    {origin.name}  {paper.paint(f'from {origin.source}', 'dim')}")
            paper.line(f"      = {value}")
    if found.made is not None:
        paper.line(paper.clean(made_text(found.made)))
