"""A pipeline drawn as SVG: self-contained, readable in light and dark, without scripts or outside fonts."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from orchestrator.app.diagram.layout import (
    ARROW,
    HEADER_TOP,
    LINE,
    PAD,
    SMALL,
    STACK,
    TITLE,
    PlacedBox,
    PlacedPanel,
    fitted,
    header_lines,
    lay_out,
)
from orchestrator.app.diagram.outline import Outline

_MARGIN = 28.0
_TOP = 84.0

_STYLE = """
  svg { --paper:#ffffff; --ink:#1f2430; --soft:#5d6675; --line:#c6ccd6; --card:#ffffff; --area:#f4f6f9; --wire:#8b95a5;
        --pure:#9aa4b2; --read:#3b82c4; --idempotent:#2f9e6e; --once:#d9822b; --cond:#8a4fc7; }
  @media (prefers-color-scheme: dark) { svg { --paper:#14171d; --ink:#e8ebf0; --soft:#9aa4b2; --line:#3a4250;
        --card:#1f242d; --area:#191d24; --wire:#6b7686; --cond:#b98ae6; } }
  text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--ink); }
  .name { font-size: 20px; font-weight: 650; } .about { font-size: 13px; fill: var(--soft); }
  .title { font-size: 13.5px; font-weight: 600; }
  .subtitle, .marks, .condition, .label { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace;
        font-size: 11px; fill: var(--soft); }
  .condition { fill: var(--cond); } .label { font-weight: 600; } .legend { font-size: 11px; fill: var(--soft); }
  .card { fill: var(--card); stroke: var(--line); stroke-width: 1.2; }
  .area { fill: var(--area); stroke: var(--line); stroke-width: 1.2; }
  .panel { fill: none; stroke: var(--line); stroke-width: 1.2; stroke-dasharray: 5 4; }
  .maybe { stroke: var(--cond); stroke-dasharray: 6 4; }
  .wire { fill: none; stroke: var(--wire); stroke-width: 1.5; } .head { fill: var(--wire); }
  .icon { fill: none; stroke: var(--soft); stroke-width: 1.6; stroke-linecap: round; }
  .pure { fill: var(--pure); } .read { fill: var(--read); } .idempotent { fill: var(--idempotent); }
  .once { fill: var(--once); } .flow { fill: var(--line); }
""".strip("\n")

_LEGEND = (("pure", "pure"), ("read", "reads"), ("idempotent", "repeatable"), ("once", "once only"))


def draw_svg(outline: Outline) -> str:
    """Return the picture as an SVG document."""
    panels = lay_out(outline)
    width = max([*(panel.x + panel.width for panel in panels), 360.0, len(outline.name) * 12.0]) + 2 * _MARGIN
    height = max((panel.height for panel in panels), default=0.0) + _TOP + _MARGIN
    about = fitted(" ".join(outline.description.split()), width - 2 * _MARGIN, 6.9)
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{_quoted(outline.name)}">',
        f"<style>\n{_STYLE}\n</style>",
        '<rect width="100%" height="100%" style="fill: var(--paper)"/>',
        f'<text class="name" x="{_MARGIN}" y="34">{escape(outline.name)}</text>',
        f'<text class="about" x="{_MARGIN}" y="54">{escape(about)}</text>',
        *_legend(),
    ]
    for panel in panels:
        lines += _panel(panel, left=_MARGIN + panel.x, top=_TOP + panel.y)
    return "\n".join([*lines, "</svg>", ""])


def _legend() -> Iterator[str]:
    x = _MARGIN
    for effect, word in _LEGEND:
        yield f'<rect class="{effect}" x="{x:.0f}" y="63" width="9" height="9" rx="2"/>'
        yield f'<text class="legend" x="{x + 14:.0f}" y="71.5">{word}</text>'
        x += 26 + len(word) * 6.4


def _panel(panel: PlacedPanel, *, left: float, top: float) -> Iterator[str]:
    yield f'<g transform="translate({left:.1f} {top:.1f})">'
    if panel.label:
        yield f'<rect class="panel" width="{panel.width:.1f}" height="{panel.height:.1f}" rx="9"/>'
        yield f'<text class="label" x="{PAD}" y="19">{escape(fitted(panel.label, panel.width - PAD, SMALL))}</text>'
    for wire in panel.wires:
        yield f'<path class="wire" d="{_curve(wire)}"/>'
        x, y = wire[-1]
        yield f'<path class="head" d="M{x:.1f} {y:.1f} l-3.6 -{ARROW:g} h7.2 z"/>'
    for box in panel.boxes:
        yield from _box(box)
    yield "</g>"


def _curve(points: tuple[tuple[float, float], ...]) -> str:
    """Return the path: straight through rows, a soft S between them."""
    (x, y), parts = points[0], [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    points = (*points[:-1], (points[-1][0], points[-1][1] - ARROW + 1))
    for index, (next_x, next_y) in enumerate(points[1:], 1):
        if index % 2 or abs(next_x - x) < 0.5:
            parts.append(f"L{next_x:.1f} {next_y:.1f}")
        else:
            middle = (y + next_y) / 2
            parts.append(f"C{x:.1f} {middle:.1f} {next_x:.1f} {middle:.1f} {next_x:.1f} {next_y:.1f}")
        x, y = next_x, next_y
    return " ".join(parts)


def _box(placed: PlacedBox) -> Iterator[str]:
    box = placed.box
    frame = "area" if placed.panels else "card"
    if box.condition:
        frame += " maybe"
    yield f'<g transform="translate({placed.x:.1f} {placed.y:.1f})"><title>{escape(_tooltip(placed))}</title>'
    if box.kind == "for_each":
        yield from (_frame("card", placed, shift) for shift in (STACK, STACK / 2))
    yield _frame(frame, placed, 0.0)
    colour = box.effect or "flow"
    yield f'<rect class="{colour}" x="0" y="9" width="4" height="{placed.header - 18:.1f}" rx="2"/>'
    y = HEADER_TOP + 12
    room = placed.width - 2 * PAD - (18 if box.kind in {"loop", "for_each"} else 0)
    for kind, text in header_lines(box):
        cut = fitted(text, room, TITLE if kind == "title" else SMALL)
        yield f'<text class="{kind}" x="{PAD}" y="{y:.1f}">{escape(cut)}</text>'
        y += LINE
    if box.kind in {"loop", "for_each"}:
        yield _round_arrow(placed.width - PAD - 8, HEADER_TOP + 9)
    for panel in placed.panels:
        yield from _panel(panel, left=panel.x, top=panel.y)
    yield "</g>"


def _frame(css: str, placed: PlacedBox, shift: float) -> str:
    return (
        f'<rect class="{css}" x="{shift:.0f}" y="{shift:.0f}" '
        f'width="{placed.width:.1f}" height="{placed.height:.1f}" rx="8"/>'
    )


def _round_arrow(x: float, y: float) -> str:
    return (
        f'<path class="icon" d="M{x + 5:.1f} {y - 2:.1f} A5.4 5.4 0 1 0 {x + 5.2:.1f} {y + 2.4:.1f} '
        f'M{x + 5.6:.1f} {y - 6.2:.1f} L{x + 5.2:.1f} {y - 1.8:.1f} L{x + 0.9:.1f} {y - 2.4:.1f}"/>'
    )


def _tooltip(placed: PlacedBox) -> str:
    box = placed.box
    lines = [
        box.path,
        box.subtitle,
        f"if {box.condition}" if box.condition else "",
        " · ".join(box.marks),
        box.tooltip,
    ]
    return "\n".join(line for line in lines if line)


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})
