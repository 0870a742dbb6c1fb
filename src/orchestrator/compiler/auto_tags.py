"""`<AUTO …>question</AUTO>` in a text: where each tag stands, its attributes, and what is wrong with it.

A tag is found by its text alone, never by YAML's rules, so it may stand inside quotes, in the middle of a sentence, over
several lines. `\\<AUTO` is the literal text.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from orchestrator.core.suggestion import nearest
from orchestrator.expressions import is_template

MARK: Final = "<AUTO"
ATTRIBUTES: Final = ("type", "min", "max", "enum", "pattern", "items", "default")
_CLOSE: Final = "</AUTO>"
_ATTRIBUTE = re.compile(r"""\s*([A-Za-z_][\w-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>/]+)))?""")
_BEGIN = re.compile(r"<AUTO(?=[\s/>]|\Z)")


class Fault(NamedTuple):
    """Something wrong with a tag."""

    message: str
    offset: int
    """Characters from the beginning of the text."""
    length: int
    hint: str = ""


class Tag(NamedTuple):
    """One tag of a text."""

    start: int
    end: int
    question: str
    """As written, trimmed; empty where the tag closes itself."""
    question_at: int
    """Where the trimmed question starts."""
    attributes: Mapping[str, str]
    attributes_at: Mapping[str, int]
    """Where each attribute's name stands."""


class Tags(NamedTuple):
    """Every tag of a text with what is wrong; nothing is to be made of tags when a fault is there."""

    tags: tuple[Tag, ...]
    faults: tuple[Fault, ...]


def has_tag(text: str) -> bool:
    """Return whether a text may hold a tag, written out or as literal text."""
    return MARK in text


def is_computed(text: str) -> bool:
    """Return whether a text stands for a value that is known only later: a template, or one that is left open."""
    return is_template(text) or has_tag(text)


def read_tags(text: str, *, any_attribute: bool = False) -> Tags:
    """Return the tags of a text in order; with `any_attribute` their attributes may have other names, too."""
    tags: list[Tag] = []
    faults: list[Fault] = []
    position = 0
    while (found := _begin(text, position)) >= 0:
        read = _read(text, found)
        if isinstance(read, Fault):
            faults.append(read)
            break
        tags.append(read)
        faults += () if any_attribute else _strangers(read)
        position = read.end
    return Tags(tuple(tags), tuple(faults))


def literal(text: str) -> str:
    """Return a text without tags as it is meant: `\\<AUTO` is `<AUTO`."""
    return text.replace("\\<AUTO", MARK)


def _begin(text: str, position: int) -> int:
    for found in _BEGIN.finditer(text, position):
        if found.start() == 0 or text[found.start() - 1] != "\\":
            return found.start()
    return -1


def _read(text: str, start: int) -> Tag | Fault:
    attributes: dict[str, str] = {}
    places: dict[str, int] = {}
    position = start + len(MARK)
    while True:
        position = _past_space(text, position)
        if text.startswith("/>", position):
            return Tag(start, position + 2, "", position, attributes, places)
        if text.startswith(">", position):
            return _with_question(text, start, position + 1, attributes, places)
        found = _ATTRIBUTE.match(text, position)
        if found is None:
            if position >= len(text):
                return Fault(
                    "this `<AUTO` is never closed",
                    start,
                    len(MARK),
                    "end it with `>question</AUTO>` or `/>`.",
                )
            what = text[position]
            return Fault(
                f"unexpected `{what}` in an `<AUTO` tag",
                position,
                1,
                'attributes are written `name="value"`.',
            )
        name = found[1]
        if name in attributes:
            return Fault(f"the attribute `{name}` stands twice", found.start(1), len(name))
        values = [value for value in found.groups()[1:] if value is not None]
        if not values:
            return Fault(
                f"the attribute `{name}` has no value", found.start(1), len(name), f'write `{name}="…"`.'
            )
        attributes[name] = values[0]
        places[name] = found.start(1)
        position = found.end()


def _past_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _with_question(
    text: str, start: int, begin: int, attributes: Mapping[str, str], places: Mapping[str, int]
) -> Tag | Fault:
    close = text.find(_CLOSE, begin)
    inner = _begin(text, begin)
    if close < 0 or 0 <= inner < close:
        if close >= 0 and 0 <= inner < close and text.find(_CLOSE, close + 1) >= 0:
            return Fault(
                "an `<AUTO>` cannot stand inside another", inner, len(MARK), "ask two questions, or one."
            )
        return Fault("this `<AUTO>` is never closed", start, len(MARK), "add `</AUTO>` after the question.")
    question = text[begin:close]
    trimmed = question.strip()
    at = begin + (len(question) - len(question.lstrip()) if trimmed else 0)
    return Tag(start, close + len(_CLOSE), trimmed, at, attributes, places)


def _strangers(tag: Tag) -> Iterator[Fault]:
    for name, place in tag.attributes_at.items():
        if name not in ATTRIBUTES:
            near = nearest(name, ATTRIBUTES)
            hint = f"did you mean `{near}`?" if near else f"known are {', '.join(ATTRIBUTES)}."
            yield Fault(f"`<AUTO>` has no attribute `{name}`", place, len(name), hint)
    if not tag.question and not tag.attributes:
        yield Fault(
            "this `<AUTO>` asks nothing", tag.start, len(MARK), "write the question between the tags."
        )
