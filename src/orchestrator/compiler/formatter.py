"""Canonical YAML: keys in the order of the language, two spaces, steps below each other; comments stay where they belong.

Scalars keep the quotes and block signs they were written with, so that nothing changes its meaning: the result is read
again, and when it should say anything else than the original, the original is returned.
"""

from collections.abc import Mapping
from json import dumps

import orchestrator.compiler.schema as schema
from orchestrator.compiler.auto_source import hide_questions, show_text
from orchestrator.compiler.collector import without_collector
from orchestrator.compiler.layout import Entry, Layout, Part, read_layout
from orchestrator.compiler.source import compose, plain_data
from orchestrator.compiler.text import Text
from orchestrator.core.plain import is_list, is_mapping

_WIDTH = 100
"""Characters that a collection in brackets may reach."""
_LISTS_OF_STEPS = frozenset(("steps", "else", "default", "on_failure"))
_TABLES: Mapping[str, schema.Keys] = {
    "retry": schema.RETRY,
    "cache": schema.CACHE,
    "budget": schema.BUDGET,
    "undo": schema.UNDO,
    "reduce": schema.REDUCE,
    "defaults": schema.DEFAULTS,
    "on_error": schema.RECOVERY,
}


def format_text(text: str, *, file: str = "") -> str:
    """Return a pipeline file in canonical form; raises `CompileError` when it is no YAML."""
    with without_collector():
        return _formatted(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), file)


def _formatted(content: str, file: str) -> str:
    before = _data(content, file)
    layout = read_layout(hide_questions(content))
    if not layout.root.entries:
        return content
    result = show_text(_Writer(layout).text())
    return result if _data(result, file) == before else content


def _data(content: str, file: str) -> str:
    """Return what a text says, so that it can be compared: types count, the order of keys does not."""
    text = Text(content, file)
    return dumps(_comparable(plain_data(compose(text), text)), sort_keys=True)


def _comparable(value: object) -> object:
    if is_mapping(value):
        return {f"{type(key).__name__} {key}": _comparable(item) for key, item in value.items()}
    if is_list(value):
        return [_comparable(item) for item in value]
    return f"{type(value).__name__} {value!r}"


class _Writer:
    """Writes one layout."""

    __slots__ = ("_layout", "_lines")

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines: list[str] = []

    def text(self) -> str:
        """Return the whole file."""
        layout = self._layout
        self._lines += layout.head
        if layout.root.kind == "mapping":
            self._mapping(layout.root, "", _ordered(layout.root, schema.TOP, keep=layout.anchors), "top", "")
        else:
            self._list(layout.root, "", "step")
        if layout.foot:
            self._lines += layout.foot
        return "\n".join(self._lines).strip("\n") + "\n"

    def _mapping(self, part: Part, indent: str, entries: list[Entry], role: str, first: str) -> None:
        """Write the entries of a mapping; `first` stands in front of the first one, as in `- id: a`."""
        del part
        for number, entry in enumerate(entries):
            lead = first if first and number == 0 else indent
            if lead is indent:
                self._above(entry, indent, number=number)
            key = entry.key
            name = _inner(key) if key else ""
            self._value(f"{lead}{name}:", entry, indent, _role(role, key.value if key else ""))

    def _list(self, part: Part, indent: str, role: str) -> None:
        for number, entry in enumerate(part.entries):
            self._above(entry, indent, number=number)
            self._value(f"{indent}-", entry, indent, role, item=True)

    def _value(self, lead: str, entry: Entry, indent: str, role: str, *, item: bool = False) -> None:
        """Write an entry's value behind its key or dash."""
        part, beside = entry.value, f"  {entry.beside}" if entry.beside else ""
        anchor = f" &{part.anchor}" if part.anchor else ""
        if part.kind in ("scalar", "alias") or (part.style == "flow" and not part.entries):
            self._scalar(f"{lead}{anchor}", part, indent, beside)
            return
        flat = f"{lead}{anchor} {_flow(part)}" if self._may_be_flow(part, role) else ""
        if flat and len(flat) <= _WIDTH:
            self._lines.append(flat + beside)
            return
        inner = indent + "  "
        keeps = self._layout.anchors
        entries = _ordered(part, _table(role), keep=keeps) if part.kind == "mapping" else part.entries
        opens = item and part.kind == "mapping" and not anchor and not beside and not entries[0].above
        if not opens:
            self._lines.append(f"{lead}{anchor}{beside}")
        if part.kind == "list":
            self._list(part, inner, _role_of_items(role))
        else:
            self._mapping(part, inner, entries, role, f"{lead} " if opens else "")

    def _may_be_flow(self, part: Part, role: str) -> bool:
        return part.style == "flow" and role not in ("steps", "step", "top", "cases") and _is_flat(part)

    def _scalar(self, lead: str, part: Part, indent: str, beside: str) -> None:
        if part.style in ("|", ">"):
            lines = _block_lines(part, indent + "  ")
            self._lines.append(f"{lead} {lines[0]}{beside}")
            self._lines += lines[1:]
            return
        raw = _flow(part)
        self._lines.append(f"{lead} {raw}{beside}" if raw else f"{lead}{beside}")

    def _above(self, entry: Entry, indent: str, *, number: int) -> None:
        """Write what stands above an entry."""
        lines = [*entry.above, *([""] if entry.apart else [])]
        if lines and (lines[0] == "") and not self._lines:
            lines = lines[1:]
        if number == 0 and lines and lines[0] == "":
            lines = lines[1:]
        self._lines += [f"{indent}{line}" if line else "" for line in lines]


def _raw(part: Part) -> str:
    """Return a scalar as it was written, on one line."""
    if part.kind == "alias":
        return f"*{part.value}"
    if part.style == "":
        return part.value
    if part.style == "'" and "\n" not in part.value:
        return "'" + part.value.replace("'", "''") + "'"
    return _quoted(part.value)


def _quoted(value: str) -> str:
    text = dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _flow(part: Part) -> str:
    """Return a part on one line, in brackets where it is a collection."""
    if part.kind == "mapping":
        inside = ", ".join(
            f"{_inner(e.key) if e.key else ''}: {_inner(e.value)}".rstrip() for e in part.entries
        )
        return "{" + inside + "}"
    if part.kind == "list":
        return "[" + ", ".join(_inner(entry.value) for entry in part.entries) + "]"
    return _raw(part)


def _inner(part: Part) -> str:
    return f"&{part.anchor} {_flow(part)}" if part.anchor else _flow(part)


def _is_flat(part: Part) -> bool:
    """Tell whether a collection has nothing in it that needs lines of its own, and no more than a line can hold."""
    return 2 * len(part.entries) <= _WIDTH and all(
        not entry.above and not entry.beside and entry.value.style not in ("|", ">") and _is_flat(entry.value)
        for entry in part.entries
    )


def _block_lines(part: Part, indent: str) -> list[str]:
    """Return the sign and the lines of a block scalar."""
    value = part.value
    body = value.rstrip("\n")
    ends = len(value) - len(body)
    chomp = "-" if ends == 0 else "" if ends == 1 and body else "+"
    if not body:
        return ['""'] if not value else [_quoted(value)]
    digit = "2" if body[0] in " \n\t" else ""
    lines = _unfolded(body) if part.style == ">" else body.split("\n")
    return [
        f"{part.style}{digit}{chomp}",
        *(indent + line if line else "" for line in lines),
        *[""] * (ends - 1 if chomp == "+" else 0),
    ]


def _unfolded(body: str) -> list[str]:
    """Return the lines that fold to a text: a single break would become a space, so each needs one more."""
    lines: list[str] = []
    gap = 0
    before = ""
    for paragraph in body.split("\n"):
        if not paragraph:
            gap += 1
            continue
        lines += [""] * (gap + 1 if before and not _keeps_breaks(before, paragraph) else gap)
        lines += _wrapped(paragraph)
        before, gap = paragraph, 0
    return lines


def _keeps_breaks(before: str, after: str) -> bool:
    """Tell whether the break between two lines stays, because one of them is indented."""
    return before[0] in " \t" or after[0] in " \t"


def _wrapped(paragraph: str) -> list[str]:
    """Return a paragraph in lines of readable width; spaces that folding would lose stay inside a line."""
    if len(paragraph) <= _WIDTH - 20 or paragraph[0] in " \t":
        return [paragraph]
    lines: list[str] = []
    line = ""
    for word in _words(paragraph):
        if line and len(line) + 1 + len(word) > _WIDTH - 20:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def _words(paragraph: str) -> list[str]:
    """Return the words; several spaces in a row, or one at the end, bind what is around them."""
    words: list[str] = []
    for piece in paragraph.split(" "):
        if words and (not piece or words[-1].endswith(" ") or piece[0] in "\t"):
            words[-1] += " " + piece
        else:
            words.append(piece)
    return words


def _ordered(part: Part, table: schema.Keys | None, *, keep: bool) -> list[Entry]:
    """Return the entries in the order of the language; those it does not know stay behind, as written."""
    if table is None or keep:
        return part.entries
    order = {name: number for number, name in enumerate(table)}
    last = len(order)
    return sorted(part.entries, key=lambda entry: order.get(entry.key.value, last) if entry.key else last)


def _table(role: str) -> schema.Keys | None:
    if role == "step":
        return schema.STEP
    if role == "input":
        return schema.INPUT
    return _TABLES.get(role)


def _role(around: str, key: str) -> str:
    """Return what a value is, from what it stands in and under which key."""
    if around == "top":
        return "steps" if key in _LISTS_OF_STEPS else key if key in ("inputs", "defaults") else ""
    if around == "inputs":
        return "input"
    if around == "cases":
        return "steps"
    if around in ("step", "on_error", "defaults"):
        return "steps" if key in _LISTS_OF_STEPS else key if key in _TABLES or key == "cases" else ""
    return ""


def _role_of_items(role: str) -> str:
    if role == "steps":
        return "step"
    return "on_error" if role == "on_error" else "step" if role == "cases" else ""
