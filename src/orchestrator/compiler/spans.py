"""Where a character of a scalar's value stands in the file.

A scalar's value differs from its text: quotes go, escapes shrink, lines lose their indentation and are folded. But each
line of the text, once unescaped and stripped, stands in the value unchanged and in order, so the two are aligned line
by line. This is computed only when an error is shown.
"""

_SHORT_ESCAPES = {"x": 2, "u": 4, "U": 8}
_ESCAPED = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
"""What stands behind a backslash, where it is not what it stands for."""


def value_indexes(text: str, start: int, end: int, *, style: str, value: str) -> list[int]:
    """Return the index in the text of every character of the value, and of its end."""
    indexes: list[int] = []
    position = 0
    last = start
    for piece, places in _pieces(text, start, end, style):
        found = value.find(piece, position) if piece else -1
        if found < 0:
            continue
        indexes += [last] * (found - position)
        indexes += places
        position = found + len(piece)
        last = places[-1] + 1
    indexes += [last] * (len(value) + 1 - len(indexes))
    return indexes


def _pieces(text: str, start: int, end: int, style: str) -> list[tuple[str, list[int]]]:
    """Return each line's share of the value with the index of every character."""
    lines = _lines(text, start, end)
    if style in ("|", ">"):
        return _block_pieces(text, lines[1:])
    if style in ('"', "'"):
        lines[0] = (lines[0][0] + 1, lines[0][1])
        lines[-1] = (lines[-1][0], lines[-1][1] - 1)
    read = {'"': _double_quoted, "'": _single_quoted}.get(style, _plain)
    return [read(text, first, last, at) for at, (first, last) in enumerate(_stripped(text, lines))]


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return start and end of each line's content within the stretch."""
    lines: list[tuple[int, int]] = []
    while True:
        breaks = [at for at in (text.find("\n", start, end), text.find("\r", start, end)) if at >= 0]
        if not breaks:
            return [*lines, (start, end)]
        at = min(breaks)
        lines.append((start, at))
        start = at + (2 if text.startswith("\r\n", at) else 1)


def _stripped(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the lines without the blanks that folding removes; those at the scalar's own ends stay."""
    result: list[tuple[int, int]] = []
    for at, (first, last) in enumerate(lines):
        while at and first < last and text[first] in " \t":
            first += 1
        while at < len(lines) - 1 and last > first and text[last - 1] in " \t":
            last -= 1
        result.append((first, last))
    return result


def _block_pieces(text: str, lines: list[tuple[int, int]]) -> list[tuple[str, list[int]]]:
    indents = [len(line) - len(line.lstrip(" ")) for line in (text[a:b] for a, b in lines) if line.strip(" ")]
    indent = min(indents, default=0)
    return [(text[a + indent : b], list(range(a + indent, b))) for a, b in lines]


def _plain(text: str, first: int, last: int, _at: int) -> tuple[str, list[int]]:
    return text[first:last], list(range(first, last))


def _single_quoted(text: str, first: int, last: int, _at: int) -> tuple[str, list[int]]:
    piece = ""
    places: list[int] = []
    while first < last:
        piece += text[first]
        places.append(first)
        first += 2 if text.startswith("''", first) else 1
    return piece, places


def _double_quoted(text: str, first: int, last: int, _at: int) -> tuple[str, list[int]]:
    piece = ""
    places: list[int] = []
    while first < last:
        char, width = _unescaped(text, first, last)
        if char:
            piece += char
            places.append(first)
        first += width
    return piece, places


def _unescaped(text: str, at: int, last: int) -> tuple[str, int]:
    """Return the character that stands at an index and how many characters of text it takes."""
    if text[at] != "\\":
        return text[at], 1
    if at + 1 >= last:  # an escaped line break leaves nothing
        return "", 1
    mark = text[at + 1]
    digits = _SHORT_ESCAPES.get(mark)
    if digits is None:
        return _ESCAPED.get(mark, mark), 2
    return chr(int(text[at + 2 : at + 2 + digits], 16)), 2 + digits
