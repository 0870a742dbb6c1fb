"""Markdown text as blocks: headings, paragraphs, lists, quotes, code, tables, rules. HTML in it is only text."""

import re
from typing import Final

from orchestrator.tools.report.block import Block, Code, Heading, Listing, Paragraph, Quote, Rule, Table

MAX_DEPTH: Final = 8

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$")
_HEADING: Final = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)$")
_RULE: Final = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_POINT: Final = re.compile(r"( {0,3})([-*+]|(\d{1,9})[.)])(?:[ \t]+|$)(.*)$")
_DIVIDER: Final = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


def read_markdown(text: str, *, level: int = 1, depth: int = 0) -> list[Block]:
    """Return the blocks of a Markdown text.

    Args:
        text: The text.
        level: The level that its first heading level becomes.
        depth: How deep it lies in other lists and quotes; below the deepest everything is a paragraph.
    """
    lines = text.expandtabs(4).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if depth > MAX_DEPTH:
        return [Paragraph(text.strip())] if text.strip() else []
    return _Reader(lines, level, depth).blocks()


class _Reader:
    def __init__(self, lines: list[str], level: int, depth: int) -> None:
        self._lines = lines
        self._at = 0
        self._level = level
        self._depth = depth
        self._found: list[Block] = []

    def blocks(self) -> list[Block]:
        prose: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            block = self._block(line, prose) if line.strip() else None
            if block is None and line.strip():
                prose.append(line.strip())
                self._at += 1
                continue
            self._end(prose)
            if block is None:
                self._at += 1
            else:
                self._found.append(block)
        self._end(prose)
        return self._found

    def _end(self, prose: list[str]) -> None:
        if prose:
            self._found.append(Paragraph("\n".join(prose)))
            prose.clear()

    def _block(self, line: str, prose: list[str]) -> Block | None:
        """Return the block that starts here, having gone past it; None for prose."""
        if fence := _FENCE.match(line):
            return self._code(fence[1], fence[2])
        if heading := _HEADING.match(line):
            self._at += 1
            return Heading(min(len(heading[1]) - 1 + self._level, 6), _heading(heading[2]))
        if _RULE.match(line):
            self._at += 1
            return Rule()
        if line.lstrip().startswith(">"):
            return self._quote()
        point = _POINT.match(line)
        if point and (point[4] or not prose) and (not prose or point[3] in (None, "1")):
            return self._listing(point)
        return self._table(line) if "|" in line and not prose else None

    def _code(self, fence: str, language: str) -> Code:
        self._at += 1
        start = self._at
        while self._at < len(self._lines):
            line = self._lines[self._at].strip()
            if line.startswith(fence) and not line.strip(fence[0]):
                break
            self._at += 1
        code = "\n".join(self._lines[start : self._at])
        self._at += 1
        return Code(code, language)

    def _quote(self) -> Quote:
        inner: list[str] = []
        while self._at < len(self._lines) and self._lines[self._at].lstrip().startswith(">"):
            inner.append(self._lines[self._at].lstrip()[1:].removeprefix(" "))
            self._at += 1
        return Quote(self._inner(inner))

    def _listing(self, first: re.Match[str]) -> Listing:
        ordered, points = first[3] is not None, list[tuple[Block, ...]]()
        while self._at < len(self._lines):
            point = _POINT.match(self._lines[self._at])
            if not point or (point[3] is not None) != ordered or _RULE.match(self._lines[self._at]):
                break
            points.append(self._point(point))
        return Listing(tuple(points), int(first[3]) if ordered else None)

    def _point(self, point: re.Match[str]) -> tuple[Block, ...]:
        """Read a point with what is indented below it."""
        width = len(point[1]) + len(point[2]) + 1
        inner = [point[4]]
        self._at += 1
        blank = False
        while self._at < len(self._lines):
            line = self._lines[self._at]
            indent = len(line) - len(line.lstrip())
            if not line.strip():
                blank = True
            elif indent >= min(width, 2) and (
                indent >= width or not _POINT.match(line[:4].lstrip() + line[4:])
            ):
                inner += [""] * blank + [line[min(indent, width) :]]
                blank = False
            elif blank or (indent < 2 and (_POINT.match(line) or self._interrupts(line))):
                break
            else:
                inner.append(line.strip())
            self._at += 1
        return self._inner(inner)

    def _interrupts(self, line: str) -> bool:
        return bool(_FENCE.match(line) or _HEADING.match(line) or _RULE.match(line) or line.startswith(">"))

    def _inner(self, lines: list[str]) -> tuple[Block, ...]:
        return tuple(read_markdown("\n".join(lines), level=self._level, depth=self._depth + 1))

    def _table(self, line: str) -> Table | None:
        following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        columns = _cells(line)
        if not _DIVIDER.match(following) or len(_cells(following)) != len(columns):
            return None
        right = {
            place for place, cell in enumerate(_cells(following)) if cell.endswith(":") and cell[0] != ":"
        }
        self._at += 2
        rows: list[tuple[str, ...]] = []
        while self._at < len(self._lines) and "|" in self._lines[self._at]:
            cells = _cells(self._lines[self._at])
            rows.append(tuple((cells + [""] * len(columns))[: len(columns)]))
            self._at += 1
        return Table(tuple(columns), tuple(rows), frozenset(right))


def _heading(text: str) -> str:
    """Return a heading without the signs that may close it."""
    stripped = text.strip()
    bare = stripped.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else stripped


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]
