"""`py-orc run`: compile a file, run it, show how it goes."""

import sys
from collections.abc import Mapping, Sequence

from orchestrator.app.inputs import Written
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.place import other_project
from orchestrator.cli.exits import BY_STATUS, guarded
from orchestrator.cli.foreground import Prepared, run_in_foreground
from orchestrator.cli.run_arguments import RunArguments
from orchestrator.cli.terminal import err
from orchestrator.errors import InputError, Problem
from orchestrator.settings import Settings


def run(arguments: RunArguments) -> int:
    """Run a pipeline file and return the exit code."""
    return guarded(lambda: _run(arguments), json=arguments.json)


def _run(arguments: RunArguments) -> int:
    orchestrator = Orchestrator(
        arguments.store or None,
        workspace=arguments.workspace or None,
        offline=arguments.offline or None,
        frozen=arguments.frozen,
        trust_tools=arguments.trust_tools,
        ask=_ask if sys.stdin.isatty() and err().is_terminal else None,
        max_parallel=arguments.max_parallel,
        record=arguments.record or None,
        replay=arguments.replay or None,
    )
    inputs = read_inputs(arguments)

    async def prepare() -> Prepared:
        pipeline = orchestrator.load(arguments.file)
        if not arguments.quiet and not arguments.replay:
            _tell_place(arguments.file, orchestrator.settings)
        return pipeline, ()

    result = run_in_foreground(
        orchestrator,
        prepare=prepare,
        execute=lambda pipeline, observer: orchestrator.arun(
            pipeline, inputs, key=arguments.key, on_event=observer
        ),
        quiet=arguments.quiet,
        json=arguments.json,
        live=not arguments.replay,
    )
    return BY_STATUS[result.status]


def _tell_place(file: str, settings: Settings) -> None:
    """Say where the run is kept when that is not the project of its file."""
    project = other_project(file, settings)
    if project is not None:
        paper = err()
        paper.line(f"{paper.paint('note:', 'yellow')} kept in {settings.store}, the current folder's project")
        paper.line(paper.paint(f"  → to keep it with its file, run it in {project}", "cyan"))


def read_inputs(arguments: RunArguments) -> dict[str, object]:
    """Return the values that the command line gives: those of the inputs file, then the single ones."""
    values: dict[str, object] = dict(_inputs_file(arguments.inputs)) if arguments.inputs else {}
    return values | named_values(arguments.values, "-i")


def named_values(texts: Sequence[str], flag: str) -> dict[str, object]:
    """Return the values of texts such as `name=value`; raises `InputError` naming each that is none."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for text in texts:
        name, equals, value = text.partition("=")
        if equals and name:
            values[name.strip()] = Written(value)
        else:
            problems.append(
                Problem(f"{text!r} is not an input", hint=f"write {flag} {name or 'NAME'}=VALUE.")
            )
    if problems:
        raise InputError(problems)
    return values


def _inputs_file(name: str) -> Mapping[str, object]:
    from orchestrator.app.inputs_file import read_inputs_file

    return read_inputs_file("stdin", text=sys.stdin.read()) if name == "-" else read_inputs_file(name)


def _ask(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
