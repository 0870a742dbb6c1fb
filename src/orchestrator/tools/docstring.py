"""What a docstring tells: its first sentence, and the words under `Args:` (Google style)."""

from typing import NamedTuple


class Docstring(NamedTuple):
    """A docstring, taken apart."""

    summary: str = ""
    """The first sentence, on one line."""
    arguments: dict[str, str] = {}  # noqa: RUF012 # never changed; a NamedTuple has no default_factory
    """What each argument means."""


def read_docstring(text: str | None) -> Docstring:
    """Return the parts of a docstring; an absent one has none."""
    if not text:
        return Docstring()
    lines = text.expandtabs().strip("\n").splitlines()
    return Docstring(_summary(lines), _arguments(lines))


def _summary(lines: list[str]) -> str:
    paragraph: list[str] = []
    for line in lines:
        if not line.strip():
            if paragraph:
                break
            continue
        paragraph.append(line.strip())
    joined = " ".join(paragraph)
    end = joined.find(". ")
    return joined[: end + 1] if end >= 0 else joined


def _arguments(lines: list[str]) -> dict[str, str]:
    """Read `name: meaning` and `name (type): meaning`; deeper lines go on with the one before."""
    start = next((number for number, line in enumerate(lines) if line.strip() in _HEADINGS), None)
    if start is None:
        return {}
    outer = _indent(lines[start])
    found: dict[str, str] = {}
    level, name = 0, ""
    for line in lines[start + 1 :]:
        if not line.strip():
            continue
        indent = _indent(line)
        if indent <= outer:
            break
        level = level or indent
        head, colon, meaning = line.strip().partition(":")
        if indent <= level and colon:
            name = head.split("(")[0].strip().lstrip("*")
            found[name] = meaning.strip()
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


_HEADINGS = frozenset({"Args:", "Arguments:", "Parameters:"})


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
