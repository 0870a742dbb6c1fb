"""Fills a schema from what a text says, field by field; what the text does not say is left out, never invented."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.models.extractive.document import Document, read_document, stems
from orchestrator.models.extractive.facts import (
    PATTERNS,
    kind_of,
    label_of,
    labelled,
    matches,
    numbers,
    truth,
)
from orchestrator.models.extractive.ranking import best_sentences, choose, cut, evidence, keywords

_SUMMARIES = {
    "summary",
    "description",
    "abstract",
    "overview",
    "digest",
    "gist",
    "synopsis",
    "text",
    "answer",
    "reason",
}
_TITLES = {"title", "headline", "subject", "heading", "topic"}
_KEYWORDS = {"keywords", "keyword", "tags", "tag", "topics", "terms", "labels"}
_POINTS = {"points", "highlights", "findings", "takeaways", "facts", "sentences", "bullets", "insights"}
_GENERIC = {"count", "number", "quantity", "qty", "value", "amount", "n"}
_DEPTH = 12

Schema = Mapping[str, object]


class MissingFactError(Exception):
    """The text does not say something that the schema requires."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class Extractor:
    """Reads one text for one question; ``hints` explain choices, `query` says what is looked for."""

    def __init__(self, text: str, schema: Schema, *, hints: str = "", query: str = "") -> None:
        self._text = text
        self._document = read_document(text)
        self._root = schema
        self._hints = hints
        self._query = query
        self.doubts: list[str] = []
        """Choices that no word of the text speaks for."""

    def value(self) -> object:
        """Return the value; raises MissingFactError."""
        return self._fill(self._root, "", 0)

    def _fill(self, schema: Schema, name: str, depth: int) -> object:
        schema = self._resolved(schema)
        if depth > _DEPTH:
            raise MissingFactError(name)
        if "const" in schema:
            return schema["const"]
        options = schema.get("enum")
        if is_list(options) and options:
            return self._chosen(options, schema, name)
        alternatives = schema.get("anyOf") or schema.get("oneOf")
        if is_list(alternatives):
            return self._first([each for each in alternatives if is_mapping(each)], name, depth)
        kind = schema.get("type")
        if is_list(kind):
            return self._first([{**schema, "type": each} for each in kind], name, depth)
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._list(schema, name, depth)
            case "integer" | "number":
                return self._number(schema, name)
            case "boolean":
                return self._truth(schema, name)
            case "null":
                return None
            case _:
                return self._string(schema, name)

    def _resolved(self, schema: Schema) -> Schema:
        """Return the schema with its reference followed and its parts (`allOf`) laid together."""
        for _ in range(_DEPTH):
            target = schema.get("$ref")
            if not isinstance(target, str):
                break
            found: object = self._root
            for part in target.split("/")[1:]:
                found = _mapping(found).get(part)
            schema = {**_mapping(found), **{key: value for key, value in schema.items() if key != "$ref"}}
        for part in _sequence(schema.get("allOf")):
            schema = {**schema, **self._resolved(_mapping(part))}
        return schema

    def _first(self, alternatives: Sequence[Schema], name: str, depth: int) -> object:
        """Return the value of the first alternative that the text can fill; null only when none can."""
        ordered = sorted(alternatives, key=lambda each: each.get("type") == "null")
        for alternative in ordered:
            try:
                return self._fill(alternative, name, depth)
            except MissingFactError:
                continue
        raise MissingFactError(name)

    def _chosen(self, options: Sequence[object], schema: Schema, name: str) -> object:
        by_text = {str(option): option for option in options if option is not None}
        said = labelled(name, self._text).lower()
        for text, option in by_text.items():
            if said and re.match(rf"{re.escape(text.lower())}\b", said):
                return option
        hints = f"{self._hints}\n{schema.get('description', '')}"
        best, spoken_for = choose(list(by_text), self._document, hints)
        if not spoken_for:
            self.doubts.append(
                f"no word of the text speaks for any choice{f' of {name}' if name else ''}; took {best}"
            )
        return by_text[best]

    def _object(self, schema: Schema, depth: int) -> object:
        needed = _sequence(schema.get("required"))
        filled: dict[str, object] = {}
        for key, inner in _mapping(schema.get("properties")).items():
            field = _mapping(inner)
            try:
                filled[key] = self._fill(field, key, depth + 1)
            except MissingFactError as missing:
                if "default" in field:
                    filled[key] = field["default"]
                elif key in needed:
                    path = key if missing.path in ("", key) else f"{key}.{missing.path}"
                    raise MissingFactError(path) from None
        return filled

    def _number(self, schema: Schema, name: str) -> object:
        said = labelled(name, self._text)
        fitting = [each for each in numbers(said) if _in_range(each.value, schema)]
        if fitting:
            return _plain(fitting[0].value, schema)
        about = stems(label_of(name)) or stems(self._query)
        wider = about | stems(str(schema.get("description", "")))
        best, score = None, 0
        for each in numbers(self._text):
            closeness = 4 * len(each.near & about) + 2 * len(each.around & about) + len(each.near & wider)
            if closeness > score and _in_range(each.value, schema):
                best, score = each.value, closeness
        if best is None and _GENERIC & set(label_of(name).split()):
            fitting = [each for each in numbers(self._text) if _in_range(each.value, schema)]
            best = fitting[0].value if len(fitting) == 1 else None
        if best is None:
            raise MissingFactError(name)
        return _plain(best, schema)

    def _truth(self, schema: Schema, name: str) -> bool:
        found = truth(name, self._text) if name else None
        if found is None and "default" in schema:
            raise MissingFactError(name)
        return bool(found)

    def _string(self, schema: Schema, name: str) -> str:
        text = self._found_text(schema, name).strip()
        longest = schema.get("maxLength")
        text = cut(text, longest) if isinstance(longest, int) else text
        shortest = schema.get("minLength")
        if len(text) < (shortest if isinstance(shortest, int) else 1):
            raise MissingFactError(name)
        return text

    def _found_text(self, schema: Schema, name: str) -> str:
        said = labelled(name, self._text)
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            return _matching(pattern, said) or _matching(pattern, self._text)
        kind = str(schema.get("format") or kind_of(name))
        if kind in PATTERNS:
            found = matches(kind, said) or matches(kind, self._text, name=name)
            return found[0] if found else said if "format" not in schema else ""
        parts = set(label_of(name).split())
        if parts & _TITLES and self._document.title:
            return self._document.title  # a heading is surer than a label somewhere in a table
        if said:
            return said
        if parts & _TITLES:
            return " ".join(best_sentences(self._document, count=1, tokens=20))
        if parts & {"author", "by", "writer"}:
            found = re.search(r"\b[Bb]y ([A-Z][\w.'-]+(?: [A-Z][\w.'-]+)+)", self._text)
            return found[1] if found else ""
        return self._sentence(schema, name, parts)

    def _sentence(self, schema: Schema, name: str, parts: set[str]) -> str:
        """Return the sentence that speaks of the field, or the best ones for a summary."""
        longest = schema.get("maxLength")
        tokens = max(longest // 4, 8) if isinstance(longest, int) else None
        if not name or parts & _SUMMARIES:
            return " ".join(best_sentences(self._document, count=3, tokens=tokens, query=self._query))
        about = stems(f"{label_of(name)} {schema.get('description', '')}")
        speaking = Document(
            self._document.title, tuple(each for each in self._document.sentences if each.stems & about)
        )
        return " ".join(best_sentences(speaking, count=1, tokens=tokens, query=" ".join(about)))

    def _list(self, schema: Schema, name: str, depth: int) -> list[object]:
        items = self._resolved(_mapping(schema.get("items")))
        longest, least = schema.get("maxItems"), schema.get("minItems")
        count = longest if isinstance(longest, int) else 10
        found = [value for value in self._items(items, name, count, depth) if _suits(value, items)][:count]
        if len(found) < (least if isinstance(least, int) else 0):
            raise MissingFactError(name)
        return found

    def _items(self, items: Schema, name: str, count: int, depth: int) -> Sequence[object]:
        options = items.get("enum")
        if is_list(options):
            found = evidence([str(option) for option in options], self._document, self._hints)
            return [option for option in options if found[str(option)] > 0]
        if items.get("type") in ("integer", "number"):
            return [_plain(each.value, items) for each in numbers(self._text) if _in_range(each.value, items)]
        if items.get("type") == "object":
            return self._records(items, name, depth)
        kind = str(items.get("format") or kind_of(name.removesuffix("s")))
        if kind in PATTERNS:
            return matches(kind, self._text)
        return self._texts(name, count)

    def _texts(self, name: str, count: int) -> Sequence[str]:
        parts = set(label_of(name).split()) or set(label_of(self._query).split())
        said = labelled(name, self._text)
        if said:
            return [part.strip() for part in re.split(r"[,;]", said) if part.strip()]
        if parts & _KEYWORDS:
            return keywords(self._document, count)
        under = self._document.items_under(stems(" ".join(parts)))
        if under:
            return under
        if parts & _POINTS or parts & _SUMMARIES:
            return best_sentences(self._document, count=min(count, 5), tokens=None, query="")
        return [each.text for each in self._document.sentences if each.item]

    def _records(self, items: Schema, name: str, depth: int) -> Sequence[object]:
        """Return one object per list item or block of the text that holds everything required."""
        units = self._document.items_under(stems(label_of(name))) or _rows(self._text)
        units = units or [each.text for each in self._document.sentences if each.item]
        records: list[object] = []
        for unit in units or re.split(r"\n\s*\n", self._text):
            part = Extractor(unit, self._root, hints=self._hints)
            try:
                records.append(part._fill(items, "", depth + 1))
            except MissingFactError:
                continue
            self.doubts += part.doubts
        return [record for record in records if record]


def _mapping(value: object) -> Schema:
    return value if is_mapping(value) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if is_list(value) else ()


def _rows(text: str) -> list[str]:
    """Return the rows of the first Markdown table, each as lines `column: value`."""
    table = re.search(
        r"^\s*\|(.+)\|\s*\n\s*\|[\s:|-]+\|\s*\n((?:\s*\|.*\|\s*(?:\n|\Z))+)", text, re.MULTILINE
    )
    if not table:
        return []
    columns = [column.strip() for column in table[1].split("|")]
    rows = [
        [cell.strip() for cell in row.strip().strip("|").split("|")] for row in table[2].strip().split("\n")
    ]
    return [
        "\n".join(f"{column}: {cell}" for column, cell in zip(columns, row, strict=False)) for row in rows
    ]


def _matching(pattern: str, text: str) -> str:
    """Return the first stretch of the text that a pattern matches, anchored or not, or an empty text."""
    try:
        found = re.search(pattern.removeprefix("^").removesuffix("$"), text)
    except re.error:  # the anchors belonged to something, as in `\\$`
        return ""
    return found[0] if found else ""


def _in_range(value: Decimal, schema: Schema) -> bool:
    if schema.get("type") == "integer" and value != value.to_integral_value():
        return False
    limits = {
        key: schema[key]
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if key in schema
    }
    low, high = limits.get("minimum"), limits.get("maximum")
    above, below = limits.get("exclusiveMinimum"), limits.get("exclusiveMaximum")
    return not (
        (isinstance(low, int | float) and value < low)
        or (isinstance(high, int | float) and value > high)
        or (isinstance(above, int | float) and value <= above)
        or (isinstance(below, int | float) and value >= below)
    )


def _plain(value: Decimal, schema: Schema) -> int | float:
    return (
        int(value) if schema.get("type") == "integer" or value == value.to_integral_value() else float(value)
    )


def _suits(value: object, schema: Schema) -> bool:
    longest = schema.get("maxLength")
    return not (isinstance(value, str) and isinstance(longest, int) and len(value) > longest)
