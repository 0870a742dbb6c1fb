"""How many tasks one run may have: loops inside loops would fill any journal."""

from collections.abc import Collection
from typing import Final

from orchestrator.core.failure import Failure
from orchestrator.engine.signals import FailedError
from orchestrator.errors import ActionError

MAX_TASKS: Final = 100_000
"""Tasks of one run, containers and items included; as many again may take back what they did and follow up."""

_HINT = "hand over several items at a time with `batch`, or split the work into several runs."


def refuse_items(items: int, known: int) -> None:
    """Raise ActionError when a loop would begin more tasks than the run has left."""
    if known + items > MAX_TASKS:
        raise ActionError(
            f"`for_each` would begin {items:,} items, and a run may have {MAX_TASKS:,} tasks; {_HINT}",
            error_class="budget",
        )


def refuse_task(path: str | None, known: Collection[str]) -> None:
    """Raise FailedError when a task is new and the run has as many as it may have."""
    if path is None or path in known:
        return
    follows_up = "~on_failure." in path or "~undo" in path
    if len(known) >= (2 * MAX_TASKS if follows_up else MAX_TASKS):
        raise FailedError(Failure("budget", f"a run may have {MAX_TASKS:,} tasks; {_HINT}", path))
