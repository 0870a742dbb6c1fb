"""Filters on text."""


# ruff: noqa: FBT001, FBT002 - arguments stand in Jinja2's own order
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

import re
from collections.abc import Callable, Mapping

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.methods import bounded_replace
from orchestrator.expressions.printf import format_text
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe, text_of, truth, weigh

_WORD_START = re.compile(r"([-\s({\[<]+)")
_WORD = re.compile(r"\w+")


def capitalize(frame: Frame, value: object) -> str:
    """Make the first character upper case and the others lower case."""
    return _text(frame, value).capitalize()


def center(frame: Frame, value: object, width: int = 80) -> str:
    """Put the text into the middle of a field of a width."""
    text = _text(frame, value)
    frame.text_room(max(len(text), _whole(width)))
    return text.center(width)


def escape(frame: Frame, value: object) -> str:
    """Escape the characters `& < > ' "` for HTML."""
    text = _text(frame, value)
    frame.text_room(len(text) + 4 * sum(map(text.count, "&<>'\"")))
    return (
        text.replace("&", "&amp;")
        .replace(">", "&gt;")
        .replace("<", "&lt;")
        .replace("'", "&#39;")
        .replace('"', "&#34;")
    )


def format_filter(frame: Frame, value: object, *args: object, **kwargs: object) -> str:
    """Fill the holes `%s`, `%d`, `%.2f` … of a text."""
    if args and kwargs:
        raise Refused("`format` takes either named values or others, not both")
    return format_text(frame, _text(frame, value), kwargs or args)


def indent(
    frame: Frame, value: object, width: int | str = 4, first: bool = False, blank: bool = False
) -> str:
    """Indent every line but the first, and blank ones, by a width or a text."""
    text = _own_text(frame, value, "indent")
    if not isinstance(width, str):
        frame.text_room(_whole(width))
    indention = width if isinstance(width, str) else " " * width
    lines = (text + "\n").splitlines()
    frame.text_room(len(text) + len(lines) * (len(indention) + 1))
    if truth(blank):
        result = ("\n" + indention).join(lines)
    else:
        result = "\n".join([lines[0], *(indention + line if line else line for line in lines[1:])])
    return indention + result if truth(first) else result


def lower(frame: Frame, value: object) -> str:
    """Make all characters lower case."""
    return _text(frame, value).lower()


def replace(frame: Frame, value: object, old: object, new: object, count: int | None = None) -> str:
    """Replace a part by another, everywhere or `count` times from the left."""
    text = text_of(frame, value)
    return bounded_replace(
        frame, text, text_of(frame, old), text_of(frame, new), -1 if count is None else _whole(count)
    )


def string(frame: Frame, value: object) -> str:
    """Print a value as text."""
    return text_of(frame, value)


def strip_tags(frame: Frame, value: object) -> str:
    """Remove tags and comments of HTML, resolve its characters, and make white space single."""
    from html import unescape

    return unescape(" ".join(_without_tags(_text(frame, value)).split()))


def title(frame: Frame, value: object) -> str:
    """Make the first character of each word upper case, the others lower case."""
    words = _WORD_START.split(_worked_text(frame, value))
    return "".join([word[0].upper() + word[1:].lower() for word in words if word])


def trim(frame: Frame, value: object, chars: str | None = None) -> str:
    """Remove white space, or the given characters, from both ends."""
    return _text(frame, value).strip(chars)


def truncate(
    frame: Frame,
    value: object,
    length: int = 255,
    killwords: bool = False,
    end: str = "...",
    leeway: int | None = None,
) -> object:
    """Shorten a text to a length, at the end of a word, and mark it; `leeway` (5) characters more are kept."""
    leeway = 5 if leeway is None else _whole(leeway)
    if _whole(length) < len(end):
        raise Refused(f"`truncate` needs a length of at least {len(end)}, the length of its mark")
    if leeway < 0:
        raise Refused("`truncate` needs a leeway of at least 0")
    if isinstance(value, (list, tuple, Mapping)) and len(value) <= length + leeway:
        return value  # as in Jinja2, whatever is short enough stays as it is
    text = _own_text(frame, value, "truncate")
    if len(text) <= length + leeway:
        return text
    kept = text[: length - len(end)]
    return (kept if truth(killwords) else kept.rsplit(" ", 1)[0]) + end


def upper(frame: Frame, value: object) -> str:
    """Make all characters upper case."""
    return _text(frame, value).upper()


def url_encode(frame: Frame, value: object) -> str:
    """Quote a text for an address; a mapping or a list of pairs becomes a query."""
    from urllib.parse import quote

    weigh(frame, value)
    if isinstance(value, Mapping):
        pairs: list[tuple[object, object]] = list(value.items())
    elif isinstance(value, (list, tuple)):
        pairs = [(key, item) for key, item in value]
    else:
        return quote(_worked_text(frame, value).encode(), safe="/")

    def quoted(item: object) -> str:
        return quote(_worked_text(frame, item).encode(), safe="").replace("%20", "+")

    return "&".join(f"{quoted(key)}={quoted(item)}" for key, item in pairs)


