"""Numbers as a chart: bars lying down for things, a line for times; drawn as SVG that follows the page's colours."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import ActionError
from orchestrator.tools.report.block import Bars, Series
from orchestrator.tools.report.contents import is_number, shown, worded
from orchestrator.tools.report.escape import html

MAX_LABELS: Final = 40
WIDTH: Final = 720
_LABEL_LETTERS: Final = 26
_TIME: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?([T ]\d\d:\d\d.*)?\Z")
_NO_MEASURE: Final = re.compile(r"(^|_)(id|index|no|number|year|month|day|row|line|port|zip)$", re.IGNORECASE)


def chart_of(items: object, wanted: Mapping[str, object] | None = None) -> Bars | None:
    """Return the chart of a table or of named numbers; None where nothing asks to be drawn.

    Args:
        items: Rows, or a mapping of names to numbers.
        wanted: `labels`, `values`, `kind` and `title` as a step gave them; otherwise all is chosen.
    """
    rows = _rows(items)
    if wanted:
        return _wanted(rows, wanted)
    return _chosen(rows) if 2 <= len(rows) <= MAX_LABELS else None


def chart_svg(chart: Bars) -> str:
    """Return a chart as an SVG element."""
    body = _line_chart(chart) if chart.line else _bar_chart(chart)
    words = f"{chart.title or 'Chart'}: {', '.join(series.name for series in chart.series)}"
    return body.replace("<svg ", f'<svg role="img" aria-label="{html(words)}" ', 1)


def _rows(items: object) -> list[Mapping[str, object]]:
    if is_mapping(items) and is_list(items.get("rows")):
        items = items["rows"]
    if is_mapping(items) and all(is_number(value) for value in items.values()):
        return [{"name": name, "value": value} for name, value in items.items()]
    return [item for item in items if is_mapping(item)] if is_list(items) else []


def _wanted(rows: Sequence[Mapping[str, object]], wanted: Mapping[str, object]) -> Bars:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    given = wanted.get("values")
    values = (
        [str(name) for name in given]
        if is_list(given)
        else [str(given)]
        if given
        else _measures(rows, columns)
    )
    labels = str(wanted["labels"]) if wanted.get("labels") else _label_column(rows, columns)
    for name in (*values, *([labels] if labels else [])):
        if name not in columns:
            raise ActionError(
                f"`chart` names the column {name!r}, which no row has", error_class="invalid_request"
            )
    if not 1 <= len(values) <= 3 or not 1 <= len(rows) <= 1_000:
        raise ActionError(
            "`chart` needs 1 to 1000 rows with 1 to 3 columns of numbers", error_class="invalid_request"
        )
    title = str(wanted.get("title") or "")
    return _chart(rows, labels, values, line=wanted.get("kind") == "line", title=title)


def _chosen(rows: Sequence[Mapping[str, object]]) -> Bars | None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    labels, values = _label_column(rows, columns), _measures(rows, columns)
    if not labels or not values:
        return None
    times = [shown(row.get(labels)) for row in rows]
    line = len(rows) > 2 and all(_TIME.match(time) for time in times) and times == sorted(times)
    return _chart(rows, labels, _alike(rows, values), line=line, title="")


def _measures(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> list[str]:
    return [
        name
        for name in columns
        if not _NO_MEASURE.search(name)
        and any(is_number(row.get(name)) for row in rows)
        and all(row.get(name) is None or is_number(row[name]) for row in rows)
    ]


def _label_column(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Return the first column whose texts are short and all different."""
    for name in columns:
        texts = [shown(row.get(name)) for row in rows]
        if all(isinstance(row.get(name), str) for row in rows) and len(set(texts)) == len(texts):
            return name if max(map(len, texts), default=0) <= 60 else ""
    return ""


