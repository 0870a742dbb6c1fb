"""What a shell may complete: runs, tasks and inputs. Asked at every press of a key, so nothing here ever complains."""

from collections.abc import Callable, Iterator
from typing import cast

import typer

from orchestrator.cli.short_ids import short_length

Completion = list[tuple[str, str]]
"""Words with what the shell says about them."""

_RUNS = 50
_TASKS = 500


def complete_run(ctx: typer.Context, incomplete: str) -> Completion:
    """Complete a run's id by its end, or by its beginning where that was typed."""
    return _quietly(lambda: _runs(ctx, incomplete))


def complete_step(ctx: typer.Context, incomplete: str) -> Completion:
    """Complete the path of a task of the run that was named."""
    return _quietly(lambda: _tasks(ctx, incomplete))


def complete_input(ctx: typer.Context, incomplete: str) -> Completion:
    """Complete the name of an input of the file that was named."""
    return _quietly(lambda: _inputs(ctx, incomplete))


def _quietly(find: Callable[[], Iterator[tuple[str, str]]]) -> Completion:
    try:
        return list(find())
    except Exception:  # noqa: BLE001 - half a line is being typed: whatever is wrong, its command will say
        return []


def _runs(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    from orchestrator.app.orchestrator import Orchestrator

    with Orchestrator(_said(ctx, "store") or None) as orchestrator:
        found = orchestrator.runs(limit=_RUNS)
    if found and "last".startswith(incomplete):
        yield "last", f"{found[0].pipeline} {found[0].status}"
    length = short_length([run.run_id for run in found])
    for run in found:
        ending = run.run_id[-length:]
        word = ending if ending.startswith(incomplete) else run.run_id
        if word.startswith(incomplete):
            yield word, f"{run.pipeline} {run.status}"


def _tasks(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    from orchestrator.app.orchestrator import Orchestrator

    with Orchestrator(_said(ctx, "store") or None) as orchestrator:
        tasks = orchestrator.state(_said(ctx, "run")).tasks
    matching = (path for path in tasks if path.startswith(incomplete))
    for _, path in zip(range(_TASKS), matching, strict=False):
        yield path, tasks[path].status


def _inputs(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    from orchestrator.app.orchestrator import Orchestrator

    if "=" in incomplete:
        return
    with Orchestrator("memory:") as orchestrator:
        # With the option half typed the words of the line are not yet parameters.
        inputs = orchestrator.compile(_said(ctx, "file") or next(iter(ctx.args))).inputs
    for name, spec in inputs.items():
        if name.startswith(incomplete):
            yield f"{name}=", spec.description or spec.type


def _said(ctx: typer.Context, name: str) -> str:
    value = cast("dict[str, object]", ctx.params).get(name)
    return value if isinstance(value, str) else ""
