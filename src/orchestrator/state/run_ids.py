"""Finding a run by what somebody typed: its id, the beginning or the end of it, or something close."""

from collections.abc import Iterable

from orchestrator.core.ids import RunId
from orchestrator.errors import UnknownRunError

SHORTEST_PART = 6


def resolve_run(typed: str, ids: Iterable[str]) -> RunId:
    """Return the one run whose id is, begins with or ends with the text; raises `UnknownRunError` with what comes close."""
    known = list(ids)
    if typed in known:
        return RunId(typed)
    meant = (
        [run for run in known if run.startswith(typed) or run.endswith(typed)]
        if len(typed) >= SHORTEST_PART
        else []
    )
    if len(meant) == 1:
        return RunId(meant[0])
    if meant:
        raise UnknownRunError(typed, nearest=meant, ambiguous=True)
    raise unknown_run(typed, known)


def unknown_run(typed: str, ids: Iterable[str]) -> UnknownRunError:
    """Return the error for a run that is not there, naming the nearest ids."""
    from difflib import get_close_matches

    known, length = list(ids), len(typed)
    parts = {run[-length:]: run for run in known} | {run[:length]: run for run in known}
    close = get_close_matches(typed, parts, n=3, cutoff=0.8)
    return UnknownRunError(typed, nearest=[parts[part] for part in close])
