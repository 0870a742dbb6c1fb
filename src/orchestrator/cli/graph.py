"""`py-orc graph`: a pipeline as a picture."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import File, door


class GraphFormat(StrEnum):
    """How a picture is written."""

    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


def graph(
    file: File,
    *,
    form: Annotated[
        GraphFormat | None, typer.Option("--format", help="[default: by the output's name, else mermaid]")
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")] = "",
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Draw a pipeline as SVG, Mermaid or JSON.

    Groups are boxes; conditions, loops and effects are marked.

    Examples:

    \b
      py-orc graph digest.yaml
      py-orc graph digest.yaml -o digest.svg
    """
    raise typer.Exit(guarded(lambda: _graph(file, _format(form, output, json=json), output)))


def _format(form: GraphFormat | None, output: str, *, json: bool) -> GraphFormat:
    if json:
        return GraphFormat.JSON
    by_name = {".svg": GraphFormat.SVG, ".json": GraphFormat.JSON}
    return form or by_name.get(Path(output).suffix.lower(), GraphFormat.MERMAID)


def _graph(file: str, form: GraphFormat, output: str) -> int:
    with door("memory:") as orchestrator:
        text = orchestrator.draw(file, form.value)
    if output:
        Path(output).write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)
    return COMPLETED
