"""Which paths of a run have a past: needed to walk the same way again while nothing new may start."""

from orchestrator.core.run_state import RunState

_SEPARATORS = frozenset("./~[#")


def paths_with_history(state: RunState) -> frozenset[str]:
    """Return every task path that has a record at or below it."""
    paths: set[str] = set()
    for path in [*state.tasks, *(path for path, _ in state.decisions)]:
        shorter: str = path
        while shorter and shorter not in paths:
            paths.add(shorter)
            shorter = shorter[: _last_separator(shorter)]
    return frozenset(paths)


def _last_separator(path: str) -> int:
    """Return where the last part of a path begins; 0 for a path of one part."""
    for place in range(len(path) - 1, 0, -1):
        if path[place] in _SEPARATORS:
            return place
    return 0
