"""Blocks as one HTML page that needs nothing else."""

import re
from collections.abc import Sequence
from typing import Final, assert_never

from orchestrator.tools.report.block import (
    Bars,
    Block,
    Code,
    Details,
    Facts,
    Heading,
    Listing,
    Paragraph,
    Quote,
    Rule,
    Table,
)
from orchestrator.tools.report.chart import chart_svg
from orchestrator.tools.report.escape import html
from orchestrator.tools.report.inline import inline_html
from orchestrator.tools.report.style import CSS

MIN_SECTIONS: Final = 4
"""Sections from which on a table of contents helps."""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page_of(title: str, blocks: Sequence[Block], *, language: str = "") -> str:
    """Return a page; its policy forbids scripts and loading even where an escape should be missing."""
    top = min((block.level for block in blocks if isinstance(block, Heading) and block.level > 1), default=2)
    sections = [block for block in blocks if isinstance(block, Heading) and block.level == top]
    anchors = _Anchors()
    header = [block for block in blocks[:1] if isinstance(block, Heading) and block.level == 1]
    main = "\n".join(_section(block, top, anchors) for block in blocks[len(header) :])
    nav = _contents(sections, anchors) if len(sections) >= MIN_SECTIONS else ""
    lang = f' lang="{html(language)}"' if language else ""
    return (
        f"<!doctype html>\n<html{lang}>\n<head>\n"
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html(title)}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n"
        f'<div class="page{" has-nav" if nav else ""}">\n<header>{_joined(header)}</header>\n{nav}<main>\n{main}\n</main>\n</div>\n</body>\n</html>\n'
    )


class _Anchors:
    """Names for sections, each used once, in the order of the sections."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}
        self.names: list[str] = []

    def next(self, text: str) -> str:
        words = re.sub(r"[^\w]+", "-", text.casefold()).strip("-")[:60] or "section"
        count = self._used[words] = self._used.get(words, 0) + 1
        name = words if count == 1 else f"{words}-{count}"
        self.names.append(name)
        return name


def _section(block: Block, top: int, anchors: _Anchors) -> str:
    if isinstance(block, Heading) and block.level == top:
        return f'<h{top} id="{html(anchors.next(block.text))}">{inline_html(block.text)}</h{top}>'
    return _written(block)


def _contents(sections: Sequence[Heading], anchors: _Anchors) -> str:
    entries = "".join(
        f'<li><a href="#{html(name)}">{_without_links(inline_html(section.text))}</a></li>\n'
        for section, name in zip(sections, anchors.names, strict=True)
    )
    return f"<nav><strong>Contents</strong>\n<ol>\n{entries}</ol></nav>\n"


def _without_links(text: str) -> str:
    return re.sub(r"</?a\b[^>]*>", "", text)


def _written(block: Block) -> str:  # one line per kind of block
    match block:
        case Heading(level, text):
            return f"<h{level}>{inline_html(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{inline_html(text)}</p>"
        case Code(raw, _):
            return f"<pre><code>{html(raw)}</code></pre>"
        case Quote(inner):
            return f"<blockquote>{_joined(inner)}</blockquote>"
        case Listing():
            return _listing(block)
        case Facts(pairs):
            return _facts(pairs)
        case Details(title, inner):
            return f"<details><summary>{inline_html(title)}</summary>\n{_joined(inner)}\n</details>"
        case Table():
            return _table(block)
        case Rule():
            return "<hr>"
        case Bars():
            return _figure(block)
        case _:
            assert_never(block)


def _joined(blocks: Sequence[Block]) -> str:
    return "\n".join(_written(block) for block in blocks)


def _facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Write a few short facts side by side, more below each other."""
    few = len(pairs) <= 3 and sum(len(name) + len(text) for name, text in pairs) <= 60
    inner = "\n".join(
        f"<div><dt>{inline_html(name)}</dt><dd>{inline_html(text)}</dd></div>" for name, text in pairs
    )
    return f"<dl{' class=few' if few else ''}>\n{inner}\n</dl>"


def _listing(listing: Listing) -> str:
    tag = "ul" if listing.start is None else "ol"
    start = f' start="{listing.start}"' if listing.start not in (None, 1) else ""
    points = "\n".join(f"<li>{_point(point)}</li>" for point in listing.points)
    return f"<{tag}{start}>\n{points}\n</{tag}>"


def _point(point: Sequence[Block]) -> str:
    """Write a single line of prose without a paragraph around it."""
    if point and isinstance(point[0], Paragraph):
        return "\n".join([inline_html(point[0].text), *(_written(block) for block in point[1:])])
    return _joined(point)


def _table(table: Table) -> str:
    marks = [' class="n"' if place in table.numeric else "" for place in range(len(table.columns))]
    head = "".join(
        f"<th{mark}>{inline_html(name)}</th>" for mark, name in zip(marks, table.columns, strict=True)
    )
    rows = "\n".join(
        "<tr>"
        + "".join(f"<td{mark}>{inline_html(cell)}</td>" for mark, cell in zip(marks, row, strict=True))
        + "</tr>"
        for row in table.rows
    )
    return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>'


def _figure(chart: Bars) -> str:
    caption = f"<figcaption>{html(chart.title)}</figcaption>" if chart.title else ""
    if len(chart.series) == 1 and chart.title:
        return f"<figure>{caption}{chart_svg(chart)}</figure>"
    key = "".join(
        f'<li><i class="s{number}"></i>{html(series.name)}</li>' for number, series in enumerate(chart.series)
    )
    return f'<figure>{caption}<ul class="key">{key}</ul>{chart_svg(chart)}</figure>'
