"""The values of literals; texts with Jinja2's escapes."""

import re

from orchestrator.errors import TemplateError

_ESCAPE = re.compile(
    r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|N\{[^}]*\}|.)", re.DOTALL
)
_SIMPLE = {
    "\n": "", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
_MAX_DIGITS = 4_300  # beyond, Python itself refuses to read or print an integer


def text_value(literal: str, offset: int) -> str:
    """Return what a quoted text means."""
    inner = literal[1:-1]
    if "\r" in inner:
        inner = inner.replace("\r\n", "\n").replace("\r", "\n")
    if "\\" not in inner:
        return inner
    if re.search(
        r"(?<!\\)(?:\\\\)*\\(?:x(?![0-9a-fA-F]{2})|u(?![0-9a-fA-F]{4})|U(?![0-9a-fA-F]{8})|N(?!\{))", inner
    ):
        raise _bad_escape(literal, offset)

    def character(found: re.Match[str]) -> str:
        escape = found[1]
        if escape in _SIMPLE:
            return _SIMPLE[escape]
        if escape[0] == "N":
            return _named(escape[2:-1], literal, offset)
        if escape[0] in "xuU":
            return _character(int(escape[1:], 16), literal, offset)
        if escape[0] in "01234567":
            return chr(int(escape, 8))
        return found[0]

    return _ESCAPE.sub(character, inner)


def number_value(literal: str, offset: int) -> int:
    """Return what a whole number means, in any of its bases."""
    if len(literal) > _MAX_DIGITS:
        raise TemplateError("this number is too long", offset=offset, length=len(literal))
    return int(literal.replace("_", ""), 0)


def _character(code: int, literal: str, offset: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise _bad_escape(literal, offset)
    return chr(code)


def _named(name: str, literal: str, offset: int) -> str:
    from unicodedata import lookup

    try:
        return lookup(name)
    except KeyError:
        raise _bad_escape(literal, offset) from None


def _bad_escape(literal: str, offset: int) -> TemplateError:
    return TemplateError(
        "this text holds an escape that names no character",
        offset=offset,
        length=len(literal),
        hint="write a backslash as `\\\\`.",
    )
