"""`py-orc schema`: the JSON Schema of pipeline files, for editors."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, door
from orchestrator.cli.streams import write
from orchestrator.cli.written_file import make_parent, write_file


def schema(
    *,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")] = "",
    json: Json = False,  # noqa: ARG001 - every command has it; a schema is JSON anyway
) -> None:
    """Print the JSON Schema of pipeline files.

    It has the parameters of every action of this project. Name it in the first line of a pipeline and editors complete and check while you type.

    Examples:

    \b
      py-orc schema -o .py-orc/pipeline.schema.json
      # yaml-language-server: $schema=.py-orc/pipeline.schema.json
    """
    raise typer.Exit(guarded(lambda: _schema(output)))


def _schema(output: str) -> int:
    import json

    with door("memory:") as orchestrator:
        text = json.dumps(orchestrator.schema(), indent=2, ensure_ascii=False) + "\n"
    if output:
        make_parent(Path(output))
        write_file(Path(output), text)
    else:
        write(sys.stdout, text)
    return COMPLETED
