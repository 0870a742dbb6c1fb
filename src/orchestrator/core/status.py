"""The words for how runs and tasks stand."""

from typing import Final, Literal

RunEnding = Literal["completed", "partial", "failed", "cancelled", "waiting"]
"""How the engine left a run: `partial` completed with failures that it tolerated, `waiting` needs a person's decision."""

RunStatus = Literal[RunEnding, "running", "interrupted", "damaged"]
"""`running` is held by a live process, `interrupted` by nobody; `damaged` is what the store cannot read."""

SettledStatus = Literal["completed", "recovered", "failed", "skipped"]
"""What a task that is through hands on to those that need it."""

TaskStatus = Literal[SettledStatus, "running", "retrying", "cancelled", "in_doubt", "undone"]

ENDED: Final[frozenset[RunStatus]] = frozenset({"completed", "partial", "failed", "cancelled"})
"""Run statuses that are final."""

SETTLED: Final[frozenset[TaskStatus]] = frozenset({"completed", "recovered", "failed", "skipped", "undone"})
"""Task statuses that a resume keeps; of the others `in_doubt` waits for a person and the rest runs again."""
