"""Finds single facts in a text: labelled values, numbers, dates, addresses."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from orchestrator.models.extractive.document import stems

PATTERNS = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "uri": re.compile(r"https?://[^\s<>\"'`)\]]*[^\s<>\"'`)\].,;:!?]"),
    "date": re.compile(
        r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{4}\b"
        r"|\b\d{1,2}\.? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}\b"
        r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
    ),
    "date-time": re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"),
    "time": re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?\b", re.IGNORECASE),
    "phone": re.compile(r"(?<![\w.-])\+?\d[\d ()/-]{6,}\d\b"),
    "version": re.compile(r"\bv?\d+\.\d+(?:\.\d+)*(?:-[\w.]+)?\b"),
}
"""What can be recognised by its form; the names are JSON Schema's formats where it has one."""

_BY_NAME = {
    "email": "email mail",
    "uri": "url uri link website homepage address_url",
    "date": "date day deadline due born birthday published released expiry expires",
    "time": "time clock",
    "phone": "phone telephone mobile fax",
    "version": "version",
}
_PLAIN = {"date", "day", "time", "email", "mail", "url", "uri", "link", "phone", "version", "at", "on"}
"""Parts of a name that only say its kind."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBER = re.compile(r"(?<![\w.])[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w]*\w@)")
_SPELLED = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_REACH = 60
"""Characters around a number that may say what it counts."""
_MOST = 2000
_MONEY = re.compile(r"[$€£¥]|\b(?:USD|EUR|GBP|CHF)\b")
_MONEY_STEMS = stems("amount price cost total sum fee payment value")
_NO = re.compile(
    r"\b(?:no|not|never|without|none|cannot|lacks?|isn't|aren't|doesn't|don't|wasn't|won't|un\w+able)\b",
    re.IGNORECASE,
)


class Number(NamedTuple):
    """A number with the words around it."""

    value: Decimal
    near: frozenset[str]
    """Stems within a few words."""
    around: frozenset[str]
    """Stems of its whole line."""


def kind_of(name: str) -> str:
    """Return the key of `PATTERNS` that a field's name speaks of, or an empty text."""
    parts = set(_name_words(name))
    return next((kind for kind, known in _BY_NAME.items() if not parts.isdisjoint(known.split())), "")


def label_of(name: str) -> str:
    """Return a field's name as words: `dueDate` and `due_date` are `due date`."""
    return " ".join(_name_words(name))


def labelled(name: str, text: str) -> str:
    """Return what the text writes behind a label, as `Name: Ada`, `**Name** – Ada` or a table row, or an empty text."""
    label = r"[\s_-]+".join(re.escape(part) for part in _name_words(name))
    if not label:
        return ""
    found = re.search(
        rf"^[\s>*+•-]*[*_`\"]*{label}s?[*_`\"]*[ \t]*(?:[:=–—][*_`\"]*|\t)[ \t]*(\S.*)$",
        text,
        re.IGNORECASE | re.MULTILINE,
    ) or re.search(
        rf"^\s*\|\s*[*_`]*{label}[*_`]*\s*\|\s*([^|\n]+?)\s*\|", text, re.IGNORECASE | re.MULTILINE
    )
    return found[1].strip().strip("*_`\"',").strip() if found else ""


def matches(kind: str, text: str, *, name: str = "") -> list[str]:
    """Return everything of a kind, each once, what stands beside words of the name first; dates as `2027-01-31`."""
    if kind == "phone":
        text = PATTERNS["date"].sub(" ", text)
    about = stems(" ".join(part for part in _name_words(name) if part not in _PLAIN))
    lines = re.split(r"\n|(?<=[.!?])\s+", text)
    if about:
        lines.sort(key=lambda line: -len(stems(line) & about))
    found = [match[0].strip() for line in lines for match in PATTERNS[kind].finditer(line)]
    found = [iso for each in found if (iso := _iso_date(each))] if kind == "date" else found
    return list(dict.fromkeys(found))


def numbers(text: str) -> Iterator[Number]:
    """Yield the first `_MOST` numbers of a text; dates are none."""
    return islice(_numbers(text), _MOST)


def truth(name: str, text: str) -> bool | None:
    """Return whether the text affirms what a field's name says; None where it does not speak of it."""
    said = labelled(name, text).lower().rstrip(".")
    if said:
        word = said.split()[0].strip(",;")
        if word in ("yes", "true", "y", "on", "enabled", "✓", "✔"):
            return True
        if word in ("no", "false", "n", "off", "disabled", "none", "✗"):
            return False
    wanted = stems(
        " ".join(part for part in _name_words(name) if part not in ("is", "has", "can", "was", "are"))
    )
    for sentence in re.split(r"\n|(?<=[.!?;])\s+", text):
        if wanted and wanted <= stems(sentence):
            return _NO.search(sentence) is None
    return None


def _numbers(text: str) -> Iterator[Number]:
    for line in re.split(r"\n|(?<=[.!?])\s+", text):
        bare = PATTERNS["date"].sub(" ", line)
        around = stems(bare)
        for match in _NUMBER.finditer(bare):
            before = bare[max(0, match.start() - _REACH) : match.start()].split()[-4:]
            after = bare[match.end() : match.end() + _REACH].split()[:3]
            near = stems(" ".join([*before, *after]))
            if _MONEY.search(bare[max(0, match.start() - 4) : match.end() + 5]):
                near |= _MONEY_STEMS
            yield Number(Decimal(match[0].replace(",", "").replace("−", "-")), near, around)
        for match in re.finditer(r"[A-Za-z]+", bare):
            if match[0].lower() in _SPELLED:
                near = stems(" ".join(bare[match.end() : match.end() + _REACH].split()[:3]))
                yield Number(Decimal(_SPELLED.index(match[0].lower())), near, around)


def _name_words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").lower().split()


def _iso_date(text: str) -> str:
    """Return a date as ISO 8601 writes it, day before month where only figures are given; empty for no real date."""
    from datetime import date

    figures = [int(figure) for figure in re.findall(r"\d+", text)]
    month = next((1 + _MONTHS.index(word[:3].lower()) for word in re.findall(r"[A-Za-z]{3,}", text)), 0)
    if month:
        day, year = figures
    elif text[4] == "-":
        year, month, day = figures
    else:
        day, month, year = figures
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
