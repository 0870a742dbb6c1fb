"""Markdown's inline text as HTML: emphasis, code, links to harmless addresses, line breaks. Everything else is text.

Each sign that may open something is looked at once, and what would close it only within `REACH`, so that no text takes
longer than its length allows.
"""

import re
from collections import deque
from typing import Final

from orchestrator.tools.report.escape import html

REACH: Final = 2_000
"""Letters between the two ends of an emphasis."""
MAX_DEPTH: Final = 4

_SIGN: Final = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)"
    r"|!?\[(?P<label>[^\[\]]{1,500})\]\((?P<target>[^\s()<>]{1,2000})(?:\s\"[^\"]{0,200}\")?\)"
    r"|<(?P<auto>https?://[^\s<>]{1,2000})>"
    r"|(?P<bare>https?://[^\s<>\"'`|\\]{1,2000}[^\s<>\"'`|\\.,;:!?)\]}*_])"
    r"|(?P<mark>\*\*|__|~~|(?<![\w*])[*_](?=[^\s*_]))"
    r"|(?P<entity>&(?:lt|gt|amp|quot|nbsp|#39);)"
    r"|(?P<br>(?<! ) {2,}\n|\\\n|\n)"
)
_MARKED: Final = {
    "**": ("strong", re.compile(rf"(?=\S)(.{{1,{REACH}}}?)(?<=\S)\*\*", re.DOTALL)),
    "__": ("strong", re.compile(rf"(?=\S)(.{{1,{REACH}}}?)(?<=\S)__", re.DOTALL)),
    "~~": ("del", re.compile(rf"(?=\S)([^~]{{1,{REACH}}})~~")),
    "*": ("em", re.compile(rf"([^*_]{{1,{REACH}}})(?<=\S)\*(?![\w*])")),
    "_": ("em", re.compile(rf"([^*_]{{1,{REACH}}})(?<=\S)_(?![\w*])")),
}
_SCHEMES: Final = ("http://", "https://", "mailto:")


def inline_html(text: str, *, depth: int = 0) -> str:
    """Return inline Markdown as HTML."""
    if depth > MAX_DEPTH:
        return html(text)
    closings = _Closings(text)
    made: list[str] = []
    at = 0
    while sign := _SIGN.search(text, at):
        made.append(html(text[at : sign.start()]))
        written, at = _written(sign, closings, depth)
        made.append(written)
    return "".join([*made, html(text[at:])])


class _Closings:
    """Where the runs of backticks of a text end, by their length: a code span is closed by one as long as its own."""

    def __init__(self, text: str) -> None:
        self._runs: dict[int, deque[tuple[int, int]]] = {}
        for run in re.finditer("`+", text):
            self._runs.setdefault(run.end() - run.start(), deque()).append(run.span())

    def after(self, start: int, length: int) -> tuple[int, int] | None:
        runs = self._runs.get(length)
        while runs and runs[0][0] < start:
            runs.popleft()
        return runs[0] if runs else None


def _written(sign: re.Match[str], closings: _Closings, depth: int) -> tuple[str, int]:
    """Return the HTML of what a sign opens, and where it ends."""
    groups, end = sign.groupdict(), sign.end()
    if groups["escaped"]:
        return html(groups["escaped"]), end
    if groups["ticks"]:
        return _code(sign, closings)
    if groups["mark"]:
        return _emphasis(sign, depth)
    if groups["target"]:
        return _link(groups["target"], inline_html(groups["label"], depth=MAX_DEPTH)), end
    if address := groups["auto"] or groups["bare"]:
        return _link(address, html(address)), end
    if groups["entity"]:
        return groups["entity"], end
    return ("\n" if groups["br"] == "\n" else "<br>\n"), end


def _code(sign: re.Match[str], closings: _Closings) -> tuple[str, int]:
    closing = closings.after(sign.end(), len(sign["ticks"]))
    if not closing:
        return sign["ticks"], sign.end()
    code = sign.string[sign.end() : closing[0]]
    return f"<code>{html(code.strip() or code)}</code>", closing[1]


def _emphasis(sign: re.Match[str], depth: int) -> tuple[str, int]:
    tag, rest = _MARKED[sign["mark"]]
    inner = rest.match(sign.string, sign.end())
    if not inner:
        return html(sign["mark"]), sign.end()
    return f"<{tag}>{inline_html(inner[1], depth=depth + 1)}</{tag}>", inner.end()


def _link(target: str, label: str) -> str:
    """Write a link only to what cannot run anything; a path is the reader's own business."""
    scheme = target.lower().startswith(_SCHEMES)
    if not scheme and (":" in target or target.startswith(("//", "\\", "/\\"))):
        return label
    return f'<a href="{html(target)}" rel="noopener noreferrer nofollow">{label}</a>'
