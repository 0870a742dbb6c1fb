"""The steps of a canonical document as they are written, by walking only where steps may stand: data is no step."""

from collections.abc import Iterator, Mapping
from typing import Final

from orchestrator.core.plain import is_list, is_mapping

Written = Mapping[str, object]

NOTHING: Final[Written] = {}
_LISTS: Final = ("steps", "else", "default", "on_failure")


def written_steps(document: Written) -> Iterator[Written]:
    """Yield every step of a document, inner ones after the one around them."""
    for key in _LISTS:
        yield from _of_list(document.get(key))
    cases = document.get("cases")
    if is_mapping(cases):
        for steps in cases.values():
            yield from _of_list(steps)
    elif is_list(cases):
        for case in cases:
            if is_mapping(case):
                yield from _of_list(case.get("steps"))
    rules = document.get("on_error")
    for rule in rules if is_list(rules) else [rules]:
        if is_mapping(rule):
            yield from _of_list(rule.get("steps"))


def written_step(document: Written, step: str) -> Written:
    """Return what a document writes about a step; nothing where there is none of that id."""
    return next((each for each in written_steps(document) if each.get("id") == step), NOTHING)


def _of_list(steps: object) -> Iterator[Written]:
    for step in steps if is_list(steps) else ():
        if is_mapping(step):
            yield step
            yield from written_steps(step)
