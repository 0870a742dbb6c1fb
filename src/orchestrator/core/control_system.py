"""The contract of what runs a pipeline; py-orc's own engine is one, others can stand in."""

from collections.abc import Mapping
from typing import Protocol

from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState
from orchestrator.core.store import Journal


class ControlSystem(Protocol):
    """Runs pipelines on journals."""

    async def run(
        self, pipeline: Pipeline, state: RunState, journal: Journal, *, secrets: Mapping[str, str]
    ) -> RunState:
        """Bring a run as far as it goes: to its end, or until it waits.

        `state` is the fold of the journal's records so far: just `RunCreated` for a fresh run, more on resume. Raises
        `RunInterruptedError` when it was asked to stop and `StoreError` when the journal failed; in both cases the run can
        be resumed.
        """
        ...

    def interrupt(self) -> None:
        """Stop all runs so that they can be resumed: nothing new starts, what acts gets some time to end."""
        ...

    def interrupt_now(self) -> None:
        """Stop all runs without that time."""
        ...

    async def close(self) -> None:
        """Let go of threads and processes."""
        ...
