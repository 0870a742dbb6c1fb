"""Finding a run by what somebody typed: its id, the beginning of it, or something close."""

from collections.abc import Iterable

from orchestrator.core.ids import RunId
from orchestrator.errors import UnknownRunError

SHORTEST_PREFIX = 6


def resolve_run(typed: str, ids: Iterable[str]) -> RunId:
    """Return the one run whose id is, or begins with, the text; raises `UnknownRunError` with what comes close."""
    known = list(ids)
    if typed in known:
        return RunId(typed)
    begun = [run for run in known if run.startswith(typed)] if len(typed) >= SHORTEST_PREFIX else []
    if len(begun) == 1:
        return RunId(begun[0])
    if len(begun) > 1:
        raise UnknownRunError(typed, nearest=begun, ambiguous=True)
    raise unknown_run(typed, known)


def unknown_run(typed: str, ids: Iterable[str]) -> UnknownRunError:
    """Return the error for a run that is not there, naming the nearest ids."""
    from difflib import get_close_matches

    beginnings = {run[: len(typed)]: run for run in ids}
    close = get_close_matches(typed, beginnings, n=3, cutoff=0.8)
    return UnknownRunError(typed, nearest=[beginnings[beginning] for beginning in close])
