"""Fills a schema from what a text says; what the text does not say is left out, never invented.

Each type offers values, surest first, and the first that its schema allows is taken: so limits of all kinds hold.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import inf
from typing import NamedTuple

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.schema import compile_schema
from orchestrator.models.extractive.document import Document, read_document, stems
from orchestrator.models.extractive.ranking import best_sentences, key_terms, support

Schema = Mapping[str, object]

_DEEPEST, _USUAL_ITEMS, _LONGEST = 8, 10, 2_000
_LIMITS = "type enum minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern minItems"
_TITLE, _TERMS, _HEADINGS = stems("headline subject title"), stems("keywords tags terms"), stems("headings")
_SUMMARY = stems("abstract answer description digest highlights overview points reason summary text")
_DENIAL = re.compile(r"\b(?:not?|never|without|none|cannot|false|off)\b|n['’]t\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.-])-?\d{1,20}(?:\.\d{1,20})?(?![\w-])")


class Extractor(NamedTuple):
    """Reads one document; `meanings` explain choices in other words."""

    document: Document
    meanings: Mapping[str, str]

    def values(self, schema: Schema, name: str = "", depth: int = 0) -> Iterator[object]:
        """Yield what the text offers for a field and its schema allows, surest first."""
        kinds = schema.get("type", "string")
        limits = [
            *_LIMITS.split(),
            *["required"][:depth],
        ]  # of the whole, the caller says which field is missing
        misfits = compile_schema({key: schema[key] for key in limits if key in schema})
        for kind in (kinds if is_list(kinds) else [kinds]) if depth < _DEEPEST else ():
            offered = self._offered({**schema, "type": kind}, name, depth + 1)
            yield from (value for value in offered if value != "" and not misfits(value))

    def _offered(self, schema: Schema, name: str, depth: int) -> Iterable[object]:
        if is_list(options := schema.get("enum")):
            return self._choices(options, name) or reversed(options)  # the last one is often `other`
        told = self._told(name, str(schema.get("description", "")))
        match schema["type"]:
            case "object":
                return [self._object(_mapping(schema.get("properties")), depth)]
            case "array":
                most, items = schema.get("maxItems"), self._items(_mapping(schema.get("items")), name, depth)
                return [list(islice(items, most if isinstance(most, int) else _USUAL_ITEMS))]
            case "integer" | "number":
                found = (each for text in told for each in _NUMBER.findall(text.replace(",", "")))
                return (float(each) if "." in each else int(each) for each in found)
            case "boolean":
                return (not _DENIAL.search(text) for text in told)
            case "null":
                return [None]
            case _:
                longest = most if isinstance(most := schema.get("maxLength"), int) else _LONGEST
                return (cut(text, longest) for text in self._texts(schema, name, longest))

    def _object(self, properties: Schema, depth: int) -> Schema:
        fields = {name: _mapping(field) for name, field in properties.items()}
        usual = {name: field["default"] for name, field in fields.items() if "default" in field}
        found = {name: [*islice(self.values(field, name, depth), 1)] for name, field in fields.items()}
        return usual | {name: values[0] for name, values in found.items() if values}

    def _items(self, items: Schema, name: str, depth: int) -> Iterable[object]:
        if is_list(options := items.get("enum")):
            return self._choices(options, name)
        if items.get("type") in ("integer", "number"):
            return self.values(items, depth=depth)
        readers = (self._replace(document=read_document(part)) for part in self._parts(name))
        return (value for reader in readers for value in islice(reader.values(items, depth=depth), 1))

    def _parts(self, name: str) -> Sequence[str]:
        about = stems(name)
        if said := self._said(name):
            return re.split("[,;]", said)
        if about & (_TERMS | _HEADINGS):
            return key_terms(self.document, _USUAL_ITEMS) if about & _TERMS else self.document.headings
        if about & _SUMMARY:
            return best_sentences(self.document, 5, room=_LONGEST)
        items = [each for each in self.document.sentences if each.is_item]
        return [each.text for each in items if each.heading & about] or [each.text for each in items]

    def _choices(self, options: Sequence[object], name: str) -> Sequence[object]:
        meanings = {str(option): self.meanings.get(str(option).lower(), "") for option in options}
        said, weights = self._said(name).lower(), support(self.document, meanings)
        weights |= {text: inf for text in meanings if text and said.startswith(text.lower())}
        return sorted((each for each in options if weights[str(each)]), key=lambda each: -weights[str(each)])

    def _texts(self, schema: Schema, name: str, room: int) -> Iterator[str]:
        yield from self.document.headings[:1] if stems(name) & _TITLE else []
        yield self._said(name)
        if not name or stems(name) & (_TITLE | _SUMMARY):
            yield " ".join(best_sentences(self.document, 3, room=room))
        if "format" not in schema:  # an address or a date stands behind its label or nowhere
            yield from self._told(name, str(schema.get("description", "")))

    def _told(self, name: str, description: str) -> Iterator[str]:
        """Yield what stands behind the label, then the sentences that share words with the field, most first."""
        about = stems(f"{name} {description}")
        yield from filter(None, [self._said(name)])
        shared = sorted(self.document.sentences, key=lambda each: -len(each.stems & about))
        yield from (each.text for each in shared if not about or each.stems & about)

    def _said(self, name: str) -> str:
        return self.document.facts.get(stems(name), "") if name else ""


def cut(text: str, length: int) -> str:
    """Return the text, cut between words so that it has at most that many characters."""
    kept = text[: max(length - 1, 0)]
    return text if len(text) <= length else (kept.rpartition(" ")[0] or kept).rstrip(" ,;:") + "…"[:length]


def _mapping(value: object) -> Schema:
    return value if is_mapping(value) else {}
