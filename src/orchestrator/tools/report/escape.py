"""Text made harmless for Markdown and for HTML."""

import re
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~!])")
_RISKY: Final = re.compile(
    r"(?P<kept>\\.|(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|<https?://[^\s<>]*>)"
    r"|(?P<tag><(?=[A-Za-z/!?]))"
    r"|(?P<link>\]\(\s*<?)(?:[^\s()<>]*?(?:script|data|file)\s*(?::|&))",
    re.DOTALL | re.IGNORECASE,
)
_LINE_START: Final = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|[-+=])")


def literal(text: str) -> str:
    """Return raw text as Markdown that shows just that text, on one line."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _LINE_START.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", escaped)


def without_tags(text: str) -> str:
    """Return Markdown in which nothing starts an HTML tag and no link runs a script; code spans stay as they are."""
    return _RISKY.sub(_harmless, text)


def _harmless(match: re.Match[str]) -> str:
    if match["kept"]:
        return match["kept"]
    return "&lt;" if match["tag"] else f"{match['link']}#"


def html(text: str) -> str:
    """Return raw text for HTML, also inside attributes."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )
