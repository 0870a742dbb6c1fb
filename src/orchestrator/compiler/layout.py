"""The text of a YAML file as a tree that keeps how it was written: styles, anchors, comments, blank lines.

Comments on a line of their own belong to the entry that follows, others to the entry on their line. An *entry* is a key
with its value, or an item of a list.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import cast

import yaml
from msgspec import Struct, field
from yaml.events import (
    AliasEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

_LOADER = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class Part(Struct):
    """A scalar, alias or collection."""

    kind: str
    """scalar, alias, mapping or list."""
    start: int
    end: int = 0
    anchor: str = ""
    value: str = ""
    style: str = ""
    """Of a scalar: its quote or block sign, empty for plain; of a collection: `flow` or empty."""
    entries: list["Entry"] = field(default_factory=list["Entry"])


class Entry(Struct):
    """A key with its value, or an item of a list."""

    value: Part
    key: Part | None = None
    above: list[str] = field(default_factory=list[str])
    """Comments on lines of their own; an empty text is a blank line."""
    beside: str = ""
    """The comment on the entry's line."""
    apart: bool = False
    """Whether a blank line stands directly above."""
    bracketed: "Entry | None" = None
    """The entry whose value, in brackets, holds this one."""

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.key.start if self.key else self.value.start


class Layout(Struct):
    """A whole file."""

    root: Part
    head: list[str]
    foot: list[str]
    anchors: bool


def read_layout(content: str) -> Layout:
    """Return the tree of a text that is known to be one YAML document."""
    reader = _Reader(content)
    root = reader.part(reader.document())
    entries: list[Entry] = []
    spans: list[tuple[int, int]] = []
    _collect(root, entries, spans)
    layout = Layout(root=root, head=[], foot=[], anchors=any(_is_anchored(entry) for entry in entries))
    if entries:
        _attach(content, layout, entries, spans)
    return layout


class _Reader:
    """Builds the tree from parser events."""

    __slots__ = ("_events",)

    def __init__(self, content: str) -> None:
        self._events = cast("Iterator[Event]", yaml.parse(content, Loader=_LOADER))  # pyright: ignore[reportUnknownMemberType]

    def document(self) -> Event:
        """Return the first event inside the document."""
        next(self._events)
        next(self._events)
        return next(self._events)

    def part(self, event: Event) -> Part:
        """Return the part that an event begins."""
        start, end = event.start_mark.index, event.end_mark.index
        anchor = cast("str", getattr(event, "anchor", None) or "")
        if isinstance(event, AliasEvent):
            return Part("alias", start, end, value=anchor)
        if isinstance(event, ScalarEvent):
            start = _behind_anchor(event, start)
            return Part("scalar", start, end, anchor, event.value, cast("str", event.style or ""))
        if isinstance(event, SequenceStartEvent):
            return self._collection(
                Part("list", start, anchor=anchor, style="flow" if event.flow_style else "")
            )
        mapping = cast("MappingStartEvent", event)
        return self._collection(
            Part("mapping", start, anchor=anchor, style="flow" if mapping.flow_style else "")
        )

    def _collection(self, part: Part) -> Part:
        for event in self._events:
            if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                part.end = event.end_mark.index
                return part
            first = self.part(event)
            if part.kind == "list":
                part.entries.append(Entry(first))
            else:
                part.entries.append(Entry(self.part(next(self._events)), key=first))
        return part


def _behind_anchor(event: ScalarEvent, start: int) -> int:
    if event.anchor is None:
        return start
    buffer_end = event.end_mark.index
    return min(start + len(event.anchor) + 2, buffer_end)


def _collect(
    part: Part, entries: list[Entry], spans: list[tuple[int, int]], bracketed: Entry | None = None
) -> None:
    """List all entries from the outside in, and the stretches of scalars."""
    if part.kind == "scalar":
        spans.append((part.start, part.end))
    for entry in part.entries:
        entries.append(entry)
        entry.bracketed = bracketed
        if entry.key:
            spans.append((entry.key.start, entry.key.end))
        _collect(entry.value, entries, spans, bracketed or (entry if entry.value.style == "flow" else None))


def _is_anchored(entry: Entry) -> bool:
    return bool(entry.value.anchor or (entry.key and entry.key.anchor))


def _attach(content: str, layout: Layout, entries: list[Entry], spans: list[tuple[int, int]]) -> None:
    """Give each comment and blank line to the entry it belongs to."""
    entries.sort(key=lambda entry: entry.start)  # stable: the outer one of two stays first
    starts = [entry.start for entry in entries]
    seen_blank = False
    pending: list[str] = []
    position = 0
    blocked = _inside_scalars(content, spans)
    following = 0
    for line in content.splitlines(keepends=True):
        end = position + len(line.rstrip("\r\n"))
        while following < len(entries) and starts[following] < position:
            following += 1
        if following < len(entries) and starts[following] <= end:
            _place_above(layout, entries, following, pending, apart=seen_blank)
            pending, seen_blank = [], False
        comment = _comment(content, position, end, blocked)
        if comment is not None and content[position:comment].strip():
            _place_beside(entries, starts, comment, content[comment:end].rstrip())
        elif comment is not None:
            pending += ["", content[comment:end].rstrip()] if seen_blank else [content[comment:end].rstrip()]
            seen_blank = False
        elif not line.strip() and not blocked.get(position):
            seen_blank = True
        position += len(line)
    layout.foot = pending


def _place_above(layout: Layout, entries: list[Entry], at: int, pending: list[str], *, apart: bool) -> None:
    if at == 0:
        layout.head = [*pending, *([""] if apart and pending else [])]
        return
    entries[at].above = pending
    entries[at].apart = apart


def _place_beside(entries: list[Entry], starts: list[int], comment: int, text: str) -> None:
    """Give a comment to the innermost entry that begins before it, or to brackets that end before it."""
    entry = entries[max(0, bisect_right(starts, comment) - 1)]
    if entry.bracketed is not None and entry.bracketed.value.end <= comment:
        entry = entry.bracketed
    entry.beside = f"{entry.beside} {text}".strip()


def _inside_scalars(content: str, spans: list[tuple[int, int]]) -> dict[int, int]:
    """Return for each line start and each `#` within a scalar the end of that scalar."""
    blocked: dict[int, int] = {}
    for start, end in spans:
        header = start
        if content[start : start + 1] in ("|", ">"):
            header = content.find("\n", start, end)
            header = end if header < 0 else header
        at = header
        while at < end:
            if content[at] == "#" or (at and content[at - 1] == "\n"):
                blocked[at] = end
            at += 1
    return blocked


def _comment(content: str, position: int, end: int, blocked: dict[int, int]) -> int | None:
    """Return where the comment of a line starts."""
    at = content.find("#", position, end)
    while at >= 0:
        if at not in blocked and (at == position or content[at - 1] in " \t"):
            return at
        at = content.find("#", at + 1, end)
    return None
