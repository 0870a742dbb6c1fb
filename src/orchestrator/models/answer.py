"""Reads a model's answer as the value that a schema asks for."""

from collections.abc import Iterator
from typing import NamedTuple

from orchestrator.core.misfit import Misfit
from orchestrator.core.model import ModelResponse
from orchestrator.core.schema import Validator
from orchestrator.models.cleaning import cleaned


class Reading(NamedTuple):
    """A value read from an answer; `wrong` says in words what does not fit, or is empty."""

    value: object
    wrong: str


def read_answer(response: ModelResponse, validate: Validator) -> Reading:
    """Return the first reading of the answer that fits, else the first one with its misfits."""
    first: Reading | None = None
    for candidate in _candidates(response):
        value = cleaned(candidate)
        misfits = validate(value)
        if not misfits:
            return Reading(value, "")
        first = first or Reading(value, described(misfits))
    return first or Reading(None, "the answer is empty")


def described(misfits: list[Misfit]) -> str:
    """Return misfits as one line that a model or a person can act on."""
    lines = [
        f"{'.'.join(map(str, misfit.path)) + ': ' if misfit.path else ''}{misfit.message}"
        + (f" ({misfit.hint})" if misfit.hint else "")
        for misfit in misfits[:10]
    ]
    return "; ".join(lines) + (f"; and {len(misfits) - 10} more" if len(misfits) > 10 else "")


def _candidates(response: ModelResponse) -> Iterator[object]:
    """Yield what the answer may mean: the model's own data, its text as JSON, JSON within the text, the bare text."""
    if response.value is not None:
        yield response.value
        return
    text = response.text.strip()
    if not text:
        return
    yield from _json_in(text)
    yield text


def _json_in(text: str) -> Iterator[object]:
    """Yield the whole text as JSON, else the first JSON in it that can be read."""
    from json import JSONDecoder

    decoder = JSONDecoder(parse_constant=_refuse)
    for start in _starts(text):
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if start or end == len(text) or text[0] in "{[":
            yield value
            return


def _starts(text: str) -> list[int]:
    """Return where JSON may begin: at the start, in a fenced block, at the first brackets."""
    fence = text.find("```")
    line_end = text.find("\n", fence) if fence >= 0 else -1
    brackets = sorted(position for position in (text.find("{"), text.find("[")) if position > 0)
    return [0, *([line_end + 1] if line_end >= 0 else []), *brackets]


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
