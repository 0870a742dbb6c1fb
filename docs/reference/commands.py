"""The help of every command, as a terminal without colours shows it."""

import io
from contextlib import redirect_stdout

from typer.core import TyperGroup
from typer.main import get_command

from orchestrator.cli.application import application

_COLUMNS = 92


def commands() -> str:
    """Return a section for each command."""
    with redirect_stdout(io.StringIO()):  # a terminal would get colours
        root = get_command(application())
    if not isinstance(root, TyperGroup):
        raise TypeError("the application has no commands")
    outer = root.context_class(
        root, info_name="py-orc", terminal_width=_COLUMNS, help_option_names=["-h", "--help"]
    )
    parts: list[str] = []
    for name, command in root.commands.items():
        context = command.context_class(command, info_name=name, parent=outer, terminal_width=_COLUMNS)
        text = command.get_help(context).strip()
        parts.append(f"## `py-orc {name}`\n\n<!-- skip: the command's own help -->\n```text\n{text}\n```")
    return "\n\n".join(parts)
