"""Reads Markdown or plain text as sentences and labelled facts, in time that grows with the text and no faster."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Stems = frozenset[str]
"""Roots of words, so that `summaries` and `summary` meet in one."""


class Sentence(NamedTuple):
    """One sentence or item of a list, with the stems of its own words and of the heading above it."""

    text: str
    stems: Stems
    heading: Stems
    is_item: bool


class Document(NamedTuple):
    """A text: what stands behind its labels (`Due date: soon`), and the rest without code, tables and comments."""

    headings: Sequence[str]
    sentences: Sequence[Sentence]
    facts: Mapping[Stems, str]


_EMPTY_TEXT = """a about after all also an and any are as at be been before both but by can do does each else every for from
get has have how if in into is it its just keep may more most must no nor not of off on once one only or other our out own
per same so some such than that the their them then there they this those to too up use used was we were what when where
which while who why will with would you your"""
_EMPTY_WORDS = frozenset(_EMPTY_TEXT.split())
_ENDINGS = "ations ation ements ement ments ment ings ing ness ies ied ed es ly s e y"
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_HIDDEN = re.compile(r"(?ms)\A---\n.*?^---$|^ *(```|~~~).*?(?:^ *\1|\Z)|<!--.*?(?:-->|\Z)|^ *\|[^\n]*|^ *>+")
_BLOCK_END = re.compile(r"\n(?= *(?:\n|#|[-*+•] |\d{1,3}[.)] |[A-Z][\w -]{0,24}: ))")
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)]) +(?:\[[ xX]\] +)?")
_MARKUP = re.compile(
    r"!\[[^][]*\]\([^()]*\)|</?[a-z][a-z1-6]*(?: [^<>]*)?/?>|\[([^][]*)\]\([^()]*\)"
    r"|\*\*([^*]+)\*\*|`([^`\n]+)`|(?<!\w)[*_](?!\s)([^*_\n]+)(?<!\s)[*_](?!\w)"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])(?<!\b\w\.)(?<!\b[A-Z][a-z]\.) (?=[\"“(]?[A-Z0-9])")


def words(text: str) -> list[str]:
    """Return the words that carry meaning, in lower case."""
    return [word for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS]


def stem(word: str) -> str:
    """Return roughly the root of a word."""
    return word.removesuffix(next((ending for ending in _ENDINGS.split() if word[3:].endswith(ending)), ""))


def stems(text: str) -> Stems:
    """Return the roots of the words that carry meaning."""
    return frozenset(map(stem, words(text)))


def read_document(source: str) -> Document:
    """Return the headings, sentences and labelled facts of a text."""
    headings: list[str] = []
    sentences: list[Sentence] = []
    text = _HIDDEN.sub("", source)
    for _ in range(2):  # markup within markup, such as a linked picture
        text = _MARKUP.sub(r"\1\2\3\4", text)
    for block in map(str.strip, _BLOCK_END.split(text)):
        heading, _, body = block.partition("\n") if block.startswith("#") else ("", "", block)
        headings += [heading.strip("# ")] if heading else []
        above, item = stems("".join(headings[-1:])), _ITEM.match(body)
        for sentence in _SENTENCE_END.split(" ".join(body[item.end() if item else 0 :].split())):
            if own := stems(sentence):
                sentences += [Sentence(sentence, own, above, is_item=item is not None)]
    pairs = [re.split("[:|]", line.lstrip(" \t>*+•-|"), maxsplit=1) for line in source.split("\n")]
    facts = {stems(pair[0]): pair[1].strip(" |*_`\"'") for pair in reversed(pairs) if len(pair) == 2}
    return Document(headings, sentences, facts)
