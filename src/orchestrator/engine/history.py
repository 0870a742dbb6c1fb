"""Which paths of a run have a past: needed to walk the same way again while nothing new may start."""

import re

from orchestrator.core.run_state import RunState

_LAST_PART = re.compile(r"(?:[./~][^./\[#~]*|\[\d+\]|#\d+)$")


def paths_with_history(state: RunState) -> frozenset[str]:
    """Return every task path that has a record at or below it."""
    paths: set[str] = set()
    for path in [*state.tasks, *(path for path, _ in state.decisions)]:
        shorter: str = path
        while shorter and shorter not in paths:
            paths.add(shorter)
            shorter = _LAST_PART.sub("", shorter) if _LAST_PART.search(shorter) else ""
    return frozenset(paths)
