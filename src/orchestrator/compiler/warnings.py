"""What is doubtful: reading a value that may not be there, and two steps that write the same file at once."""

from collections.abc import Iterator
from itertools import pairwise
from typing import cast

from orchestrator.compiler.compilation import Compilation, Reading
from orchestrator.compiler.draft import Draft, View
from orchestrator.core.pipeline import Call, ErrorRule, Step, Switch
from orchestrator.core.template import Literal, Template

_MOST_SEARCHES = 200
"""Pairs of writers whose order is searched for in the graph; a file with more has been warned enough."""
_WRITES = frozenset(("write", "delete"))


def warn(c: Compilation) -> None:
    """Add every warning of a document."""
    _warn_of_absent_values(c)
    _warn_of_writes(c)


def _warn_of_absent_values(c: Compilation) -> None:
    absent: dict[str, str] = {}
    for step, (draft, index) in c.homes.items():
        if draft.steps:
            _may_be_absent(absent, draft, draft.steps[index], index, step)
    if not absent:
        return
    for reading in c.readings:
        why = absent.get(reading.step)
        if why and not _is_guarded(c, reading):
            reference = reading.reference
            c.problems.warning_inside(
                reading.place,
                f"`steps.{reading.step}` may have no value here: {why}",
                offset=reference.offset,
                length=reference.length,
                hint="give it one with `| default(…)`, or ask for it in `if`.",
            )


def _may_be_absent(absent: dict[str, str], draft: Draft, step: Step, index: int, name: str) -> None:
    if step.condition is not None and step.otherwise is None:
        absent[name] = "its `if` may skip it"
    elif isinstance(step.body, Switch) and step.body.default is None:
        absent[name] = "its `switch` may fit no case"
    elif any(rule.tolerate for rule in step.on_error):
        absent[name] = "its failure is tolerated"
    for rule in step.on_error:
        if rule.goto is not None:
            _absent_between(absent, draft, index, rule)
            absent.setdefault(name, f"when it fails the run goes on at `{rule.goto}`")


def _absent_between(absent: dict[str, str], draft: Draft, index: int, rule: ErrorRule) -> None:
    target = draft.ids.index(str(rule.goto))
    for between in draft.graph.descendants(index) & draft.graph.ancestors(target):
        absent.setdefault(draft.ids[between], f"it is skipped when `{draft.ids[index]}` fails")


def _is_guarded(c: Compilation, reading: Reading) -> bool:
    """Tell whether a condition on the way in asks for the step, or skips the reader together with it."""
    home, at = c.homes[reading.step]
    own = home.conditions.get(at)
    for condition in _conditions_around(reading.view):
        if own is not None and condition.source == own.source:
            return True
        for reference in condition.references:
            if reference.path[0] in ("steps", "status", "errors") and reading.step in reference.path[1:2]:
                return True
    return False


def _conditions_around(view: View) -> Iterator[Template]:
    draft: Draft | None = view.draft
    at = view.at
    while draft is not None:
        if at in draft.conditions:
            yield draft.conditions[at]
        draft, at = draft.around, draft.at


def _warn_of_writes(c: Compilation) -> None:
    writers: dict[str, list[tuple[Draft, int]]] = {}
    for draft, index in c.homes.values():
        if draft.steps:
            for path in _written(c, draft.steps[index]):
                writers.setdefault(path, []).append((draft, index))
    searches = _MOST_SEARCHES
    for path, homes in writers.items():
        for earlier, later in pairwise(homes):
            if searches and not _is_direct(earlier, later):
                searches -= 1
                if _unordered(earlier, later):
                    _warn_of_pair(c, path, earlier, later)


def _warn_of_pair(c: Compilation, path: str, first: tuple[Draft, int], second: tuple[Draft, int]) -> None:
    one, other = first[0].ids[first[1]], second[0].ids[second[1]]
    c.problems.warning(
        ((second[0].place, second[1]), "id"),
        f"`{one}` and `{other}` write `{path}`, and nothing says which comes first",
        hint=f"add `needs: {one}`, or `strategy: sequential`.",
    )


def _written(c: Compilation, step: Step) -> list[str]:
    """Return the literal paths that a step writes."""
    body = step.body
    if type(body) is not Call:
        return []
    action = c.action(body.action)
    if action is None or action.touches is None or type(body.parameters) is not Literal:
        return []
    touches = action.touches(cast("dict[str, object]", body.parameters.value))
    return [touch.what for touch in touches if touch.kind in _WRITES and touch.what != "…"]


def _is_direct(first: tuple[Draft, int], second: tuple[Draft, int]) -> bool:
    """Tell whether one step waits for the other at first sight."""
    draft, at = second
    return draft is first[0] and (first[1] in draft.edges[at] or at in draft.edges[first[1]])


def _unordered(first: tuple[Draft, int], second: tuple[Draft, int]) -> bool:
    """Tell whether two steps may run at the same time."""
    chain = dict(_upwards(*first))
    for draft, at in _upwards(*second):
        if draft in chain:
            other = chain[draft]
            if other == at or at < 0 or other < 0 or draft.handler:
                return False
            return other not in draft.graph.ancestors(at) and at not in draft.graph.ancestors(other)
    return False


def _upwards(draft: Draft, at: int) -> Iterator[tuple[Draft, int]]:
    around: Draft | None = draft
    while around is not None:
        yield around, at
        around, at = around.around, around.at
