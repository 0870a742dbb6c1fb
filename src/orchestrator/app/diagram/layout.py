"""Where everything stands in a picture: boxes, the panels inside them, and the wires between."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from orchestrator.app.diagram.layers import arrange, place
from orchestrator.app.diagram.outline import Box, Outline, Panel

TITLE = 8.1
"""Width of a title's character in pixels, on the wide side of common fonts."""
SMALL = 6.75
"""Width of a character of the smaller, fixed-width text."""
LINE = 18.0
PAD = 14.0
HEADER_TOP = 10.0
ARROW = 8.0
"""Length of the head at a wire's end; the curve ends where it begins."""
STACK = 6.0
"""How far the cards behind a `for_each` show."""

_MIN_WIDTH = 132.0
_MAX_WIDTH = 320.0
_GAP_X = 28.0
_GAP_Y = 42.0
_PANEL_LABEL = 20.0


class PlacedBox(Struct, frozen=True, kw_only=True):
    """A box with its place inside its panel and the panels inside it."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    header: float
    """Height of the part with text."""
    panels: tuple["PlacedPanel", ...] = ()


class PlacedPanel(Struct, frozen=True, kw_only=True):
    """A panel with its place inside its box; what is inside counts from its own corner."""

    label: str
    x: float
    y: float
    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    wires: tuple[tuple[tuple[float, float], ...], ...]
    """Points from the lower edge of a box to the upper edge of another; even pairs are straight, odd ones curve."""


def lay_out(outline: Outline) -> tuple[PlacedPanel, ...]:
    """Return the outline's panels side by side, from the corner (0, 0)."""
    return tuple(_beside([_panel(panel) for panel in outline.panels], x=0.0, y=0.0))


def header_lines(box: Box) -> list[tuple[str, str]]:
    """Return the lines of a box's text as (kind, text): condition, title, subtitle, marks."""
    lines = [("condition", f"if {box.condition}")] if box.condition else []
    lines += [("title", box.title), ("subtitle", box.subtitle)]
    return [*lines, ("marks", " · ".join(box.marks))] if box.marks else lines


def fitted(text: str, width: float, character: float) -> str:
    """Return a text cut to what fits into a width."""
    room = max(1, int(width / character))
    return text if len(text) <= room else text[: room - 1] + "…"


def _sized(box: Box) -> PlacedBox:
    lines = header_lines(box)
    text = max(len(line) * (TITLE if kind == "title" else SMALL) for kind, line in lines)
    header = HEADER_TOP + LINE * len(lines) + 8
    widest = _MAX_WIDTH if not box.panels else _MAX_WIDTH * 1.4
    width = min(widest, max(_MIN_WIDTH, text + 2 * PAD + (24 if box.kind in {"loop", "for_each"} else 6)))
    panels = [_panel(panel) for panel in box.panels]
    if not panels:
        return PlacedBox(box=box, x=0.0, y=0.0, width=width, height=header, header=header)
    inside = sum(panel.width for panel in panels) + PAD * (len(panels) + 1)
    width = max(width, inside)
    placed = _beside(panels, x=PAD + (width - inside) / 2, y=header)
    height = header + max(panel.height for panel in panels) + PAD
    return PlacedBox(box=box, x=0.0, y=0.0, width=width, height=height, header=header, panels=tuple(placed))


def _beside(panels: Sequence[PlacedPanel], *, x: float, y: float) -> list[PlacedPanel]:
    placed: list[PlacedPanel] = []
    for panel in panels:
        placed.append(replace(panel, x=x, y=y))
        x += panel.width + PAD
    return placed


def _panel(panel: Panel) -> PlacedPanel:
    sized = [_sized(box) for box in panel.boxes]
    layers = arrange(panel.levels, panel.edges)
    centres = place(layers, [box.width for box in sized], gap=_GAP_X, thin=4.0)
    edge = PAD if panel.label else 0.0
    top = _PANEL_LABEL + 8 if panel.label else 0.0
    rows: list[tuple[float, float]] = []
    y = top
    for row in layers.rows:
        height = max((sized[cell].height for cell in row if cell < layers.boxes), default=0.0)
        rows.append((y, y + height))
        y += height + _GAP_Y
    row_of = {cell: number for number, row in enumerate(layers.rows) for cell in row}
    boxes = [
        replace(
            box,
            x=edge + centres[index] - box.width / 2,
            y=(sum(rows[row_of[index]]) - box.height) / 2,
        )
        for index, box in enumerate(sized)
    ]
    wires = [
        _wire(chain, boxes, [edge + centre for centre in centres], rows, row_of) for chain in layers.chains
    ]
    width = max((box.x + box.width for box in boxes), default=0.0) + edge
    width = max(width, max((x for wire in wires for x, _ in wire), default=0.0) + edge)
    width = max(width, len(panel.label) * SMALL + 2 * PAD if panel.label else 0.0)
    height = (rows[-1][1] if rows else top) + edge
    return PlacedPanel(
        label=panel.label, x=0.0, y=0.0, width=width, height=height, boxes=tuple(boxes), wires=tuple(wires)
    )


def _wire(
    chain: Sequence[int],
    boxes: Sequence[PlacedBox],
    centres: Sequence[float],
    rows: Sequence[tuple[float, float]],
    row_of: dict[int, int],
) -> tuple[tuple[float, float], ...]:
    """Return the points of an edge: down through each row straight, between rows from centre to centre."""
    first, last = boxes[chain[0]], boxes[chain[-1]]
    stack = STACK if first.box.kind == "for_each" else 0.0
    points = [
        (centres[chain[0]], first.y + first.height + stack),
        (centres[chain[0]], rows[row_of[chain[0]]][1] + stack),
    ]
    for cell in chain[1:-1]:
        upper, lower = rows[row_of[cell]]
        points += [(centres[cell], upper), (centres[cell], lower)]
    return (*points, (centres[chain[-1]], rows[row_of[chain[-1]]][0] - ARROW), (centres[chain[-1]], last.y))
