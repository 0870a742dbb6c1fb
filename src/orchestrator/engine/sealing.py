"""Values that the journal must keep exactly although a secret may stand in them: the secret becomes a hole again."""

from collections.abc import Mapping

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.secret import Sealed, Secret


def seal(value: object, secrets: Mapping[str, str]) -> object:
    """Return the value with every secret's text taken out of it; `reveal` puts it back."""
    known = sorted(((text, name) for name, text in secrets.items() if text), key=lambda pair: -len(pair[0]))
    return _sealed(value, known) if known else value


def _sealed(value: object, known: list[tuple[str, str]]) -> object:
    if isinstance(value, str):
        parts = _parts(value, known)
        return value if parts == [value] else Sealed(tuple(parts))
    if is_mapping(value):
        return {key: _sealed(item, known) for key, item in value.items()}
    if is_list(value):
        return [_sealed(item, known) for item in value]
    return value


def _parts(text: str, known: list[tuple[str, str]]) -> list[str | Secret]:
    for secret, name in known:
        before, found, after = text.partition(secret)
        if found:
            parts = [*_parts(before, known), Secret(name), *_parts(after, known)]
            return [part for part in parts if part != ""]
    return [text]
