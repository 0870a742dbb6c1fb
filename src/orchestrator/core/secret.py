"""Values that must not be seen: holes that are filled at a tool's boundary and masked everywhere else.

A template can place a secret (whole, or joined with text) but never look at it: `Secret` has no value, only a name.
`reveal` fills the holes just before an action acts; `mask` takes the values out of whatever comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.core.plain import is_list, is_mapping

MASK = "•••"


@dataclass(frozen=True, slots=True)
class Secret:
    """The name of a value that is kept elsewhere."""

    name: str

    def __str__(self) -> str:
        return MASK


@dataclass(frozen=True, slots=True)
class Sealed:
    """Text with secrets in it, as a template's output; unreadable until it is revealed."""

    parts: tuple[str | Secret, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


def reveal(value: object, secrets: Mapping[str, str]) -> object:
    """Return the value with every hole filled; raises KeyError for a secret that is not given."""
    if isinstance(value, Secret):
        return secrets[value.name]
    if isinstance(value, Sealed):
        return "".join(part if isinstance(part, str) else secrets[part.name] for part in value.parts)
    if is_mapping(value):
        return {key: reveal(item, secrets) for key, item in value.items()}
    if is_list(value):
        return [reveal(item, secrets) for item in value]
    return value


def mask(value: object, secrets: Mapping[str, str]) -> object:
    """Return the value with each secret's text replaced, in keys and values at any depth."""
    texts = sorted({text for text in secrets.values() if text}, key=len, reverse=True)
    return _masked(value, texts) if texts else value


def _masked(value: object, texts: list[str]) -> object:
    if isinstance(value, str):
        for text in texts:
            value = value.replace(text, MASK)
        return value
    if isinstance(value, bytes):
        for text in texts:
            value = value.replace(text.encode(), MASK.encode())
        return value
    if is_mapping(value):
        return {_masked(key, texts): _masked(item, texts) for key, item in value.items()}
    if is_list(value):
        return [_masked(item, texts) for item in value]
    return value
