"""The Typer application: every command with its help, imported for all but the plain forms of `run`."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from orchestrator.cli import (
    cache,
    check,
    doctor,
    events,
    explain,
    fmt,
    graph,
    init,
    lock,
    models,
    plan,
    resume,
    runs,
    schema,
    show,
    test,
    tools,
)
from orchestrator.cli.run_command import run
from orchestrator.cli.terminal import has_colours

COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("run", run),
    ("check", check.check),
    ("plan", plan.plan),
    ("lock", lock.lock),
    ("test", test.run_tests),
    ("graph", graph.graph),
    ("fmt", fmt.fmt),
    ("runs", runs.runs),
    ("show", show.show),
    ("events", events.events),
    ("explain", explain.explain),
    ("resume", resume.resume),
    ("cancel", resume.cancel),
    ("tools", tools.tools),
    ("models", models.models),
    ("schema", schema.schema),
    ("cache", cache.cache),
    ("init", init.init),
    ("doctor", doctor.doctor),
)
"""In the order in which help lists them."""

_ABOUT = """AI workflows in a YAML file: compiled, planned, run as a DAG, resumed after any crash.

Exit codes: 0 completed · 1 failed or partial · 2 the file or the call is wrong · 3 waiting for a person · 130 interrupted.
"""


def main(words: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    try:
        application()(args=list(words), prog_name="py-orc", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def application() -> typer.Typer:
    """Return the application; its help is drawn by rich on a terminal with colours, as plain text elsewhere."""
    app = typer.Typer(
        help=_ABOUT,
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if has_colours(sys.stdout) else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name, command in COMMANDS:
        app.command(name)(command)
    return app


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        from importlib.metadata import version

        print(f"py-orc {version('py-orc')}")
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


_root.__doc__ = _ABOUT
