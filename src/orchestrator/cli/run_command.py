"""The Typer side of `py-orc run`: help, completion and complaints; the work is done in `cli.run`."""

from typing import Annotated

import typer

from orchestrator.cli.completion import complete_input
from orchestrator.cli.run_arguments import RUN_OPTIONS, RunArguments


def _option(name: str, *, lowest: int | None = None) -> typer.models.OptionInfo:
    """Return the Typer option of the table's entry."""
    entry = RUN_OPTIONS[name]
    complete = complete_input if name == "values" else None
    return typer.Option(
        *entry.flags, help=entry.help, metavar=entry.metavar or None, min=lowest, autocompletion=complete
    )


def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A pipeline file.")],
    *,
    values: Annotated[list[str] | None, _option("values")] = None,
    inputs: Annotated[str, _option("inputs")] = "",
    json: Annotated[bool, _option("json")] = False,
    quiet: Annotated[bool, _option("quiet")] = False,
    workspace: Annotated[str, _option("workspace")] = "",
    store: Annotated[str, _option("store")] = "",
    key: Annotated[str, _option("key")] = "",
    max_parallel: Annotated[int | None, _option("max_parallel", lowest=1)] = None,
    offline: Annotated[bool, _option("offline")] = False,
    frozen: Annotated[bool, _option("frozen")] = False,
    record: Annotated[str, _option("record")] = "",
    replay: Annotated[str, _option("replay")] = "",
    trust_tools: Annotated[bool, _option("trust_tools")] = False,
) -> None:
    """Run a pipeline file.

    Progress goes to stderr, outputs to stdout. Ctrl-C gives running steps a grace time; the run can be resumed.

    Examples:

    \b
      py-orc run digest.yaml
      py-orc run digest.yaml -i folder=docs -i style=detailed
      py-orc run digest.yaml -i text=@notes.txt --json > result.json
    """
    from orchestrator.cli.run import run as run_file

    arguments = RunArguments(
        file=file,
        values=tuple(values or ()),
        inputs=inputs,
        json=json,
        quiet=quiet,
        workspace=workspace,
        store=store,
        key=key,
        max_parallel=max_parallel,
        offline=offline,
        frozen=frozen,
        record=record,
        replay=replay,
        trust_tools=trust_tools,
    )
    raise typer.Exit(run_file(arguments))
