"""`py-orc fmt`: pipeline files in one form."""

import difflib
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.app.files import read_pipeline_text
from orchestrator.cli.exits import COMPLETED, FAILED, guarded
from orchestrator.cli.options import Files
from orchestrator.cli.terminal import Paper, err, out
from orchestrator.cli.written_file import write_file


def fmt(
    files: Files,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what would change instead of writing it.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Format pipeline files.

    Comments and meaning stay.

    Examples:

    \b
      py-orc fmt digest.yaml
      py-orc fmt --check pipelines/*.yaml
    """
    raise typer.Exit(guarded(lambda: _fmt(files, write=not (check or diff), diff=diff, json=json), json=json))


def _fmt(files: list[str], *, write: bool, diff: bool, json: bool) -> int:
    from orchestrator.compiler import format_text

    changed: list[str] = []
    for file in files:
        text = read_pipeline_text(file)
        formatted = format_text(text, file=file)
        if formatted == text:
            continue
        changed.append(file)
        if write:
            write_file(Path(file), formatted)
        if not json:
            _tell(file, text, formatted, write=write, diff=diff)
    if json:
        from orchestrator.cli.document import print_document

        print_document({"changed": changed, "written": write})
    return FAILED if changed and not write else COMPLETED


def _tell(file: str, text: str, formatted: str, *, write: bool, diff: bool) -> None:
    if diff:
        _diff(out(), file, text, formatted)
    else:
        err().line(f"{'formatted' if write else 'would format'} {file}")


def _diff(paper: Paper, file: str, old: str, new: str) -> None:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), file, file, lineterm=""):
        colour = colours.get(line[:1])
        paper.line(paper.paint(paper.clean(line), colour) if colour else paper.clean(line))
