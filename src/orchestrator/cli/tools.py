"""`py-orc tools`: what steps can do."""

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import typer

from orchestrator.app.plain import written
from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, door
from orchestrator.cli.terminal import Paper, out
from orchestrator.core.action import ActionSpec
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import UserError
from orchestrator.tools.registry import Tool

_NOTHING: Mapping[str, object] = {}
_EFFECT_COLOURS = {"pure": "dim", "read": "blue", "idempotent": "green", "once": "yellow"}


def tools(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="An action, or a tool.")] = "",
    *,
    json: Json = False,
) -> None:
    """List the actions that steps can call.

    With a name: its parameters and result. Built-in ones, installed plug-ins, and those of the tools.py in this folder, which is read but not executed.

    Examples:

    \b
      py-orc tools
      py-orc tools filesystem.read
    """
    raise typer.Exit(guarded(lambda: _tools(name, json=json), json=json))


def _tools(name: str, *, json: bool) -> int:
    with door("memory:") as orchestrator:
        found = orchestrator.tools()
    if name:
        found = _chosen(found, name)
    if json:
        from orchestrator.cli.document import print_document

        print_document({"tools": [_data(tool) for tool in found]})
        return COMPLETED
    paper = out()
    for tool in found:
        if name:
            for spec in tool.actions:
                _describe(paper, spec, tool.origin)
        else:
            _list(paper, tool)
    return COMPLETED


def _chosen(found: Sequence[Tool], name: str) -> list[Tool]:
    """Return the tool or action of a name; raises `UserError` naming what is near."""
    chosen = [
        tool._replace(actions=[spec for spec in tool.actions if name in {spec.name, tool.name}])
        for tool in found
    ]
    chosen = [tool for tool in chosen if tool.actions or tool.name == name]
    if not chosen:
        from orchestrator.core.suggestion import suggestion

        known = [
            *(spec.name for tool in found for spec in tool.actions),
            *(tool.name for tool in found if tool.name),
        ]
        raise UserError(f"there is no action {name!r}\n  → {suggestion(name, known, kind='there are')}")
    return chosen


def _data(tool: Tool) -> dict[str, object]:
    return {
        "name": tool.name or None,
        "origin": tool.origin,
        "problem": tool.problem or None,
        "actions": [
            {
                "name": spec.name,
                "description": spec.description,
                "effect": spec.effect.value,
                "runs": spec.runs,
                "parameters": spec.parameters,
                "result": spec.result,
            }
            for spec in tool.actions
        ],
    }


def _list(paper: Paper, tool: Tool) -> None:
    paper.line(f"{paper.paint(tool.name or 'language', 'bold')}  {paper.paint(tool.origin, 'dim')}")
    if tool.problem:
        paper.line(f"  {paper.paint('error:', 'red')} {tool.problem}")
    for spec in tool.actions:
        effect = paper.paint(f"{spec.effect.value:<10}", _EFFECT_COLOURS[spec.effect.value])
        paper.line(f"  {spec.name:<22} {effect} {_first_sentence(spec.description)}")


def _describe(paper: Paper, spec: ActionSpec, origin: str) -> None:
    effect = paper.paint(spec.effect.value, _EFFECT_COLOURS[spec.effect.value])
    paper.line(f"{paper.paint(spec.name, 'bold')}  {effect}  {paper.paint(origin, 'dim')}")
    paper.line(f"  {spec.description}")
    _fields(paper, "with", spec.parameters)
    _fields(paper, "result", spec.result)


def _fields(paper: Paper, title: str, schema: Mapping[str, object]) -> None:
    properties = schema.get("properties")
    if not is_mapping(properties):
        if schema:
            paper.line(f"  {title}: {_type(schema)}")
        return
    paper.line(f"  {title}:")
    required = schema.get("required")
    needed = set(cast("Sequence[str]", required)) if is_list(required) else set[str]()
    for name, field in properties.items():
        entry = field if is_mapping(field) else _NOTHING
        notes = [_type(entry), "required" if name in needed and title == "with" else ""]
        notes.append(f"default {written(entry['default'])}" if "default" in entry else "")
        about = str(entry.get("description", ""))
        told = ", ".join(note for note in notes if note)
        paper.line(
            f"    {paper.paint(name, 'cyan')}: {told}" + (f"  {paper.paint(about, 'dim')}" if about else "")
        )


def _type(schema: Mapping[str, object]) -> str:
    allowed = schema.get("enum")
    if is_list(allowed):
        return "one of " + ", ".join(written(item) for item in allowed)
    kind = schema.get("type")
    if is_list(kind):
        return " or ".join(str(item) for item in kind)
    items = schema.get("items")
    if kind == "array" and is_mapping(items):
        return f"array of {_type(items)}"
    return str(kind) if kind else "anything"


def _first_sentence(text: str) -> str:
    line = text.strip().split("\n")[0]
    return line.partition(". ")[0].rstrip(".") + "."
