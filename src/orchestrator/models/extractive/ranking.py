"""Ranks what a text says: its weightiest sentences, its key terms, and the choices that its words speak for."""

from collections import Counter
from collections.abc import Mapping
from math import log

from orchestrator.models.extractive.document import Document, Sentence, Stems, stem, stems, words


def best_sentences(document: Document, count: int, query: Stems = frozenset(), *, room: int) -> list[str]:
    """Return the weightiest sentences in their order, no two alike; all but the first keep to a room of characters."""
    sentences, title = document.sentences, stems("".join(document.headings[:1]))
    counts = Counter(root for sentence in sentences for root in sentence.stems)

    def weight(index: int) -> float:
        _, own, heading, _ = sentences[index]
        frequent = sum(log(1 + counts[root]) for root in sorted(own)) / (4 + len(own))
        named = 0.2 * len(own & title) + 0.1 * len(own & heading) + 1.2 * len(own & query)
        opening = 1 + 0.8 * max(0.0, 1 - index / (2 + len(sentences) / 10))
        return (frequent + named) * opening * _readability(sentences[index])

    chosen: list[int] = []
    for index in sorted(range(len(sentences)), key=weight, reverse=True):
        text, own, *_ = sentences[index]
        others = (sentences[each].stems for each in chosen)
        said = any(len(own & other) >= 0.6 * min(len(own), len(other)) for other in others)
        if not chosen or (len(chosen) < count and not said and len(text) < room):
            chosen.append(index)
            room -= len(text) + 1
    return [sentences[index].text for index in sorted(chosen)]


def key_terms(document: Document, count: int) -> list[str]:
    """Return the words that the text turns around, weightiest first, in their shortest form."""
    weights: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for text in [*document.headings, *document.headings[:1], *(each.text for each in document.sentences)]:
        for word in filter(str.isalpha, words(text)):
            weights[stem(word)] += 1
            forms[stem(word)] = min(forms.get(stem(word), word), word, key=len)
    return [forms[root] for root, _ in weights.most_common(count)]


def support(document: Document, meanings: Mapping[str, str]) -> dict[str, float]:
    """Return how much the text speaks for each choice: by its own words, and by those that explain it."""
    counts = Counter(root for sentence in document.sentences for root in sentence.stems)
    counts.update(root for text in (*document.headings, *document.headings[:1]) for root in stems(text))
    roots = {choice: sorted(stems(f"{choice} {meaning}")) for choice, meaning in meanings.items()}
    return {
        choice: sum(log(1 + counts[root]) for root in own) / (len(own) or 1) for choice, own in roots.items()
    }


def _readability(sentence: Sentence) -> float:
    """Return how well a sentence stands alone: whole, neither short nor long, in words rather than in signs."""
    text = sentence.text
    signs = sum(not (character.isalpha() or character in " ,.") for character in text) / len(text)
    whole = 1 if text.endswith((".", "!")) else 0.5 if text.endswith((":", "?")) else 0.8
    length = 0.35 if len(sentence.stems) < 4 else 1 if len(text) < 240 else 0.5
    return max(0.2, 1.1 - 5 * signs) * whole * length * (0.9 if sentence.is_item else 1)
