"""Text made harmless for Markdown and for HTML."""

import re
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~!])")
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_RISKY: Final = re.compile(
    r"(?P<ticks>`+)"
    r"|(?P<kept>\\[^\n]|<https?://[^\s<>]*>)"
    r"|(?P<tag><(?=[A-Za-z/!?]))"
    r"|(?P<link>\]\(\s*<?)(?:[^\s()<>]*?(?:script|data|file)\s*(?::|&))"
    r"|(?P<reference>\]:)",
    re.IGNORECASE,
)
"""What a reader of Markdown would act on."""

_LINE_START: Final = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|[-+=])")


def literal(text: str) -> str:
    """Return raw text as Markdown that shows just that text, on one line."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _LINE_START.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", escaped)


def without_tags(text: str) -> str:
    """Return Markdown in which nothing starts an HTML tag and no link runs a script; code spans stay as they are."""
    made: list[str] = []
    at = 0
    while found := _RISKY.search(text, at):
        made.append(text[at : found.start()])
        at = found.end()
        if ticks := found["ticks"]:
            closing = re.compile(f"(?<!`){ticks}(?!`)").search(text, at)
            at = closing.end() if closing else at
            made.append(_code(text[found.start() : at]))
        else:
            made.append(_harmless(found))
    return "".join([*made, text[at:]])


def _code(span: str) -> str:
    """Keep a span of code, unless a line or a cell of a table begins in it: those are read first, tags and all."""
    return _TAG.sub("&lt;", span) if "\n" in span or "|" in span else span


def _harmless(found: re.Match[str]) -> str:
    if found["kept"]:
        return found["kept"]
    if found["reference"]:
        return "]\\:"
    return "&lt;" if found["tag"] else f"{found['link']}#"


def html(text: str) -> str:
    """Return raw text for HTML, also inside attributes."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )
