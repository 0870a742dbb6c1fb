"""Steps that wait for each other in a circle: named as the path that walks it, with what makes each wait."""

from itertools import count, pairwise

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import Draft
from orchestrator.core.graph import find_cycle

_MOST = 20
"""Circles that are shown."""


def break_cycles(c: Compilation, draft: Draft) -> None:
    """Report circles and cut them, so that the rest of the file can be checked."""
    if all(before < at for at, edges in enumerate(draft.edges) for before in edges):
        return  # whoever waits only for earlier steps cannot go in circles
    for number in count():
        path = find_cycle([list(edges) for edges in draft.edges])
        if path is None:
            return
        if number < _MOST:
            _report(c, draft, path)
        for at, before in pairwise(path):
            draft.edges[at].pop(before, None)


def _report(c: Compilation, draft: Draft, path: list[int]) -> None:
    walk = " → ".join(f"`{draft.ids[index]}`" for index in path)
    whys = [_why(c, draft, at, before) for at, before in pairwise(path)]
    cause = draft.edges[path[0]][path[1]]
    message = f"the steps wait for each other in a circle: {walk}"
    hint = f"take one of these away: {'; '.join(whys)}."
    if cause.offset < 0:
        c.problems.error(cause.place, message, hint=hint)
    else:
        c.problems.error_inside(cause.place, message, offset=cause.offset, length=cause.length, hint=hint)


def _why(c: Compilation, draft: Draft, at: int, before: int) -> str:
    cause = draft.edges[at][before]
    line = c.problems.line_of(cause.place, max(cause.offset, 0))
    where = f" (line {line})" if line else ""
    return f"`{draft.ids[at]}` waits for `{draft.ids[before]}`{where}"
