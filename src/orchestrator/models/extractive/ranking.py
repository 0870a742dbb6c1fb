"""Ranks what a text says: its weightiest sentences, its key words, and which of several choices its words speak for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

from orchestrator.models.extractive.document import Document, Sentence, stem, stems, words

CHARACTERS_PER_TOKEN = 4
_CLUES: Mapping[str, str] = {
    "positive": "good great excellent love happy pleased wonderful best perfect recommend thank enjoy fast easy amazing",
    "negative": "bad poor terrible hate angry broken worst disappoint refund fail slow awful useless problem complain rude",
    "guide": "how step first tutorial install start walkthrough learn example follow you run",
    "tutorial": "how step first guide install start walkthrough learn example follow you run",
    "reference": "parameter option api argument default field type return syntax table value schema",
    "decision": "decide decision adr status accepted context consequence alternative chose rationale because",
    "bug": "error crash broken fail exception wrong unexpected traceback regression fix",
    "feature": "add support request wish would new allow enhancement",
    "urgent": "immediately asap urgent critical down outage now deadline",
    "spam": "winner prize free click offer lottery unsubscribe viagra bitcoin",
    "yes": "true is confirmed agreed correct indeed",
    "no": "not never none false without denied refused",
}
_POOL = 200
"""Sentences that are compared with each other; what ranks lower is not looked at."""
_LEANING = (
    "It ",
    "This ",
    "That ",
    "These ",
    "Those ",
    "They ",
    "He ",
    "She ",
    "But ",
    "And ",
    "So ",
    "Then ",
    "Also ",
)
"""Beginnings that lean on the sentence before."""
_LAST_RESORTS = ("other", "unknown", "none", "neutral", "misc", "general", "unclear")


def best_sentences(document: Document, *, count: int, tokens: int | None, query: str = "") -> list[str]:
    """Return the weightiest sentences in their order, no two alike, within a number of tokens."""
    scores = _scores(document, stems(query))
    room = float("inf") if tokens is None else tokens * CHARACTERS_PER_TOKEN
    chosen: list[int] = []
    left = sorted(range(len(scores)), key=lambda index: -scores[index])[:_POOL]
    while left and len(chosen) < count:
        best = max(left, key=lambda index: scores[index] * (1 - _likeness(document.sentences, index, chosen)))
        left.remove(best)
        length = len(document.sentences[best].text) + 1
        if _likeness(document.sentences, best, chosen) < 0.6 and length <= room:
            chosen.append(best)
            room -= length
    if not chosen and scores:
        top = document.sentences[max(range(len(scores)), key=scores.__getitem__)].text
        return [cut(top, int(room))]
    return [document.sentences[index].text for index in sorted(chosen)]


def keywords(document: Document, count: int) -> list[str]:
    """Return the words that the text turns around, weightiest first, in their shortest form."""
    weights: Counter[str] = Counter()
    forms: dict[str, set[str]] = {}
    for sentence in document.sentences:
        for word in words(sentence.text):
            if len(word) > 2 and not word.isdigit():
                root = stem(word)
                weights[root] += 3 if root in sentence.above else 2
                forms.setdefault(root, set()).add(word)
    title = stems(document.title)
    ranked = sorted(weights, key=lambda root: (-weights[root] * (2 if root in title else 1), root))
    return [min(forms[root], key=lambda form: (len(form), form)) for root in ranked[:count]]


def evidence(options: Sequence[str], document: Document, hints: str) -> dict[str, float]:
    """Return how much the text speaks for each option: by the option's words and by those that `hints` explain it with."""
    weights: Counter[str] = Counter(root for each in document.sentences for root in each.stems)
    for root in stems(document.title):
        weights[root] += 4
    for root in [root for each in document.sentences if each.leads for root in each.above]:
        weights[root] += 1
    found: dict[str, float] = {}
    for option in options:
        own = stems(option.replace("_", " "))
        meant = (_explained(option, hints) | stems(_CLUES.get(option.lower(), ""))) - own
        found[option] = sum(3 * log(1 + weights[root]) for root in sorted(own)) + sum(
            log(1 + weights[root]) for root in sorted(meant)
        )
    return found


def choose(options: Sequence[str], document: Document, hints: str) -> tuple[str, bool]:
    """Return the option that the text speaks for most, and whether it speaks for any; the first of equals wins."""
    found = evidence(options, document, hints)
    best = max(options, key=lambda option: found[option])
    if found[best] > 0:
        return best, True
    return next((option for option in options if option.lower() in _LAST_RESORTS), options[0]), False


def cut(text: str, length: int) -> str:
    """Return the text, cut between words so that it has at most that many characters."""
    if len(text) <= length:
        return text
    kept = text[: max(length - 1, 0)]
    return (kept.rsplit(" ", 1)[0] if " " in kept else kept).rstrip(" ,;:–-") + "…" if length > 0 else ""


def _scores(document: Document, query: frozenset[str]) -> list[float]:
    counts = Counter(root for sentence in document.sentences for root in sentence.stems)
    title = stems(document.title)
    total = len(document.sentences)
    scores: list[float] = []
    for index, sentence in enumerate(document.sentences):
        weight = sum(log(1 + counts[root]) for root in sentence.stems) / (len(sentence.stems) + 4)
        weight += 0.2 * min(len(sentence.stems & title), 3) + 0.1 * min(
            len(sentence.stems & sentence.above), 3
        )
        weight += 1.2 * len(sentence.stems & query)
        opening = 0.8 * max(0.0, 1 - index / (0.1 * total + 2))
        scores.append(weight * (1 + opening) * (1.1 - 0.2 * index / total) * _readability(sentence))
    return scores


def _readability(sentence: Sentence) -> float:
    """Return how well a sentence stands alone: whole, neither short nor long, in words rather than signs and figures."""
    text = sentence.text
    signs = sum(not (character.isalpha() or character in " ,.") for character in text) / len(text)
    factor = 1.0 if signs < 0.06 else 0.8 if signs < 0.1 else 0.5 if signs < 0.16 else 0.25
    factor *= 0.35 if len(sentence.stems) < 4 else 0.75 if len(text) > 240 else 1.0
    factor *= 0.5 if len(text) > 400 else 1.0
    factor *= 0.5 if text.endswith((":", "?")) else 1.0 if text.endswith((".", "!", "…")) else 0.8
    factor *= 0.75 if text.startswith(_LEANING) else 1.0
    return factor * (1.2 if sentence.leads and not sentence.item else 0.9 if sentence.item else 1.0)


def _likeness(sentences: Sequence[Sentence], index: int, chosen: Sequence[int]) -> float:
    own = sentences[index].stems
    shares = [
        len(own & sentences[other].stems) / (min(len(own), len(sentences[other].stems)) or 1)
        for other in chosen
    ]
    return max(shares, default=0.0)


def _explained(option: str, hints: str) -> frozenset[str]:
    """Return the stems of what follows the option in the hints, as in `guide: how to do things` or `guide (how-to)`."""
    import re

    found = re.findall(
        rf"\b{re.escape(option)}\b\W{{0,3}}(?:[:=(–—]|- | means | is )\s*([^\n;()]+)", hints, re.IGNORECASE
    )
    return stems(" ".join(found))
