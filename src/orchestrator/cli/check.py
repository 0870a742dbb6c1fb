"""`py-orc check`: every problem of pipeline files, without running anything."""

import typer

from orchestrator.app.inventory import all_steps
from orchestrator.cli.exits import COMPLETED, WRONG, guarded
from orchestrator.cli.options import Files, Json, door
from orchestrator.errors import CompileError, Problem, SetupError


def check(files: Files, *, json: Json = False) -> None:
    """Check pipeline files, all problems at once.

    Executes nothing: a tools.py beside a file is only read.

    Examples:

    \b
      py-orc check digest.yaml
      py-orc check pipelines/*.yaml --json
    """
    raise typer.Exit(guarded(lambda: _check(files, json=json), json=json))


def _check(files: list[str], *, json: bool) -> int:
    from orchestrator.cli.document import print_document
    from orchestrator.cli.problems import as_data, print_problems
    from orchestrator.cli.results import counted
    from orchestrator.cli.terminal import out

    paper = out()
    reports: list[dict[str, object]] = []
    for file in files:
        errors, warnings, steps = _examine(file)
        problems = [
            *(as_data(one) for one in errors),
            *(as_data(one, severity="warning") for one in warnings),
        ]
        reports.append({"file": file, "ok": not errors, "steps": steps, "problems": problems})
        if not json:
            print_problems(paper, errors)
            print_problems(paper, warnings, warning=True)
            if errors:
                paper.line(f"{paper.symbol('failed')} {file}: {counted(len(errors), 'problem')}")
            else:
                paper.line(f"{paper.symbol('completed')} {file}: {counted(steps, 'step')}, nothing wrong")
    if json:
        print_document({"ok": all(report["ok"] for report in reports), "files": reports})
    return COMPLETED if all(report["ok"] for report in reports) else WRONG


def _examine(file: str) -> tuple[tuple[Problem, ...], tuple[Problem, ...], int]:
    """Return errors, warnings and the number of steps of a file."""
    with door("memory:") as orchestrator:
        try:
            pipeline = orchestrator.compile(file)
        except CompileError as error:
            return error.problems, (), 0
        except SetupError as error:
            return (Problem(error.message, hint=error.hint, path=""),), (), 0
    return (), pipeline.warnings, sum(1 for _ in all_steps(pipeline))
