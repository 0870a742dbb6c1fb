"""A scenario: a pipeline file, the run it leads to, and the ways to disturb that run."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from orchestrator.compiler import compile_text
from orchestrator.compiler.files import DiskFiles
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState, fold
from orchestrator.engine import Engine
from orchestrator.errors import StoreError
from orchestrator.state.memory import MemoryStore
from orchestrator.testing import SeededRandomness, VirtualClock, run_virtual
from scenarios.scenario_actions import actions

RUNS = Path(__file__).parent / "runs"
_LONGEST = 10_000
"""Virtual seconds after which a run counts as stuck."""
SECRETS = {"token": "hunter2-canary"}


class Killed(StoreError):
    """Nothing can be recorded from here on: the process dies, or the store does."""

    def __init__(self) -> None:
        super().__init__("the journal takes no more records")


@dataclass
class Outcome:
    """How a run ended, with everything that can be looked at afterwards."""

    state: RunState
    records: Sequence[Record]
    elapsed: float
    world: dict[str, Any]


@dataclass
class Scenario:
    """One folder below `runs/`."""

    name: str
    world: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = actions(self.world)
        self.expected: Mapping[str, Any] = yaml.safe_load((RUNS / self.name / "expected.yaml").read_text())

    def pipeline(self) -> Pipeline:
        path = RUNS / self.name / "pipeline.yaml"
        return compile_text(
            path.read_text(), file=str(path), actions=self.table, files=DiskFiles(path.parent)
        )

    def run(self, *, kill_at: int | None = None, earlier: Sequence[Record] = (), **engine: Any) -> Outcome:
        """Run from the start, or go on from earlier records; `kill_at` lets the process die at that record."""
        clock = VirtualClock()
        if earlier:
            clock.set_time_of_day(max(clock.now(), *(record.at for record in earlier)))
        began = clock.now()

        async def execute() -> Outcome:
            store = MemoryStore()
            records = list(earlier) or [self._created(clock)]
            journal = await store.create(records[0])
            for record in records[1:]:
                journal.append(record)
            state = fold(records)
            control = Engine(
                self.table,
                clock=clock,
                randomness=SeededRandomness(1),
                cache=store.cache,
                capacities={"gpu": 2},
                **engine,
            )
            try:
                async with asyncio.timeout(_LONGEST):
                    await control.run(self.pipeline(), state, _Mortal(journal, kill_at), secrets=SECRETS)
            except Killed:
                pass
            finally:
                await control.close()
            return Outcome(state, await store.read(state.run_id), clock.now() - began, self.world)

        return run_virtual(execute(), clock)

    def _created(self, clock: VirtualClock) -> RunCreated:
        pipeline = self.pipeline()
        inputs = {name: spec.default for name, spec in pipeline.inputs.items() if spec.type != "secret"}
        return RunCreated(
            at=clock.now(),
            run_id=RunId("0197-run"),
            pipeline=pipeline.name,
            document=pipeline.document,
            documents={},
            inputs=inputs,
            workspace="/nowhere",
            actions={},
        )


class _Mortal:
    """A journal that stops taking records when the process is to die."""

    def __init__(self, journal: Any, kill_at: int | None) -> None:
        self._journal = journal
        self._left = kill_at

    def append(self, record: Record) -> None:
        if self._left is not None:
            if self._left == 0:
                raise Killed
            self._left -= 1
        self._journal.append(record)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)
