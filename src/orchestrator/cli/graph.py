"""`py-orc graph`: a pipeline as a picture."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import File, door
from orchestrator.cli.streams import write
from orchestrator.cli.terminal import err
from orchestrator.cli.written_file import write_file
from orchestrator.core.misfit import joined
from orchestrator.errors import SetupError


class GraphFormat(StrEnum):
    """How a picture is written."""

    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


_BY_SUFFIX = {
    ".svg": GraphFormat.SVG,
    ".json": GraphFormat.JSON,
    ".mmd": GraphFormat.MERMAID,
    ".md": GraphFormat.MERMAID,
    ".txt": GraphFormat.MERMAID,
}


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
    raise typer.Exit(guarded(lambda: _graph(file, form, output, json=json)))


def _format(form: GraphFormat | None, output: str, *, json: bool) -> GraphFormat:
    if json:
        return GraphFormat.JSON
    if form or not output:
        return form or GraphFormat.MERMAID
    found = _BY_SUFFIX.get(Path(output).suffix.lower())
    if found is None:
        raise SetupError(
            f"cannot tell the format of {output}", hint=f"end it in {joined([*_BY_SUFFIX])}, or say --format."
        )
    return found


def _graph(file: str, form: GraphFormat | None, output: str, *, json: bool) -> int:
    chosen = _format(form, output, json=json)
    with door("memory:") as orchestrator:
        text = orchestrator.draw(file, chosen.value)
    if output:
        write_file(Path(output), text)
        paper = err()
        paper.line(f"{paper.symbol('completed')} {paper.clean(output)}")
    else:
        write(sys.stdout, text)
    return COMPLETED
