"""Values that must not be seen: holes that are filled at a tool's boundary and masked everywhere else.

A template can place a secret (whole, or joined with text) but never look at it: `Secret` has no value, only a name.
`reveal` fills the holes just before an action acts; `mask` takes the values out of whatever comes back.
"""

from collections.abc import Mapping

from msgspec import Struct

from orchestrator.core.plain import is_list, is_mapping

MASK = "•••"
_RECOGNISED = 8
"""Characters of a secret's beginning that are enough to recognise it by; fewer could be anything."""


class Secret(Struct, frozen=True):
    """The name of a value that is kept elsewhere."""

    name: str

    def __str__(self) -> str:
        return MASK


class Sealed(Struct, frozen=True):
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
    """Return the value with each secret's text replaced, in keys and values at any depth.

    A secret is recognised as it is, as Python, JSON or a shell would quote it, with its white space folded, line by line,
    and when only its beginning is left because somebody cut the text.
    """
    texts = sorted(
        {form for text in secrets.values() if text for form in _forms(text)}, key=len, reverse=True
    )
    return _masked(value, texts) if texts else value


def _forms(text: str) -> set[str]:
    """Return the texts by which a secret can show."""
    from json import dumps

    lines = {line.strip() for line in text.splitlines() if len(line.strip()) >= _RECOGNISED}
    python, json, plain_json = repr(text)[1:-1], dumps(text)[1:-1], dumps(text, ensure_ascii=False)[1:-1]
    shell = text.replace("'", "'\"'\"'")
    return {text, python, ascii(text)[1:-1], json, plain_json, shell, " ".join(text.split()), *lines} - {""}


def _masked(value: object, texts: list[str]) -> object:
    if isinstance(value, str):
        for text in texts:
            value = _without(value, text)
        return value
    if isinstance(value, bytes):
        for text in texts:
            value = value.replace(text.encode("utf-8", "surrogatepass"), MASK.encode())
        return value
    if is_mapping(value):
        return {_masked(key, texts): _masked(item, texts) for key, item in value.items()}
    if is_list(value):
        return [_masked(item, texts) for item in value]
    return value


def _without(value: str, text: str) -> str:
    """Return the value without the text, and without what is left of it where it was cut."""
    value = value.replace(text, MASK)
    beginning = text[:_RECOGNISED]
    if len(beginning) < _RECOGNISED or beginning not in value:
        return value
    start = value.find(beginning)
    while start >= 0:
        end = start + _RECOGNISED
        while end < len(value) and end - start < len(text) and value[end] == text[end - start]:
            end += 1
        value = value[:start] + MASK + value[end:]
        start = value.find(beginning, start + len(MASK))
    return value
