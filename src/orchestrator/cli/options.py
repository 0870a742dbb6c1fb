"""Options that several commands share, so that they are named and explained once."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from orchestrator.app.orchestrator import Orchestrator
from orchestrator.cli.completion import complete_run

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Store = Annotated[
    str, typer.Option("--store", metavar="URL", help="Where runs are kept. [default: this project]")
]
File = Annotated[str, typer.Argument(metavar="FILE", help="A pipeline file.")]
Files = Annotated[list[str], typer.Argument(metavar="FILE…", help="Pipeline files.")]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A run's id, its beginning or end, or `last`.", autocompletion=complete_run
    ),
]


@contextmanager
def door(store: str = "") -> Generator[Orchestrator]:
    """Open the project's door for looking; closes it again."""
    with Orchestrator(store or None) as orchestrator:
        yield orchestrator
