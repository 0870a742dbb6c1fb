"""How large a drawn picture may be: layout takes more than its share of time, and nobody reads a picture of thousands."""

from collections.abc import Sequence

from orchestrator.app.diagram.outline import Outline, Panel
from orchestrator.errors import SetupError

MAX_BOXES = 2_000
MAX_WIRES = 20_000
"""Pieces of wires: one for each row that a wire goes through."""


def refuse_large(outline: Outline) -> None:
    """Raise SetupError for what would take too long to draw."""
    boxes, wires = _size(outline.panels)
    if boxes > MAX_BOXES or wires > MAX_WIRES:
        most = f"{MAX_BOXES:,} boxes" if boxes > MAX_BOXES else f"{MAX_WIRES:,} pieces of wires"
        raise SetupError(
            f"{outline.name} is too large to be drawn: {boxes:,} boxes and {wires:,} pieces of wires, "
            f"and a picture may have {most}",
            hint="take `--format json` or `--format mermaid`, or split the file with `pipeline.run`.",
        )


def _size(panels: Sequence[Panel]) -> tuple[int, int]:
    boxes = wires = 0
    for panel in panels:
        row_of = {box: row for row, level in enumerate(panel.levels) for box in level}
        boxes += len(panel.boxes)
        wires += sum(row_of[after] - row_of[before] for before, after in panel.edges)
        for box in panel.boxes:
            inner_boxes, inner_wires = _size(box.panels)
            boxes += inner_boxes
            wires += inner_wires
    return boxes, wires
