"""Reads plain or Markdown text as sentences that know their place: their paragraph and the headings above them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Sentence(NamedTuple):
    """One sentence, or one item of a list."""

    text: str
    stems: frozenset[str]
    above: frozenset[str]
    """Stems of the headings it stands under."""
    leads: bool
    """Whether it opens its paragraph."""
    item: bool
    """Whether it is an item of a list."""


class Document(NamedTuple):
    """A text in sentences."""

    title: str
    sentences: tuple[Sentence, ...]

    def items_under(self, stems: frozenset[str]) -> list[str]:
        """Return the list items below a heading that shares these stems."""
        return [each.text for each in self.sentences if each.item and stems & each.above]


_STOP_TEXT = (
    "a about above after again all also although am an and any are as at be because been before being below between both but"
    " by can could did do does doing down during each either else etc ever every few for from further had has have"
    " having he her here hers him his how however i if in into is it its itself just let like may me might more most much"
    " must my nor not now of off on once one only onto or other our out over own per please rather said same she should"
    " since so some still such than that the their them then there these they this those through thus to too under until"
    " up upon us use used using very via was we well were what when where whether which while who whom whose why will with"
    " within without would yet you your"
)
_STOP = frozenset(_STOP_TEXT.split())
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
_SUFFIXES = (
    "ations",
    "ation",
    "ements",
    "ement",
    "ments",
    "ment",
    "ingly",
    "edly",
    "ings",
    "ing",
    "ness",
    "ies",
    "ied",
    "ed",
    "es",
    "ly",
    "s",
    "e",
)
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9À-Þ])")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|e\.g|i\.e|etc|vs|cf|ca|Dr|Mr|Mrs|Ms|Prof|St|No|Fig|vol|pp|approx|Inc|Ltd|Co)\.$"
)
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_UNSEEN = re.compile(r"<!--.*?-->|^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1\s*$|\Z)", re.DOTALL | re.MULTILINE)
_MARKUP = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])"), r"\1"),
    (re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])[*_](?=\S)([^*_]+?)(?<=\S)[*_](?![\w*])"), r"\1"),
    (re.compile(r"`+([^`]+)`+"), r"\1"),
    (
        re.compile(
            r"</?(?:a|b|i|em|strong|p|br|div|span|img|sub|sup|kbd|details|summary|h[1-6]|ul|ol|li|hr)\b[^>\n]*>"
        ),
        "",
    ),
)
_LABEL = re.compile(r"[A-Z][\w -]{0,24}:\s+\S")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")


def stems(text: str) -> frozenset[str]:
    """Return the roots of the words that carry meaning."""
    return frozenset(stem(word) for word in words(text))


def words(text: str) -> list[str]:
    """Return the words that carry meaning, in lower case; addresses are no words."""
    if "@" in text or "://" in text:
        text = _ADDRESS.sub(" ", text)
    return [
        word
        for word in _WORD.findall(text.lower())
        if word not in _STOP and (len(word) > 1 or word.isdigit())
    ]


def stem(word: str) -> str:
    """Return roughly the root of a word: `summaries` and `summary` meet in one."""
    for suffix in _SUFFIXES if word.endswith(_SUFFIXES) else ():
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            break
    return word[:-1] if word.endswith("y") and len(word) > 3 else word


def read_document(text: str) -> Document:
    """Return the sentences of a text; code, tables, comments and front matter are left out."""
    text = text.replace("\r\n", "\n")
    front = _FRONT.match(text)
    title = ""
    if front:
        named = re.search(r"^title:\s*[\"']?(.+?)[\"']?\s*$", front[1], re.MULTILINE)
        title, text = (named[1] if named else ""), text[front.end() :]
    sentences: list[Sentence] = []
    headings: dict[int, str] = {}
    for level, block, item in _blocks(_UNSEEN.sub("\n", text)):
        if level:
            headings = {depth: above for depth, above in headings.items() if depth < level} | {level: block}
            title = title or block
        else:
            above = stems(" ".join(headings.values()))
            sentences += [
                Sentence(each, stems(each), above, number == 0, item)
                for number, each in enumerate(_split(block))
            ]
    return Document(title, tuple(sentences))


def _blocks(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield headings (with their level), paragraphs and list items (level 0), free of markup."""
    gathered: list[str] = []
    item = False
    for line in [*text.split("\n"), ""]:
        bare = line.strip().lstrip(">").strip()
        heading = re.match(r"(#{1,6})\s+(.+?)\s*#*$", bare)
        underline = re.fullmatch(r"=+|-{3,}", bare)
        starts_item = _ITEM.match(line)
        labelled = len(bare) < 100 and _LABEL.match(bare) is not None
        if gathered and (not bare or heading or underline or starts_item or labelled or bare.startswith("|")):
            is_heading = underline is not None and len(gathered) == 1 and not item
            yield (1 if bare[0] == "=" else 2) if is_heading else 0, _plain(gathered), item
            gathered, item = [], False
        if heading:
            yield len(heading[1]), _plain([heading[2]]), False
        elif starts_item:
            gathered, item = [line[starts_item.end() :]], True
        elif (
            bare
            and not underline
            and not bare.startswith("|")
            and (gathered or not line.startswith(("    ", "\t")))
        ):
            gathered.append(bare)


def _plain(lines: Sequence[str]) -> str:
    text = " ".join(lines)
    for markup, meaning in _MARKUP:
        text = markup.sub(meaning, text)
    return " ".join(text.split())


def _split(block: str) -> list[str]:
    """Return the sentences of a paragraph; a full stop after an abbreviation ends none."""
    found: list[str] = []
    for piece in _END.split(block):
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] += " " + piece
        elif piece.strip():
            found.append(piece.strip())
    return found
