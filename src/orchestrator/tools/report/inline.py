"""Markdown's inline text as HTML: emphasis, code, links to harmless addresses, line breaks. Everything else is text."""

import re
from typing import Final

from orchestrator.tools.report.escape import html

_PIECE: Final = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|!?\[(?P<label>[^\[\]]{1,500})\]\((?P<target>[^\s()<>]{1,2000})(?:\s+\"[^\"]{0,200}\")?\)"
    r"|<(?P<auto>https?://[^\s<>]{1,2000})>"
    r"|(?P<bare>https?://[^\s<>\"'`|\\]{1,2000}[^\s<>\"'`|\\.,;:!?)\]}*_])"
    r"|(?P<strong>\*\*|__)(?=\S)(?P<bold>.{1,2000}?\S|\S)(?P=strong)"
    r"|(?<![\w*])(?P<em>[*_])(?=[^\s*_])(?P<italic>[^*_]{0,2000}?[^\s*_])(?P=em)(?![\w*])"
    r"|~~(?=\S)(?P<struck>[^~]{1,2000}?)~~"
    r"|(?P<entity>&(?:lt|gt|amp|quot|nbsp|#39);)"
    r"|(?P<br>(?: {2,}|\\)?\n)",
    re.DOTALL,
)
_SCHEMES: Final = ("http://", "https://", "mailto:")


def inline_html(text: str, *, depth: int = 0) -> str:
    """Return inline Markdown as HTML."""
    if depth > 4:
        return html(text)
    made: list[str] = []
    at = 0
    for piece in _PIECE.finditer(text):
        made += (html(text[at : piece.start()]), _written(piece, depth))
        at = piece.end()
    return "".join([*made, html(text[at:])])


def _written(piece: re.Match[str], depth: int) -> str:
    groups = piece.groupdict()
    if groups["escaped"]:
        return html(groups["escaped"])
    if groups["code"]:
        return f"<code>{html(groups['code'].strip() or groups['code'])}</code>"
    if groups["target"]:
        return _link(groups["target"], inline_html(groups["label"], depth=depth + 3))
    if address := groups["auto"] or groups["bare"]:
        return _link(address, html(address))
    for group, tag in (("bold", "strong"), ("italic", "em"), ("struck", "del")):
        if groups[group]:
            return f"<{tag}>{inline_html(groups[group], depth=depth + 1)}</{tag}>"
    if groups["entity"]:
        return groups["entity"]
    return "<br>\n" if groups["br"].strip("\n") else "\n"


def _link(target: str, label: str) -> str:
    """Write a link only to what cannot run anything; a path is the reader's own business."""
    scheme = target.lower().startswith(_SCHEMES)
    if not scheme and (":" in target or target.startswith(("//", "\\", "/\\"))):
        return label
    return f'<a href="{html(target)}" rel="noopener noreferrer nofollow">{label}</a>'
