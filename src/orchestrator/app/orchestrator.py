"""The door object: everything py-orc can do, for Python programs and for the other doors.

An `Orchestrator` is created, passed and closed; nothing is global, and many live side by side in one process. Each method
that runs or looks at runs has a twin for async code with an `a` before its name; the plain ones use a private event loop.
"""

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeVar

from msgspec.structs import replace

from orchestrator.app.assemble import Parts, open_settled_store
from orchestrator.app.continuation import continue_run, kept_pipeline
from orchestrator.app.environment_keys import hidden_in_runs
from orchestrator.app.files import compile_file
from orchestrator.app.inputs import gather_inputs, known_inputs
from orchestrator.app.machine import SystemClock, SystemRandomness
from orchestrator.app.private_loop import PrivateLoop
from orchestrator.app.result import RunResult, result_of
from orchestrator.app.runs import NO_DOUBTS, Doubts, Runs, Start
from orchestrator.app.same_start import differences
from orchestrator.app.trust import Ask, ToolsTrust
from orchestrator.core.action import ActionSource
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.hook import Hook, Observer
from orchestrator.core.ids import RunId
from orchestrator.core.journal import Record
from orchestrator.core.model import Model
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState
from orchestrator.core.status import ENDED, RunStatus
from orchestrator.core.store import RunSummary, Store
from orchestrator.errors import RunExistsError, SetupError
from orchestrator.settings import Settings, load_settings

if TYPE_CHECKING:
    from orchestrator.app.bill import Bill
    from orchestrator.app.locking import LockLine
    from orchestrator.app.model_listing import ListedModel, StepModels
    from orchestrator.app.origins import TaskOrigins
    from orchestrator.app.plan import Plan
    from orchestrator.app.recording.player import Player
    from orchestrator.app.recording.recorder import Recorder
    from orchestrator.tools.registry import Tool


class Buildable(Protocol):
    """A pipeline under construction, as `build` makes it."""

    def compile(self, actions: ActionSource, /) -> Pipeline:
        """Return the pipeline; raises `CompileError`."""
        ...


Source = str | Path | Pipeline | Buildable
"""A pipeline file, a pipeline that is being built, or one that was compiled."""

Value = TypeVar("Value")


