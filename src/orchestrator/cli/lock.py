"""`py-orc lock`: the values that a model decides for a file, pinned beside it."""

from collections.abc import Sequence
from typing import Annotated

import typer

from orchestrator.app.lock_files import lock_path
from orchestrator.app.locking import LockLine
from orchestrator.app.plain import written
from orchestrator.cli.exits import COMPLETED, FAILED, guarded
from orchestrator.cli.options import File, Json, door
from orchestrator.cli.terminal import Paper, out
from orchestrator.errors import UserError

_SIGNS = {"kept": (" ", "dim"), "new": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}


def lock(
    file: File,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Ask nobody; exit 1 when the lock is not up to date.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what would change, and write nothing.")] = False,
    renew: Annotated[bool, typer.Option("--renew", help="Decide every value anew.")] = False,
    json: Json = False,
) -> None:
    """Decide the <AUTO> values of a file and pin them in FILE.lock.

    Only values whose question reads nothing of a run are pinned. What is missing, or was decided from something that has changed since, is asked; the rest stays. Commit the lock with the file, and run with --frozen where no model may decide anything new.

    Examples:

    \b
      py-orc lock digest.yaml
      py-orc lock digest.yaml --diff
      py-orc lock digest.yaml --check    # for CI
    """
    raise typer.Exit(guarded(lambda: _lock(file, check=check, diff=diff, renew=renew, json=json), json=json))


def _lock(file: str, *, check: bool, diff: bool, renew: bool, json: bool) -> int:
    if check and (diff or renew):
        raise UserError("--check asks nobody, so it goes with neither --diff nor --renew")
    with door("memory:") as orchestrator:
        lines = orchestrator.lock(file, check=check, write=not diff, renew=renew)
    stale = [line for line in lines if line.standing != "kept"]
    if json:
        from orchestrator.cli.document import print_document

        print_document({"lock": str(lock_path(file)), "values": [line.as_data() for line in lines]})
    else:
        _print(out(), file, lines, check=check, wrote=bool(stale) and not check and not diff)
    return FAILED if check and stale else COMPLETED


def _print(paper: Paper, file: str, lines: Sequence[LockLine], *, check: bool, wrote: bool) -> None:
    for line in lines:
        sign, style = _SIGNS[line.standing]
        paper.line(paper.paint(f"{sign} {line.at}  {_told(line, check=check)}", style))
    changed = sum(line.standing != "kept" for line in lines)
    if not lines:
        paper.line(f"{file} leaves nothing open that could be pinned")
    elif check:
        word = "up to date" if not changed else f"not up to date: {changed} of {len(lines)} values"
        paper.line(f"{lock_path(file)} is {word}")
    else:
        paper.line(f"{'wrote ' if wrote else ''}{lock_path(file)}: {len(lines)} values, {changed} changed")


def _told(line: LockLine, *, check: bool) -> str:
    if line.standing == "kept" and line.after is not None:
        return written(line.after.value)
    before = written(line.before.value) if line.before else ""
    if check or line.after is None:
        return {"new": "is missing", "changed": f"is stale ({before})"}.get(
            line.standing, f"has no tag any more ({before})"
        )
    arrow = f"{before} → " if line.before else ""
    cost = "" if line.after.cost is None else f", ${line.after.cost}"
    return f"{arrow}{written(line.after.value)}  ({line.after.model}{cost})"
