"""The canonical document: what a file says as plain data, without what only its text knew."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from json import dumps
from typing import cast

from orchestrator.compiler.origin import Place
from orchestrator.core.plain import is_list, is_mapping


def canonical_document(data: Mapping[str, object]) -> dict[str, object]:
    """Return the document without `x-…` keys and tests; bases and includes are in it already."""
    return {key: value for key, value in data.items() if not is_free(key) and key != "tests"}


def is_free(key: object) -> bool:
    """Tell whether a key of the top level is one of those that may say anything, such as anchors."""
    return type(key) is str and key.startswith("x-")


def spell_out_cases(data: object) -> object:
    """Return the data with `cases` that have other keys than texts as lists, so that JSON can hold them."""
    if is_list(data):
        return [spell_out_cases(item) for item in data]
    if not is_mapping(data):
        return data
    spelt: dict[object, object] = {key: spell_out_cases(value) for key, value in data.items()}
    cases = spelt.get("cases")
    if "switch" in spelt and isinstance(cases, dict):
        pairs = cast("dict[object, object]", cases)
        if not all(type(key) is str for key in pairs):
            spelt["cases"] = [{"case": key, "steps": steps} for key, steps in pairs.items()]
    return spelt


def keys_beyond_json(data: object, place: Place) -> Iterator[tuple[Place, object]]:
    """Find the keys that are no texts, with the places of their mappings."""
    if is_list(data):
        for index, item in enumerate(data):
            yield from keys_beyond_json(item, (place, index))
    elif is_mapping(data):
        for key, value in data.items():
            if type(key) is not str:
                yield place, key
            yield from keys_beyond_json(value, (place, key))


def digest_of(document: Mapping[str, object]) -> str:
    """Return the SHA-256 of a canonical document, in hex; the order of keys does not count."""
    text = dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
