"""`py-orc init`: a small project that runs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, door
from orchestrator.cli.terminal import out
from orchestrator.cli.written_file import make_parent, write_file
from orchestrator.errors import SetupError

_TEMPLATES = Path(__file__).parent / "templates"
_SCHEMA = Path(".py-orc/pipeline.schema.json")


class Template(StrEnum):
    """What a new project starts from."""

    DIGEST = "digest"
    MINIMAL = "minimal"


def init(
    folder: Annotated[str, typer.Argument(metavar="[DIR]", help="Where to; made if it is not there.")] = ".",
    *,
    template: Annotated[
        Template,
        typer.Option("--template", help="digest: a loop, a model, a tool of your own; minimal: one step."),
    ] = Template.DIGEST,
    json: Json = False,
) -> None:
    """Write a small project to start from.

    A pipeline that runs without a key, a tool of your own, a README. Existing files are never overwritten.

    Examples:

    \b
      py-orc init my-project && cd my-project && py-orc run pipeline.yaml
      py-orc init --template minimal
    """
    raise typer.Exit(guarded(lambda: _init(Path(folder), template.value, json=json), json=json))


def _init(folder: Path, template: str, *, json: bool) -> int:
    source = _TEMPLATES / template
    names = sorted(
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    taken = [str(folder / name) for name in names if (folder / name).exists()]
    if taken:
        raise SetupError(f"{', '.join(taken)} is there already", hint="choose another folder.")
    for name in names:
        target = folder / name
        make_parent(target)
        write_file(target, (source / name).read_bytes())
    _write_schema(folder)
    if json:
        from orchestrator.cli.document import print_document

        print_document({"folder": str(folder), "files": [str(name) for name in names]})
    else:
        _tell(folder, names)
    return COMPLETED


def _write_schema(folder: Path) -> None:
    """Write what the first line of the pipeline names, so that editors complete from the start."""
    import json

    target = folder / _SCHEMA
    make_parent(target)
    with door("memory:") as orchestrator:
        write_file(target, json.dumps(orchestrator.schema(), indent=1, ensure_ascii=False))


def _tell(folder: Path, names: list[Path]) -> None:
    paper = out()
    for name in names:
        paper.line(f"{paper.symbol('completed')} {folder / name}")
    change = "" if folder == Path() else f"cd {folder} && "
    paper.line(f"  → {paper.paint(f'{change}py-orc run pipeline.yaml', 'cyan')}")
