"""What can be done with runs: start, take up again, end, find, list."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from orchestrator.app.inventory import action_digests, changed_actions
from orchestrator.app.observed_journal import ObservedJournal
from orchestrator.compiler import inner_documents
from orchestrator.core.action import ActionSource, Effect
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.control_system import ControlSystem
from orchestrator.core.hook import Observer
from orchestrator.core.ids import RunId, TaskPath, new_run_id
from orchestrator.core.journal import CancelRequested, DoubtSettled, Record, RunCreated, RunEnded
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState, apply, fold
from orchestrator.core.status import ENDED, RunStatus
from orchestrator.core.store import Journal, Message, RunSummary, Store
from orchestrator.errors import OrchestratorError, SetupError, UserError

_POLL = 0.1
"""Seconds between two looks at a run that another process holds."""


ObserversOf = Callable[[RunId], Sequence[Observer]]
"""Returns those who are told of one run."""


class Start(NamedTuple):
    """Everything a new run begins with."""

    pipeline: Pipeline
    inputs: Mapping[str, object]
    secrets: Mapping[str, str]
    workspace: str
    tools: Mapping[str, str]
    """Path and digest of each tools file."""
    key: str = ""


class Doubts(NamedTuple):
    """What a person says about tasks in doubt."""

    again: frozenset[str] = frozenset()
    """Tasks to do again."""
    done: Mapping[str, object] = MappingProxyType({})
    """Tasks that happened, with their values: data, or `Written` text that is read by what the task may give."""


NO_DOUBTS = Doubts()


class Runs:
    """The runs of one store."""

    def __init__(self, store: Store, clock: Clock, randomness: Randomness) -> None:
        self._store = store
        self._clock = clock
        self._randomness = randomness

    async def start(
        self, start: Start, engine: ControlSystem, actions: ActionSource, *, observers_of: ObserversOf
    ) -> RunState:
        """Run a pipeline to its end; raises `RunExistsError` when the key belongs to a run already."""
        pipeline = start.pipeline
        record = RunCreated(
            at=self._clock.now(),
            run_id=new_run_id(self._clock, self._randomness),
            pipeline=pipeline.name,
            document=pipeline.document,
            documents=inner_documents(pipeline),
            inputs=start.inputs,
            workspace=start.workspace,
            actions=action_digests(pipeline, actions),
            file=absolute(pipeline.file),
            key=start.key,
            tools=start.tools,
        )
        journal = await self._store.create(record)
        state = fold((record,))
        if observers := observers_of(record.run_id):
            journal = ObservedJournal(journal, observers, position=0)
            journal.tell(record)
        try:
            return await engine.run(pipeline, state, journal, secrets=start.secrets)
        finally:
            await journal.close()

    async def take(self, run_id: RunId) -> tuple[Journal, RunState]:
        """Take over a run that nobody holds and that has not ended; the caller closes the journal."""
        journal = await self._store.open(run_id)
        try:
            state = fold(await self._store.read(run_id))
            refuse_ended(state)
        except OrchestratorError:
            await journal.close()
            raise
        return journal, state

    async def go_on(
        self,
        journal: Journal,
        state: RunState,
        pipeline: Pipeline,
        engine: ControlSystem,
        *,
        secrets: Mapping[str, str],
        observers_of: ObserversOf,
        doubts: Doubts = NO_DOUBTS,
        cancel: str | None = None,
    ) -> RunState:
        """Continue a run that was taken over; `cancel` names who wants it ended instead."""
        if observers := observers_of(state.run_id):
            journal = ObservedJournal(journal, observers, position=state.position)
        try:
            for record in (*self._settled(state, doubts), *self._cancelled(cancel)):
                journal.append(record)
                apply(state, record)
            return await engine.run(pipeline, state, journal, secrets=secrets)
        finally:
            await journal.close()

    async def end(self, run_id: RunId, *, by: str) -> bool:
        """Ask the process that holds a run to end it, and wait until it did; False when nobody holds it."""
        message = Message(f"cancel-{self._clock.now():.6f}", "cancel", {"by": by})
        if not await self._is_held(run_id):
            return False
        await self._store.post(run_id, message)
        while await self._is_held(run_id):
            await self._clock.sleep(_POLL)
        return (await self.state(run_id)).status in ENDED

    async def find(self, text: str) -> RunId:
        """Return the run whose id is, begins with or ends with a text; `last` is the newest."""
        if text == "last":
            newest = await self._store.runs(limit=1)
            if newest and newest[0].status == "damaged":  # whatever its date says
                newest = [run for run in await self._store.runs(limit=100) if run.status != "damaged"]
            if newest:
                return newest[0].run_id
        return await self._store.resolve(text)

    async def newest(self, *, status: RunStatus | None = None, limit: int = 100) -> Sequence[RunSummary]:
        """Return runs, newest first."""
        return await self._store.runs(status=status, limit=limit)

    async def state(self, run_id: RunId) -> RunState:
        """Return the state of a run as its journal tells it."""
        return fold(await self._store.read(run_id))

    async def events(self, run_id: RunId, start: int = 0) -> Sequence[Record]:
        """Return the records from a position on."""
        return await self._store.read(run_id, start=start)

    async def follow(self, run_id: RunId, start: int = 0) -> AsyncIterator[tuple[int, Record]]:
        """Yield the records of a run as they come, until it has ended or nobody holds it any more."""
        position = start
        while True:
            held = await self._is_held(run_id)
            for record in await self._store.read(run_id, start=position):
                yield position, record
                position += 1
                held = held and not isinstance(record, RunEnded)
            if not held:
                return
            await self._clock.sleep(_POLL)

    async def _is_held(self, run_id: RunId) -> bool:
        return (await self._store.summary(run_id)).status == "running"

    def _settled(self, state: RunState, doubts: Doubts) -> list[Record]:
        """Return the records that settle doubts."""
        now = self._clock.now()
        return [
            DoubtSettled(now, path, path in doubts.again, doubts.done.get(path))
            for path in open_doubts(state)
            if path in doubts.again or path in doubts.done
        ]

    def _cancelled(self, by: str | None) -> list[Record]:
        return [] if by is None else [CancelRequested(self._clock.now(), by)]


def open_doubts(state: RunState) -> list[TaskPath]:
    """Return the tasks of a run that nobody holds of which nobody knows whether they happened.

    A process that died while it acted could not record the doubt any more; the next one would.
    """
    return [
        path
        for path, task in state.tasks.items()
        if task.status == "in_doubt" or (task.status == "running" and task.effect == Effect.ONCE)
    ]


def refuse_ended(state: RunState) -> None:
    """Raise `UserError` for a run that is over: there is nothing to go on with."""
    if state.status in ENDED:
        advice = f"see what it did with: py-orc show {state.run_id}"
        raise UserError(f"run {state.run_id} has ended: {state.status}\n  → {advice}")


def absolute(file: str) -> str:
    """Return a file's full path, so that a run can be resumed from anywhere; empty stays empty."""
    return str(Path(file).resolve()) if file else ""


def check_tools(state: RunState, tools: Mapping[str, str]) -> None:
    """Raise `SetupError` when a tools file is another than the run was started with; asked before it is executed."""
    changed = [f"{path} has changed" for path, digest in state.tools.items() if tools.get(path) != digest]
    _refuse(state, changed)


def check_actions(state: RunState, actions: ActionSource) -> None:
    """Raise `SetupError` when an action is gone or another than the run was started with."""
    _refuse(state, changed_actions(state.actions, actions))


def _refuse(state: RunState, changes: Sequence[str]) -> None:
    if changes:
        raise SetupError(
            f"run {state.run_id} cannot go on with other code than it began with: {', '.join(changes)}",
            hint="put the earlier version back, or start a new run.",
        )
