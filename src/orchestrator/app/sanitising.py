"""Text from outside: what is refused at the door, and what is made harmless before a terminal shows it."""

import re

_CONTROL = "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff]"
"""Everything that steers a terminal or is no text; tabs, line breaks and form feeds stay."""

_MISLEADING = _CONTROL[:-1] + "\u202a-\u202e\u2066-\u2069]"
"""The same, and what shows text in another order than it is read."""

_BREAK = "[\t-\r\x85\u2028\u2029]"

_SEQUENCE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"


def unfit_text(text: str, *, lines: bool) -> str:
    """Return what is wrong with a text (`contains …`), or an empty text; without `lines` it must stay on one line."""
    if text.isprintable():
        return ""
    found = re.search(_CONTROL, text) or (None if lines else re.search(_BREAK, text))
    if found is None:
        return ""
    return f"contains the control character U+{ord(found[0]):04X} at position {found.start() + 1}"


def shown(text: str) -> str:
    """Return a text that a terminal may print: whole escape sequences fall out, other control characters and overrides of the reading order become `�`."""
    if text.isprintable() or not re.search(_MISLEADING, text):
        return text
    return re.sub(_MISLEADING, "�", re.sub(_SEQUENCE, "", text))


def one_line(text: str, width: int = 0) -> str:
    """Return a text as one harmless line, cut with `…` at `width` characters (0 never cuts)."""
    line = " ".join(shown(text[: width * 8] if width else text).split())
    return line[: width - 1] + "…" if width and len(line) > width else line