class Orchestrator:
    """Compiles and runs pipelines, and keeps what happened.

    Args:
        store: Where runs are kept: an address such as `sqlite:PATH`, `files:DIR` or `memory:`, or a `Store`. By default
            `.py-orc/orc.db` of the project, which is found upwards from the current folder.
        workspace: The folder that relative paths start from and that no tool leaves; the current one by default.
        tools: Functions and classes with `@tool`, or `Action`s.
        models: Models of your own, tried before those that are found.
        hooks: Called around each run and task.
        observers: Told each record of each run.
        clock: Time; the machine's own by default.
        randomness: Chance; the machine's own by default.
        offline: Refuse every address that is not on this machine.
        frozen: Take the values that files leave open from their locks alone: no model decides anything new.
        trust_tools: Execute a `tools.py` from outside the workspace without asking.
        ask: Puts the question whether to execute one to a person; where nobody can be asked, it is refused.
        max_parallel: Actions at a time, over all runs of this object.
        environ: The environment that settings and secrets come from; the process's own by default.
        record: The folder of a cassette: what runs ask of models, tools, time and chance is kept there with the answers.
        replay: The folder of a cassette that answers instead of models and tools. Nothing else is asked, time passes at
            once, and by default the runs are kept in memory.
    """

    def __init__(
        self,
        store: str | Store | None = None,
        *,
        workspace: str | Path | None = None,
        tools: Iterable[object] = (),
        models: Iterable[Model] = (),
        hooks: Sequence[Hook] = (),
        observers: Sequence[Observer] = (),
        clock: Clock | None = None,
        randomness: Randomness | None = None,
        offline: bool | None = None,
        frozen: bool = False,
        trust_tools: bool = False,
        ask: Ask | None = None,
        max_parallel: int | None = None,
        environ: Mapping[str, str] | None = None,
        record: str | Path | None = None,
        replay: str | Path | None = None,
    ) -> None:
        if replay is not None and store is None:
            store = "memory:"
        given = store if isinstance(store, str) else None
        settings = load_settings(
            ".",
            os.environ if environ is None else environ,
            store=given,
            workspace=workspace,
            offline=offline,
            max_parallel=max_parallel,
        )
        clock, randomness = clock or SystemClock(), randomness or SystemRandomness()
        tape: Recorder | Player | None = None
        if record is not None or replay is not None:
            from orchestrator.app.recording.open import open_tape

            tape = open_tape(
                record,
                replay,
                workspace=settings.workspace,
                environ=settings.environ,
                clock=clock,
                randomness=randomness,
            )
            clock, randomness = tape.clock, tape.randomness
        self._parts = Parts(
            settings,
            store if store is not None and not isinstance(store, str) else open_settled_store(settings),
            clock=clock,
            randomness=randomness,
            trust=ToolsTrust(settings, ask=ask, everything=trust_tools),
            given=tuple(tools),
            models=tuple(models),
            hooks=tuple(hooks),
            observers=tuple(observers),
            tape=tape,
            frozen=frozen,
        )
        self._runs = Runs(self._parts.store, self._parts.clock, self._parts.randomness)
        self._loop = PrivateLoop(None if tape is None else tape.make_loop)

    @property
    def settings(self) -> Settings:
        """What holds for this object, and where each setting comes from."""
        return self._parts.settings

    @property
    def clock(self) -> Clock:
        """The time that runs of this object live in."""
        return self._parts.clock

    @property
    def workspace(self) -> Path:
        """The folder that relative paths start from."""
        return self._parts.workspace

    def compile(self, source: Source) -> Pipeline:
        """Compile a pipeline file; raises `CompileError` with every problem. Executes nothing."""
        file = source if isinstance(source, str | Path) else ""
        return self._compiled(source, self._parts.readable_actions(str(file)))

    def actions(self, file: str | Path = "") -> ActionSource:
        """Return the actions that a pipeline file can call; the `tools.py` beside it is read, never executed."""
        return self._parts.readable_actions(str(file))

    def load(self, source: Source) -> Pipeline:
        """Compile a pipeline file for running: as `compile` does, but with the `tools.py` beside it executed."""
        file = source if isinstance(source, str | Path) else ""
        return self._compiled(source, self._parts.kit(str(file)).actions)

    def plan(self, source: Source, inputs: Mapping[str, object] | None = None) -> "Plan":
        """Return what a pipeline will do. Executes nothing and contacts nobody.

        Args:
            source: The file, or the compiled pipeline.
            inputs: Values by name; what depends on inputs without a value is shown as unknown.
        """
        from orchestrator.app.plan import plan_of

        pipeline = self.compile(source)
        known = known_inputs(pipeline.inputs, inputs or {}, workspace=str(self.workspace))
        return plan_of(pipeline, self._parts.readable_actions(pipeline.file), inputs=known)

    async def abill(self, source: Source, inputs: Mapping[str, object] | None = None) -> "Bill":
        """Return what a pipeline may cost: the least, what its past runs in the store let expect, and a bound.

        Executes nothing and contacts nobody but the store.
        """
        from orchestrator.app.quote import PAST_RUNS, quote

        pipeline = self.compile(source)
        known = known_inputs(pipeline.inputs, inputs or {}, workspace=str(self.workspace))
        newest = await self._runs.newest(status="completed", limit=10 * PAST_RUNS)
        past = [run.run_id for run in newest if run.pipeline == pipeline.name][:PAST_RUNS]
        states = [await self._runs.state(run) for run in past]
        return quote(pipeline, self._parts.selector, inputs=known, past=states)

    def bill(self, source: Source, inputs: Mapping[str, object] | None = None) -> "Bill":
        """Return what a pipeline may cost."""
        return self._wait(lambda: self.abill(source, inputs), "abill")

    def draw(self, source: Source, form: Literal["svg", "mermaid", "json"] = "svg") -> str:
        """Return a picture of a pipeline as text."""
        from orchestrator.app.diagram import draw

        pipeline = self.compile(source)
        return draw(pipeline, self._parts.readable_actions(pipeline.file), form)

    async def alock(
        self, source: str | Path, *, check: bool = False, write: bool = True, renew: bool = False
    ) -> "list[LockLine]":
        """Bring the lock of a pipeline file up to date, and return how each of its values stands.

        Args:
            source: The file.
            check: Ask nobody and write nothing; only tell.
            write: Write the lock; otherwise decide, and only tell.
            renew: Decide every value anew.
        """
        from orchestrator.app.locking import examine_lock, update_lock

        pipeline = self.compile(source)
        if check:
            return examine_lock(pipeline)
        return await update_lock(pipeline, self._parts.answerer, write=write, renew=renew)

    def lock(
        self, source: str | Path, *, check: bool = False, write: bool = True, renew: bool = False
    ) -> "list[LockLine]":
        """Bring the lock of a pipeline file up to date, and return how each of its values stands."""
        return self._wait(lambda: self.alock(source, check=check, write=write, renew=renew), "alock")

    def schema(self) -> Mapping[str, object]:
        """Return the JSON Schema of pipeline files, with every action of this project."""
        from orchestrator.compiler import json_schema

        return json_schema(self._parts.readable_actions(str(self.workspace / "pipeline.yaml")))

    def tools(self) -> "Sequence[Tool]":
        """Return every tool with its actions: the language's, built-in ones, plug-ins, those of this project."""
        return self._parts.tools()

    async def amodels(self) -> "Sequence[ListedModel]":
        """Return every model that is known here, with what it can do and whether it can be asked now. Asks none."""
        from orchestrator.app.model_listing import list_models

        return await list_models(self._parts.selector)

    def models(self) -> "Sequence[ListedModel]":
        """Do what `amodels` does, and wait for it."""
        return self._wait(self.amodels, "amodels")

    async def aexplain_models(self, source: Source) -> "Sequence[StepModels]":
        """Return which models each step of a pipeline would ask, and why. Asks none."""
        from orchestrator.app.model_listing import explain_models

        pipeline = self.compile(source)
        actions = self._parts.readable_actions(pipeline.file)
        return await explain_models(pipeline, actions, self._parts.selector)

    def explain_models(self, source: Source) -> "Sequence[StepModels]":
        """Do what `aexplain_models` does, and wait for it."""
        return self._wait(lambda: self.aexplain_models(source), "aexplain_models")

    # -- runs ---------------------------------------------------------------------------------------------------------

    async def arun(
        self,
        source: Source,
        inputs: Mapping[str, object] | None = None,
        /,
        *,
        key: str = "",
        on_event: Observer | None = None,
    ) -> RunResult:
        """Run a pipeline to its end.

        Args:
            source: The file, or the compiled pipeline.
            inputs: Values by name; what is missing comes from the defaults, secrets also from the environment.
            key: Starting twice with one key gives the same run: its result, or where it was interrupted its
                continuation. The pipeline, the workspace and the inputs must be the same, too; secrets are not kept, so
                they are not compared.
            on_event: Told each record of this run.

        Raises:
            CompileError: The file is wrong.
            InputError: The inputs do not fit.
            RunExistsError: The key belongs to a run that began with another pipeline, workspace or inputs.
            RunInterruptedError: It was asked to stop; `resume` continues it.
        """
        if self._loop.is_elsewhere:  # a replay lives in virtual time, so on a loop of its own
            from asyncio import to_thread

            work = lambda: self.arun(source, inputs, key=key, on_event=on_event)  # noqa: E731 - a factory for the loop
            return await to_thread(self._wait, work, "arun")
        if not self.workspace.is_dir():
            raise SetupError(
                f"the workspace {self.workspace} is no folder", hint="make it, or name one that exists."
            )
        pipeline = self.load(source)
        kit = self._parts.kit(pipeline.file)
        workspace = str(self._parts.workspace)
        found = gather_inputs(
            pipeline.inputs, inputs or {}, environ=self._parts.settings.environ, workspace=workspace
        )
        secrets = hidden_in_runs(found.secrets, self._parts.settings.environ)
        start = Start(
            pipeline=pipeline,
            inputs=found.values,
            secrets=secrets,
            workspace=workspace,
            tools=kit.tools,
            key=key,
        )
        observers_of = self._parts.observers_of_runs(secrets, on_event)
        if self._parts.tape is not None:
            self._parts.tape.begin(pipeline.name, secrets)
        try:
            state = await self._runs.start(start, kit.engine, kit.actions, observers_of=observers_of)
        except RunExistsError as error:
            return await self._same_run(RunId(error.run), start, on_event)
        return result_of(state)

    def run(
        self, source: Source, inputs: Mapping[str, object] | None = None, key: str = "", /, **named: object
    ) -> RunResult:
        """Run a pipeline to its end; inputs come as a mapping, by name, or both.

        The key of `arun` is given by position here, since every name belongs to the inputs: `run(file, {}, "monday")`.

        The first Ctrl-C gives running steps the grace time and raises `RunInterruptedError`, the second stops at once.
        """
        values = {**(inputs or {}), **named}
        return self._wait(lambda: self.arun(source, values, key=key), "arun", interrupt=self.interrupt)

    async def aresume(
        self,
        run: str,
        /,
        *,
        secrets: Mapping[str, object] | None = None,
        doubts: Doubts = NO_DOUBTS,
        on_event: Observer | None = None,
    ) -> RunResult:
        """Continue a run that was interrupted or waits; what is done is not done again.

        Args:
            run: The run's id, its beginning or end, or `last`.
            secrets: Values for inputs of type `secret`, which the journal never kept; also from the environment.
            doubts: What a person says about tasks in doubt.
            on_event: Told each further record.
        """
        return await continue_run(
            self._runs,
            self._parts,
            await self._runs.find(run),
            secrets=secrets,
            doubts=doubts,
            on_event=on_event,
        )

    def resume(
        self, run: str, /, *, secrets: Mapping[str, object] | None = None, doubts: Doubts = NO_DOUBTS
    ) -> RunResult:
        """Continue a run that was interrupted or waits."""
        work = lambda: self.aresume(run, secrets=secrets, doubts=doubts)  # noqa: E731 - a factory for the loop
        return self._wait(work, "aresume", interrupt=self.interrupt)

    async def acancel(self, run: str, /, *, by: str = "") -> RunResult:
        """End a run, wherever it runs, and undo what it says how to undo; waits until that is done."""
        run_id = await self._runs.find(run)
        if await self._runs.end(run_id, by=by):
            return result_of(await self._runs.state(run_id))
        return await continue_run(self._runs, self._parts, run_id, cancel=by)

    def cancel(self, run: str, /, *, by: str = "") -> RunResult:
        """End a run, wherever it runs."""
        return self._wait(lambda: self.acancel(run, by=by), "acancel")

    def interrupt(self) -> None:
        """Stop every run of this object so that it can be resumed; call it on the loop that runs them."""
        self._parts.interrupt()

    def interrupt_now(self) -> None:
        """Stop every run of this object without a grace time; they can be resumed all the same."""
        self._parts.interrupt_now()

    # -- looking ------------------------------------------------------------------------------------------------------

    async def aruns(self, *, status: RunStatus | None = None, limit: int = 100) -> Sequence[RunSummary]:
        """Return the runs of the store, newest first."""
        return await self._runs.newest(status=status, limit=limit)

    def runs(self, *, status: RunStatus | None = None, limit: int = 100) -> Sequence[RunSummary]:
        """Return the runs of the store, newest first."""
        return self._wait(lambda: self.aruns(status=status, limit=limit), "aruns")

    async def astate(self, run: str, /) -> RunState:
        """Return everything that is known of a run."""
        return await self._runs.state(await self._runs.find(run))

    def state(self, run: str, /) -> RunState:
        """Return everything that is known of a run."""
        return self._wait(lambda: self.astate(run), "astate")

    async def aresult(self, run: str, /) -> RunResult:
        """Return the result of a run as far as it has come."""
        return result_of(await self.astate(run))

    def result(self, run: str, /) -> RunResult:
        """Return the result of a run as far as it has come."""
        return self._wait(lambda: self.aresult(run), "aresult")

    async def aevents(self, run: str, start: int = 0, /) -> Sequence[Record]:
        """Return the records of a run from a position on."""
        return await self._runs.events(await self._runs.find(run), start)

    def events(self, run: str, start: int = 0, /) -> Sequence[Record]:
        """Return the records of a run from a position on."""
        return self._wait(lambda: self.aevents(run, start), "aevents")

    async def afollow(self, run: str, start: int = 0, /) -> AsyncIterator[tuple[int, Record]]:
        """Yield position and record as they come, until the run has ended or nobody holds it."""
        async for event in self._runs.follow(await self._runs.find(run), start):
            yield event

    async def aorigins(self, run: str, task: str, field: str = "", /) -> "TaskOrigins":
        """Return where the parameters of a task came from: each reference with the recorded value.

        Args:
            run: The run's id, its beginning or end, or `last`.
            task: The path of a task.
            field: One parameter; all of them where it is empty.
        """
        from orchestrator.app.origins import origins_of

        state = await self.astate(run)
        return origins_of(state, kept_pipeline(state, self._parts.readable_actions(state.file)), task, field)

    def origins(self, run: str, task: str, field: str = "", /) -> "TaskOrigins":
        """Return where the parameters of a task came from: each reference with the recorded value."""
        return self._wait(lambda: self.aorigins(run, task, field), "aorigins")

    async def apipeline(self, run: str, /) -> Pipeline:
        """Return the pipeline of a run as it was when the run began."""
        state = await self.astate(run)
        return kept_pipeline(state, self._parts.readable_actions(state.file))

    # -- the object itself --------------------------------------------------------------------------------------------

    async def aclose(self) -> None:
        """Let go of files, connections and threads; runs that are under way stay resumable."""
        if self._loop.is_elsewhere:
            from asyncio import to_thread

            await to_thread(self.close)
        else:
            await self._parts.close()

    def close(self) -> None:
        """Let go of files, connections and threads."""
        self._loop.close(self.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    # -----------------------------------------------------------------------------------------------------------------

    def _wait(
        self,
        work: Callable[[], Coroutine[object, object, Value]],
        twin: str,
        *,
        interrupt: Callable[[], None] | None = None,
    ) -> Value:
        return self._loop.run(work, twin=twin, interrupt=interrupt)

    def _compiled(self, source: Source, actions: ActionSource) -> Pipeline:
        if isinstance(source, Pipeline):
            return source
        if isinstance(source, str | Path):
            return compile_file(source, actions, self.workspace)
        if not callable(getattr(source, "compile", None)):
            raise TypeError(
                f"a pipeline is the path of its file, or what `build` or `compile` return, not {type(source).__name__}"
            )
        return source.compile(actions)

    async def _same_run(self, run_id: RunId, start: Start, on_event: Observer | None) -> RunResult:
        """Return the run that a key belongs to: its result, or where it was interrupted its continuation."""
        state = await self._runs.state(run_id)
        if differing := differences(state, start):
            raise RunExistsError(run_id, start.key, pipeline=state.pipeline, differences=differing)
        if state.status in ENDED:
            result = result_of(state)
        else:
            given = {name: text for name, text in start.secrets.items() if name in start.pipeline.inputs}
            result = await continue_run(self._runs, self._parts, run_id, secrets=given, on_event=on_event)
        return replace(result, existed=True)