def _alike(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> list[str]:
    """Return the first columns that can share an axis: none dwarfs another."""
    tops = {name: max((abs(_number(row.get(name)) or 0) for row in rows), default=0) for name in names}
    first = tops[names[0]] or 1
    return [name for name in names if first / 20 <= (tops[name] or 1) <= first * 20][:3]


def _chart(
    rows: Sequence[Mapping[str, object]], labels: str, values: Sequence[str], *, line: bool, title: str
) -> Bars:
    if not title and len(values) == 1 and labels:
        title = f"{worded(values[0])} by {labels.replace('_', ' ')}"
    return Bars(
        title=title,
        labels=tuple(shown(row.get(labels)) if labels else str(number) for number, row in enumerate(rows, 1)),
        series=tuple(
            Series(name.replace("_", " "), tuple(_number(row.get(name)) for row in rows)) for name in values
        ),
        line=line,
    )


def _number(value: object) -> float | None:
    number = float(str(value)) if is_number(value) else math.nan
    return number if math.isfinite(number) else None


def _bounds(chart: Bars) -> tuple[float, float, float]:
    """Return the axis: its lowest and highest value and the step between its marks."""
    numbers = [value for series in chart.series for value in series.values if value is not None]
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    if chart.line and numbers and high > min(numbers) > (high - min(numbers)) * 2:
        low = min(numbers)  # a line far above zero is read by its shape
    rough = (high - low or 1.0) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return math.floor(low / step) * step, (math.ceil(high / step) or 1) * step, step


def _marks(low: float, high: float, step: float) -> list[float]:
    return [low + step * count for count in range(round((high - low) / step) + 1)]


def _bar_chart(chart: Bars) -> str:
    low, high, step = _bounds(chart)
    left = min(max((len(label) for label in chart.labels), default=0), _LABEL_LETTERS) * 7.2 + 20
    right = (
        WIDTH
        - max((len(_said(v)) for s in chart.series for v in s.values if v is not None), default=0) * 7
        - 18
    )
    thick = 20 if len(chart.series) == 1 else 13
    gap = 12 if len(chart.labels) <= 15 else 8
    tall = thick * len(chart.series) + gap
    bottom = tall * len(chart.labels) + gap / 2

    def across(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    parts = [_grid_line(across(mark), bottom, mark) for mark in _marks(low, high, step)]
    for row, label in enumerate(chart.labels):
        middle = row * tall + gap / 2 + (tall - gap) / 2
        parts.append(
            f'<text class="label" x="{left - 10:.1f}" y="{middle:.1f}">{html(_cut(label))}<title>{html(label)}</title></text>'
        )
        for number, series in enumerate(chart.series):
            value = series.values[row]
            if value is not None:
                top = row * tall + gap / 2 + number * thick
                parts.append(
                    _bar(across(0), across(value), top, thick - 2, number, f"{label}: {_said(value)}")
                )
                parts.append(
                    f'<text class="value" x="{max(across(value), across(0)) + 6:.1f}" y="{top + thick / 2 - 1:.1f}">'
                    f"{_said(value)}</text>"
                )
    parts.append(f'<line class="axis" x1="{across(0):.1f}" x2="{across(0):.1f}" y1="0" y2="{bottom:.1f}"/>')
    return f'<svg viewBox="0 0 {WIDTH} {bottom + 24:.0f}">{"".join(parts)}</svg>'


def _bar(zero: float, end: float, top: float, thick: float, number: int, words: str) -> str:
    """Draw a bar whose end is rounded and whose foot is not."""
    radius = min(4.0, abs(end - zero), thick / 2)
    turn = radius if end >= zero else -radius
    path = (
        f"M{zero:.1f} {top:.1f}H{end - turn:.1f}q{turn:.1f} 0 {turn:.1f} {radius:.1f}v{thick - 2 * radius:.1f}"
        f"q0 {radius:.1f} {-turn:.1f} {radius:.1f}H{zero:.1f}z"
    )
    return f'<path class="s{number}" d="{path}"><title>{html(words)}</title></path>'


def _grid_line(x: float, bottom: float, mark: float) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{bottom:.1f}"/>'
        f'<text class="mark" x="{x:.1f}" y="{bottom + 15:.1f}">{_said(mark)}</text>'
    )


def _line_chart(chart: Bars) -> str:
    low, high, step = _bounds(chart)
    left = max(len(_said(mark)) for mark in _marks(low, high, step)) * 7 + 16
    bottom, right = 240.0, WIDTH - 24.0
    last = max(len(chart.labels) - 1, 1)

    def across(place: int) -> float:
        return left + place / last * (right - left)

    def down(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - 12)

    parts: list[str] = []
    for mark in _marks(low, high, step):
        y = down(mark)
        parts.append(f'<line class="grid" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="label" x="{left - 10:.1f}" y="{y:.1f}">{_said(mark)}</text>')
    every = math.ceil(len(chart.labels) * (max(map(len, chart.labels)) * 7 + 16) / (right - left))
    parts += (
        f'<text class="mark" x="{across(place):.1f}" y="{bottom + 20}">{html(chart.labels[place])}</text>'
        for place in range(0, len(chart.labels), every)
    )
    for number, series in enumerate(chart.series):
        points = [
            (across(place), down(value), f"{chart.labels[place]}: {_said(value)}")
            for place, value in enumerate(series.values)
            if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        parts.append(f'<polyline class="s{number}" points="{path}"/>')
        parts += (
            f'<circle class="s{number}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{html(words)}</title></circle>'
            for x, y, words in points
        )
    return f'<svg class="line" viewBox="0 0 {WIDTH} {bottom + 30:.0f}">{"".join(parts)}</svg>'


def _said(value: float) -> str:
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return f"{value:.3g}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) < 1_000 else f"{value:,.0f}"


def _cut(label: str) -> str:
    return label if len(label) <= _LABEL_LETTERS else f"{label[: _LABEL_LETTERS - 1]}…"
