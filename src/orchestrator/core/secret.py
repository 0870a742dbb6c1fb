"""Values that must not be seen: holes that are filled at a tool's boundary and masked everywhere else.

A template can place a secret (whole, or joined with text) but never look at it: `Secret` has no value, only a name.
`reveal` fills the holes just before an action acts; `mask` takes the values out of whatever comes back.
"""

from collections.abc import Mapping

from msgspec import Struct

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import UserError

MASK = "•••"
_RECOGNISED = 8
"""Characters of a secret's beginning that are enough to recognise it by; fewer could be anything."""
_LONGEST_SCHEME = 24
"""Characters in which the `://` of an address stands."""


class Secret(Struct, frozen=True):
    """The name of a value that is kept elsewhere."""

    name: str

    def __str__(self) -> str:
        return MASK


class SecretTexts(dict[str, str]):
    """The values of secrets by name; remembers all the forms in which they can show."""

    __slots__ = ("_forms",)

    def __missing__(self, name: str) -> str:
        raise UserError(
            f"the value of the secret `{name}` is not known any more\n"
            f"  → give it again: it is kept nowhere, so a resumed run needs it, too"
        )

    @property
    def forms(self) -> list[str]:
        """Every text to look for, the longest first."""
        try:
            return self._forms
        except AttributeError:
            self._forms = _all_forms(self)
            return self._forms


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
    in Base64, hexadecimal and as part of an address, and when only its beginning is left because somebody cut the text.
    """
    if not secrets:
        return value
    texts = secrets.forms if isinstance(secrets, SecretTexts) else _all_forms(secrets)
    return _masked(value, texts) if texts else value


def _all_forms(secrets: Mapping[str, str]) -> list[str]:
    return sorted({form for text in secrets.values() if text for form in _forms(text)}, key=len, reverse=True)


def _forms(text: str) -> set[str]:
    """Return the texts by which a secret can show."""
    from json import dumps

    lines = {line.strip() for line in text.splitlines() if len(line.strip()) >= _RECOGNISED}
    python, json, plain_json = repr(text)[1:-1], dumps(text)[1:-1], dumps(text, ensure_ascii=False)[1:-1]
    shell = text.replace("'", "'\"'\"'")
    return {
        text,
        python,
        ascii(text)[1:-1],
        json,
        plain_json,
        shell,
        " ".join(text.split()),
        *lines,
        *_encoded(text),
    } - {""}


def _encoded(text: str) -> set[str]:
    """Return the text as Base64 (wherever in other bytes it begins), hexadecimal and in an address would have it."""
    from binascii import b2a_base64
    from urllib.parse import quote, quote_plus

    if len(text) < _RECOGNISED:
        return set()
    data = text.encode("utf-8", "surrogatepass")
    found = {data.hex(), data.hex().upper(), quote(data, safe=""), quote(data), quote_plus(data)}
    for before in range(3):
        whole = b2a_base64(b"\0" * before + data, newline=False).decode()
        first, last = (8 * before + 5) // 6, 8 * (before + len(data)) // 6
        found |= {whole[first:last], whole[first:last].replace("+", "-").replace("/", "_")}
    return found


def _masked(value: object, texts: list[str]) -> object:
    if isinstance(value, str):
        for text in texts:  # all that are whole before any that was cut: two forms may begin alike
            value = value.replace(text, MASK)
        for text in texts:
            value = _without_rest(value, text)
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


def _without_rest(value: str, text: str) -> str:
    """Return the value without what is left of a text where it was cut."""
    scheme, address, _ = text[:_LONGEST_SCHEME].partition("://")
    least = _RECOGNISED + (len(scheme + address) if address else 0)  # `https://` is no secret
    beginning = text[:least]
    if len(beginning) < least or beginning not in value:
        return value
    start = value.find(beginning)
    while start >= 0:
        end = start + least
        while end < len(value) and end - start < len(text) and value[end] == text[end - start]:
            end += 1
        value = value[:start] + MASK + value[end:]
        start = value.find(beginning, start + len(MASK))
    return value
