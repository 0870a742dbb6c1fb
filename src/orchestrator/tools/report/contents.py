"""Any value as blocks: tables for rows, sections for items, facts for short values, prose for long text."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.tools.report.block import Block, Details, Facts, Heading, Listing, Paragraph, Table
from orchestrator.tools.report.escape import literal
from orchestrator.tools.report.reading import read_markdown

MAX_COLUMNS: Final = 8
SHORT: Final = 80
"""Letters of a value that fits in a table or beside its name."""
EXCERPT: Final = 600
"""Letters of a text that is folded away."""
_NAMES: Final = ("title", "name", "heading", "path", "file", "topic", "id", "key", "question")
"""Fields that name an item, the best first."""


class Contents:
    """Turns values into blocks; texts longer than `max_text` are cut, and say so."""

    def __init__(self, max_text: int) -> None:
        self._max_text = max_text

    def of(self, value: object, level: int = 2) -> list[Block]:
        """Return the blocks of a value whose sections have a heading level."""
        if is_list(value):
            return self._list(value, level)
        if is_mapping(value):
            return self._mapping(value, level)
        return (
            self._text(shown(value), level) if isinstance(value, str) else [Paragraph(literal(shown(value)))]
        )

    def _list(self, items: Sequence[object], level: int) -> list[Block]:
        if not items:
            return [Paragraph("*none*")]
        rows = [item for item in items if is_mapping(item)]
        if len(rows) == len(items):
            return [_table(rows)] if _fits_table(rows) else self._sections(rows, level)
        if level >= 6 or all(_is_short(item) for item in items):
            return [Listing(tuple(tuple(self._point(item)) for item in items))]
        blocks: list[Block] = []
        for number, item in enumerate(items, 1):
            blocks += [Heading(level, str(number)), *self.of(item, level + 1)]
        return blocks

    def _point(self, item: object) -> list[Block]:
        return [Paragraph(literal(shown(item)))] if _is_short(item) else self.of(item, 6)

    def _sections(self, rows: Sequence[Mapping[str, object]], level: int) -> list[Block]:
        if level >= 6:
            return [Listing(tuple(tuple(self._mapping(row, 6)) for row in rows))]
        naming = _naming_field(rows)
        blocks: list[Block] = []
        for number, row in enumerate(rows, 1):
            heading = shown(_at(row, naming)) if naming else f"Item {number}"
            blocks += [Heading(level, literal(heading)), *self._item(_without(row, naming), level + 1)]
        return blocks

    def _item(self, row: Mapping[str, object], level: int) -> list[Block]:
        """Put prose first and fold away what lies deeper: results of earlier steps, whole source texts."""
        deep = {name: value for name, value in row.items() if is_mapping(value)}
        top = {name: value for name, value in row.items() if name not in deep}
        blocks = self._mapping(top, level) if top else []
        inner = Contents(min(self._max_text, EXCERPT))
        return [
            *blocks,
            *(
                Details(literal(worded(name)), tuple(inner.of(value, 6)))
                for name, value in deep.items()
                if value
            ),
        ]

    def _mapping(self, value: Mapping[str, object], level: int) -> list[Block]:
        """Put short values first, as facts, then a section for each long one."""
        short = [(name, item) for name, item in value.items() if _is_short(item)]
        long = [(name, item) for name, item in value.items() if not _is_short(item)]
        blocks: list[Block] = []
        if short:
            blocks.append(Facts(tuple((literal(worded(name)), literal(shown(item))) for name, item in short)))
        if len(long) == 1 and isinstance(long[0][1], str):  # a single text needs no heading
            return [*blocks, *self._text(long[0][1], level)]
        for name, item in long:
            if level < 6:
                blocks += [Heading(level, literal(worded(name))), *self.of(item, level + 1)]
            else:
                blocks.append(Paragraph(f"**{literal(worded(name))}**"))
                blocks += self.of(item, 6)
        return blocks or [Paragraph("*empty*")]

    def _text(self, text: str, level: int) -> list[Block]:
        if len(text) <= self._max_text:
            return read_markdown(text, level=min(level, 6))
        cut = text[: self._max_text + 1].rsplit(None, 1)[0][: self._max_text]
        missing = f"{len(text) - len(cut):,}"
        return [*read_markdown(cut, level=min(level, 6)), Paragraph(f"*… {missing} more characters*")]


def shown(value: object) -> str:
    """Return a plain value as people write it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def is_number(value: object) -> bool:
    """Return whether a value is a number, which truth values are not."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def worded(name: str) -> str:
    """Return a field's name as words."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else name


def _is_short(value: object) -> bool:
    if is_list(value) or is_mapping(value):
        return False
    text = shown(value).strip()
    return len(text) <= SHORT and "\n" not in text


def _fits_table(rows: Sequence[Mapping[str, object]]) -> bool:
    columns = {name for row in rows for name in row}
    return 0 < len(columns) <= MAX_COLUMNS and all(_is_short(value) for row in rows for value in row.values())


def _table(rows: Sequence[Mapping[str, object]]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    numeric = {
        place
        for place, name in enumerate(names)
        if all(row.get(name) is None or is_number(row[name]) for row in rows)
    }
    return Table(
        tuple(literal(worded(name)) for name in names),
        tuple(tuple(literal(shown(row.get(name))) for name in names) for row in rows),
        frozenset(numeric),
    )


def _naming_field(rows: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """Return the way to the values that name the items: a field of their own, or of a step's result in them.

    A name tells items apart, so its values are short and all different.
    """
    inner = [name for name, value in rows[0].items() if is_mapping(value)]
    ways = [(name,) for name in _NAMES] + [(outer, name) for outer in inner for name in _NAMES]
    for way in ways:
        names = [_at(row, way) for row in rows]
        fit = all(isinstance(name, str) and name.strip() and _is_short(name) for name in names)
        if fit and len(set(names)) == len(names):
            return way
    return ()


def _without(row: Mapping[str, object], way: tuple[str, ...]) -> Mapping[str, object]:
    if not way:
        return row
    inner = row[way[0]]
    rest = {name: value for name, value in row.items() if name != way[0]}
    return {**rest, way[0]: _without(inner, way[1:])} if is_mapping(inner) else rest


def _at(value: Mapping[str, object], way: tuple[str, ...]) -> object:
    inner: object = value
    for name in way:
        inner = inner.get(name) if is_mapping(inner) else None
    return inner
