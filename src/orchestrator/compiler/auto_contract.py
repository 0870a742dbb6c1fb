"""What the answer to a tag must be: its attributes and the schema of where it stands, as one JSON Schema."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from orchestrator.compiler.auto_tags import Fault, Tag
from orchestrator.core.suggestion import nearest

Schema = Mapping[str, object]

_TYPES: Final = ("string", "integer", "number", "boolean", "array", "object")
_BOUNDS: Final = {
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


class Contract:
    """Reads the attributes of one tag; `faults` holds what is wrong with them."""

    def __init__(self, tag: Tag, expected: Schema | None, otherwise: str) -> None:
        self._tag = tag
        self.faults: list[Fault] = []
        self.schema: dict[str, object] = dict(self._schema(expected or {}, otherwise))
        self.has_default = "default" in tag.attributes
        self.default: object = self._value("default", self._type) if self.has_default else None

    def _schema(self, expected: Schema, otherwise: str) -> Iterator[tuple[str, object]]:
        attributes = self._tag.attributes
        inherited = {key: value for key, value in expected.items() if key not in ("default", "title")}
        self._type = attributes.get("type") or _plain_type(inherited) or self._implied() or otherwise
        if "type" in attributes and self._type not in _TYPES:
            near = nearest(self._type, _TYPES)
            self._fault(
                "type", f"there is no type `{self._type}`", f"did you mean `{near}`?" if near else _known()
            )
            self._type = "string"
        if "type" in attributes and (wanted := _plain_type(inherited)) and not _fits(self._type, wanted):
            self._fault("type", f"`{self._type}` does not fit here", f"a value of type {wanted} is needed.")
        if "type" not in attributes or _plain_type(inherited) == self._type:
            yield from inherited.items()
        if not {"anyOf", "oneOf", "$ref", "allOf", "const"} & inherited.keys() or "type" in attributes:
            yield "type", self._type
        yield from self._limits()

    def _implied(self) -> str:
        """Return the type that other attributes speak of; empty where they do not."""
        attributes = self._tag.attributes
        if "items" in attributes:
            return "array"
        if "pattern" in attributes or "enum" in attributes:
            return "string"
        bounds = [attributes[name] for name in ("min", "max") if name in attributes]
        if not bounds:
            return ""
        return "integer" if all(bound.lstrip("+-").isdigit() for bound in bounds) else "number"

    def _limits(self) -> Iterator[tuple[str, object]]:
        attributes = self._tag.attributes
        for name, key in zip(("min", "max"), _BOUNDS.get(self._type, ("", "")), strict=True):
            if name not in attributes:
                continue
            if not key:
                self._fault(name, f"a {self._type} has no `{name}`")
            elif (bound := self._value(name, "number" if self._type == "number" else "integer")) is not None:
                yield key, bound
        if "enum" in attributes:
            texts = [text.strip() for text in attributes["enum"].split(",")]
            choices = [self._converted("enum", text, self._type) for text in texts if text]
            if not choices:
                self._fault("enum", "`enum` lists nothing", 'write `enum="first,second"`.')
            yield "enum", choices
        if "pattern" in attributes:
            if self._type != "string":
                self._fault("pattern", f"a {self._type} has no `pattern`")
            yield "pattern", attributes["pattern"]
        if "items" in attributes:
            kind = attributes["items"]
            if self._type != "array":
                self._fault("items", f"a {self._type} has no `items`")
            elif kind not in _TYPES:
                near = nearest(kind, _TYPES)
                self._fault(
                    "items", f"there is no type `{kind}`", f"did you mean `{near}`?" if near else _known()
                )
            yield "items", {"type": kind}

    def _value(self, name: str, kind: str) -> object:
        return self._converted(name, self._tag.attributes[name], kind)

    def _converted(self, name: str, text: str, kind: str) -> object:
        try:
            if kind == "string":
                return text
            value: object = json.loads(text)
        except ValueError:
            value = None
        fits = {
            "integer": type(value) is int,
            "number": type(value) in (int, float),
            "boolean": type(value) is bool,
            "array": type(value) is list,
            "object": type(value) is dict,
        }
        if not fits.get(kind, True):
            self._fault(name, f"`{name}` is {text!r}, which is no {kind}")
            return None
        return value

    def _fault(self, name: str, message: str, hint: str = "") -> None:
        place = self._tag.attributes_at.get(name, self._tag.start)
        self.faults.append(Fault(message, place, len(name), hint))


def _plain_type(schema: Schema) -> str:
    kind = schema.get("type")
    return kind if isinstance(kind, str) else ""


def _fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (kind == "integer" and wanted == "number")


def _known() -> str:
    return f"known are {', '.join(_TYPES)}."
