"""A place where runs can be disturbed: killed at any record, interrupted, cancelled, taken up again — in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestrator.compiler import compile_text
from orchestrator.core.action import Action
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record, RunCreated
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState, fold
from orchestrator.core.store import Message
from orchestrator.engine import Engine
from orchestrator.errors import StoreError
from orchestrator.state.memory import MemoryStore
from orchestrator.testing import SeededRandomness, VirtualClock, run_virtual
from orchestrator.testing.actions import ActionTable, RecordingAction
from scenarios.scenario_actions import actions

CAPACITIES = {"gpu": 2}
RUN = RunId("0197-run")
_LONGEST = 10_000
"""Virtual seconds after which a run counts as stuck."""


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
    error: BaseException | None = None
    """What the engine raised, other than the death of its process."""
    left_over: list[str] = field(default_factory=list)
    """Tasks and permits that the engine forgot."""

    def of(self, *kinds: type) -> list[Any]:
        """Return the records of some kinds, in order."""
        return [record for record in self.records if isinstance(record, kinds)]

    def statuses(self) -> dict[str, str]:
        """Return the status of each task."""
        return {path: task.status for path, task in self.state.tasks.items()}


@dataclass
class Control:
    """What a test does to a run while it is under way."""

    engine: Engine
    store: MemoryStore
    clock: VirtualClock
    state: RunState

    async def cancel(self, by: str = "somebody") -> None:
        """Leave a request to cancel in the run's inbox."""
        await self.store.post(RUN, Message(f"cancel-{self.clock.now()}", "cancel", {"by": by}))


Disturbance = Callable[[Control], Awaitable[None]]


@dataclass
class Lab:
    """Runs of one pipeline, all in one world that outlives their processes."""

    compile: Callable[[ActionTable], Pipeline]
    own: Sequence[Action | RecordingAction] = ()
    """Actions beside those of `scenario_actions`."""
    world: dict[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = actions(self.world)
        for entry in self.own:
            action = entry.action if isinstance(entry, RecordingAction) else entry
            self.table.actions[action.spec.name] = action

    def run(
        self,
        *,
        kill_at: int | None = None,
        earlier: Sequence[Record] = (),
        later: float = 0.0,
        during: Disturbance | None = None,
        wrap: Callable[[Any], Any] = lambda journal: journal,
        patience: float = 10.0,
        **engine: Any,
    ) -> Outcome:
        """Run from the start, or go on from earlier records.

        Args:
            kill_at: The process dies when it would write this record, counted from 0 in this process.
            earlier: What was recorded before.
            later: Seconds between the last of those and now.
            during: Done beside the run.
            wrap: Puts something around the journal.
            patience: Real seconds for which time stands still while a thread or process is at work.
            engine: Settings of the engine.
        """
        clock = VirtualClock()
        if earlier:
            clock.set_time_of_day(max(clock.now(), *(record.at for record in earlier)) + later)

        async def execute() -> Outcome:
            began = clock.now()
            store = MemoryStore()
            pipeline = self.compile(self.table)
            records = list(earlier) or [created(pipeline, clock)]
            journal = await store.create(records[0])
            for record in records[1:]:
                journal.append(record)
            state, error = fold(records), None
            control = Engine(
                self.table,
                clock=clock,
                randomness=SeededRandomness(1),
                **{"cache": store.cache, "capacities": CAPACITIES, **engine},
            )
            before = asyncio.all_tasks()
            beside = asyncio.ensure_future(during(Control(control, store, clock, state))) if during else None
            try:
                async with asyncio.timeout(_LONGEST):
                    guarded = Mortal(wrap(journal), kill_at)
                    await control.run(pipeline, state, guarded, secrets=self.secrets)
            except Killed:
                pass
            except Exception as raised:  # noqa: BLE001 — tests look at whatever the engine raised
                error = raised
            finally:
                if beside is not None:
                    await beside
                await control.close()
            left = [repr(task) for task in asyncio.all_tasks() - before if task is not beside]
            permits = control._means.permits
            if permits._free != {**CAPACITIES, "task": engine.get("max_parallel", 32)}:
                left.append(f"permits {permits._free}")
            kept = await store.read(state.run_id)
            return Outcome(state, kept, clock.now() - began, self.world, error, left)

        return run_virtual(execute(), clock, patience=patience)


def lab(text: str, *own: Action | RecordingAction, **kept: Any) -> Lab:
    """Return a lab for a pipeline given as the text of its steps and what stands beside them."""
    whole = text if "\nsteps:" in f"\n{text}" else f"steps:\n{text}"
    return Lab(lambda table: compile_text(f"name: lab\n{whole}", file="lab.yaml", actions=table), own, **kept)


def created(pipeline: Pipeline, clock: VirtualClock) -> RunCreated:
    """Return the first record of a run with the defaults as inputs."""
    return RunCreated(
        at=clock.now(),
        run_id=RUN,
        pipeline=pipeline.name,
        document=pipeline.document,
        documents={},
        inputs={name: spec.default for name, spec in pipeline.inputs.items() if spec.type != "secret"},
        workspace="/nowhere",
        actions={},
    )


class Mortal:
    """A journal that stops taking records when the process is to die."""

    def __init__(self, journal: Any, kill_at: int | None = None) -> None:
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