def word_count(frame: Frame, value: object) -> int:
    """Count words."""
    return sum(1 for _ in _WORD.finditer(_worked_text(frame, value)))


def word_wrap(
    frame: Frame,
    value: object,
    width: int = 79,
    break_long_words: bool = True,
    wrapstring: str | None = None,
    break_on_hyphens: bool = True,
) -> str:
    """Break lines at a width; existing line breaks stay."""
    from textwrap import wrap

    text = _own_text(frame, value, "wordwrap")
    longest = max(map(len, text.split()), default=0)
    frame.spend(
        len(text) // 10 + longest * len(text) // (10_000 * max(1, width))
    )  # long words are cut again and again
    between = "\n" if wrapstring is None else text_of(frame, wrapstring)
    frame.text_room(len(text) * (1 + len(between)))
    lines = [
        between.join(
            wrap(
                line,
                width=width,
                expand_tabs=False,
                replace_whitespace=False,
                break_long_words=truth(break_long_words),
                break_on_hyphens=truth(break_on_hyphens),
            )
        )
        for line in text.splitlines()
    ]
    return between.join(lines)


def xml_attributes(frame: Frame, value: object, autospace: bool = True) -> str:
    """Print a mapping as the attributes of an XML tag; null is left out."""
    if not isinstance(value, Mapping):
        raise Refused(f"`xmlattr` needs a mapping, not {describe(value)}")
    weigh(frame, value)
    pairs: list[str] = []
    for key, item in value.items():
        if item is None:
            continue
        if re.search(r"[\s/>=]", key, re.ASCII):
            raise Refused(f"{key!r} cannot be the name of an attribute")
        pairs.append(f'{escape(frame, key)}="{escape(frame, item)}"')
    return (" " if truth(autospace) and pairs else "") + " ".join(pairs)


def slugify(frame: Frame, value: object, separator: str = "-") -> str:
    """Make a name for files and addresses: ASCII letters and digits in lower case, joined by a hyphen."""
    from unicodedata import normalize

    plain = normalize("NFKD", _worked_text(frame, value)).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    between = text_of(frame, separator)
    frame.text_room(len(plain) + len(words) * len(between))
    return between.join(words)


def base_name(frame: Frame, value: object) -> str:
    """Give the last part of a path."""
    return _text(frame, value).rpartition("/")[2]


def dir_name(frame: Frame, value: object) -> str:
    """Give a path without its last part."""
    head, slash, _ = _text(frame, value).rpartition("/")
    return head.rstrip("/") or slash


def split(frame: Frame, value: object, sep: str | None = None, maxsplit: int = -1) -> list[str]:
    """Part a text at a separator, or at white space."""
    text = _text(frame, value)
    if sep:
        frame.element_room(text.count(sep))
    parts = text.split(sep, maxsplit)
    frame.element_room(len(parts))
    return parts


def truncate_words(frame: Frame, value: object, count: int = 50, end: str = "...") -> str:
    """Keep the first words of a text and mark what was cut."""
    words = _text(frame, value).split()
    return " ".join(words) if len(words) <= _whole(count) else " ".join(words[: max(0, count)]) + end


def sha256(frame: Frame, value: object) -> str:
    """Give the SHA-256 of a text's UTF-8, in hexadecimal digits."""
    from hashlib import sha256 as digest

    return digest(_text(frame, value).encode()).hexdigest()


TEXT_FILTERS: Mapping[str, Callable[..., object]] = {
    "basename": base_name, "capitalize": capitalize, "center": center, "dirname": dir_name, "e": escape,
    "escape": escape, "forceescape": escape, "format": format_filter, "indent": indent, "lower": lower,
    "replace": replace, "sha256": sha256, "slugify": slugify, "split": split, "string": string,
    "striptags": strip_tags, "title": title, "trim": trim, "truncate": truncate, "truncate_words": truncate_words,
    "upper": upper, "urlencode": url_encode, "wordcount": word_count, "wordwrap": word_wrap, "xmlattr": xml_attributes,
}  # fmt: skip


def _text(frame: Frame, value: object) -> str:
    """Return the value as text and spend for working on it."""
    text = text_of(frame, value)
    frame.text_room(len(text))
    return text


def _worked_text(frame: Frame, value: object) -> str:
    """Return the value as text and spend for work that takes its time over each character."""
    text = _text(frame, value)
    frame.spend(len(text) // 10)
    return text


def _own_text(frame: Frame, value: object, name: str) -> str:
    if not isinstance(value, str):
        raise Refused(f"`{name}` needs a text, not {describe(value)}", "convert it with `| string`.")
    return _text(frame, value)


def _whole(value: object) -> int:
    if isinstance(value, int):
        return value
    raise Refused(f"a whole number is expected, not {describe(value)}", "convert it with `| int`.")


def _without_tags(text: str) -> str:
    """Return the text without tags and comments; from one that is never closed, everything stays."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<", position)) != -1:
        closing = "-->" if text.startswith("<!--", start) else ">"
        end = text.find(closing, start + 4 if closing == "-->" else start)
        if end == -1:
            break
        kept.append(text[position:start])
        position = end + len(closing)
    return "".join((*kept, text[position:]))
