"""A pipeline as a Mermaid flowchart, for documents that draw it themselves."""

from collections.abc import Iterator

from orchestrator.app.diagram.outline import Box, Outline, Panel


def draw_mermaid(outline: Outline) -> str:
    """Return the flowchart."""
    lines = ["---", f"title: {_plain(outline.name)}", "---", "flowchart TD"]
    for number, panel in enumerate(outline.panels):
        lines += _panel(panel, f"panel{number}", "  ")
    lines += [
        "  classDef once stroke:#d9822b",
        "  classDef read stroke:#3b82c4",
        "  classDef idempotent stroke:#2f9e6e",
    ]
    return "\n".join([*lines, ""])


def _panel(panel: Panel, name: str, indent: str) -> Iterator[str]:
    if panel.label:
        yield f'{indent}subgraph {name}["{_text(panel.label)}"]'
        yield from _boxes(panel, indent + "  ")
        yield f"{indent}end"
    else:
        yield from _boxes(panel, indent)


def _boxes(panel: Panel, indent: str) -> Iterator[str]:
    for box in panel.boxes:
        yield from _box(box, indent)
    for before, after in panel.edges:
        yield f"{indent}{_node(panel.boxes[before])} --> {_node(panel.boxes[after])}"


def _box(box: Box, indent: str) -> Iterator[str]:
    label = _label(box)
    if not box.panels:
        shape = ('{{"', '"}}') if box.kind == "switch" else ('["', '"]')
        effect = f":::{box.effect}" if box.effect in {"once", "read", "idempotent"} else ""
        yield f"{indent}{_node(box)}{shape[0]}{label}{shape[1]}{effect}"
        return
    yield f'{indent}subgraph {_node(box)}["{label}"]'
    for number, panel in enumerate(box.panels):
        yield from _panel(panel, f"{_node(box)}_{number}", indent + "  ")
    yield f"{indent}end"


def _label(box: Box) -> str:
    lines = [f"if {box.condition}" if box.condition else "", box.title, box.subtitle, " · ".join(box.marks)]
    return "<br/>".join(_text(line) for line in lines if line)


def _node(box: Box) -> str:
    return "n_" + box.path.replace(
        ".", "__"
    )  # the prefix keeps words such as `end` from being read as Mermaid's own


def _text(text: str) -> str:
    for character, entity in (("&", "&amp;"), ('"', "#quot;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return text


def _plain(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
