"""Joins the parts: store, actions, models, engines, settings. Nothing else knows them all."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.app.actions import JoinedActions
from orchestrator.app.files import tools_file
from orchestrator.app.loader import FileLoader
from orchestrator.app.runs import ObserversOf
from orchestrator.app.trust import ToolsTrust
from orchestrator.core.action import Action, ActionSource
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.control_system import ControlSystem
from orchestrator.core.hook import Hook, Observer
from orchestrator.core.ids import RunId
from orchestrator.core.model import Model
from orchestrator.core.pipeline import ANSWER_ACTION
from orchestrator.core.store import Store
from orchestrator.engine import ACTIONS, Engine, Treasury
from orchestrator.settings import Settings

if TYPE_CHECKING:
    from orchestrator.app.lock_files import LockFiles
    from orchestrator.app.model_gateway import ModelGateway
    from orchestrator.app.recording.player import Player
    from orchestrator.app.recording.recorder import Recorder
    from orchestrator.models.auto import Answerer
    from orchestrator.models.metering import Terms
    from orchestrator.models.selection import Selector
    from orchestrator.tools.registry import Tool, ToolRegistry


class Kit(NamedTuple):
    """What runs the pipelines of one folder: its actions, `tools.py` included, and an engine that has them."""

    actions: JoinedActions
    engine: ControlSystem
    tools: Mapping[str, str]
    """Path and digest of the tools file."""


class Parts:
    """Everything that one `Orchestrator` holds."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        clock: Clock,
        randomness: Randomness,
        trust: ToolsTrust,
        given: Sequence[object],
        models: Sequence[Model],
        hooks: Sequence[Hook],
        observers: Sequence[Observer],
        tape: "Recorder | Player | None" = None,
        frozen: bool = False,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.randomness = randomness
        self._trust = trust
        self._given = given
        """Tools that were handed in."""
        self._models = models
        self._hooks = hooks
        self._observers = observers
        self.tape = tape
        """What records the runs, or what they are replayed from."""
        self._frozen = frozen
        """Whether values that a file leaves open may only come from its lock."""
        self._kits: dict[tuple[str, str], Kit] = {}
        self._engines: list[ControlSystem] = []
        self._lock: LockFiles | None = None
        self._answerer: Answerer | None = None
        self._selector: Selector | None = None
        self._gateway: ModelGateway | None = None
        self._registry: ToolRegistry | None = None

    @property
    def workspace(self) -> Path:
        """The folder that relative paths of steps start from."""
        return self.settings.workspace

    @property
    def selector(self) -> "Selector":
        """The models; put together when the first step asks for one."""
        if self._selector is None:
            self._selector = self._select_from()
        return self._selector

    @property
    def gateway(self) -> "ModelGateway":
        """The one way to every model; put together when the first step asks for one."""
        if self._gateway is None:
            from orchestrator.app.model_gateway import gateway_of

            self._gateway = gateway_of(
                self.settings, self.clock, self.randomness, terms_of=self._terms_of, tape=self.tape
            )
        return self._gateway

    @property
    def lock(self) -> "LockFiles":
        """The answers to values that files leave open; read when the first is asked for."""
        if self._lock is None:
            from orchestrator.app.lock_files import LockFiles

            self._lock = LockFiles(frozen=self._frozen)
        return self._lock

    @property
    def registry(self) -> "ToolRegistry":
        """The tools; made when the first step calls something that is not the language's own."""
        if self._registry is None:
            from orchestrator.tools.registry import ToolRegistry

            self._registry = ToolRegistry(self._given)
        return self._registry

    def kit(self, file: str, workspace: Path | None = None, *, known: Mapping[str, str] | None = None) -> Kit:
        """Return what runs a file; executes the `tools.py` beside it once it is trusted.

        Args:
            file: The pipeline file; empty for one that was built in Python.
            workspace: Of the run, where it is not this object's own.
            known: Tools files that a run was started with: these contents need no further yes.
        """
        tools = self.tools_of(file)
        key = (str(tools), str(workspace or self.workspace))
        kit = self._kits.get(key)
        if kit is None:
            for path, digest in tools.items():
                if (known or {}).get(path) != digest:
                    self._trust.check(Path(path), digest)
            kit = self._kits[key] = self._kit(tools, workspace or self.workspace)
        return kit

    def tools_of(self, file: str) -> dict[str, str]:
        """Return path and digest of the tools file beside a pipeline file, without executing it."""
        path = tools_file(file)
        return {str(path): _digest(path)} if path else {}

    def readable_actions(self, file: str = "") -> JoinedActions:
        """Return the actions for looking at a file: its `tools.py` is read, never executed."""
        path = tools_file(file)
        return self._joined((path,) if path else (), execute=False)

    def tools(self) -> "list[Tool]":
        """Return every tool: the language's own, then the others by name."""
        from orchestrator.tools.registry import Tool

        path = tools_file(str(self.workspace / "pipeline.yaml"))
        own = [*(action.spec for action in ACTIONS), self._generate().spec]
        others = self._with_files((path,) if path else (), execute=False).tools()
        return [Tool("", "the language", own), *others]

    def interrupt(self) -> None:
        """Stop all runs so that they can be resumed; later ones get fresh engines."""
        self._kits.clear()
        for engine in self._engines:
            engine.interrupt()

    def interrupt_now(self) -> None:
        """Stop all runs without a grace time."""
        self._kits.clear()
        for engine in self._engines:
            engine.interrupt_now()

    def observers_of_runs(self, secrets: Mapping[str, str], on_event: Observer | None) -> ObserversOf:
        """Return what makes the observers of one run."""

        def observers(run_id: RunId) -> list[Observer]:
            found = [*self._observers, *([on_event] if on_event else [])]
            if self.settings.log_format == "json":
                from orchestrator.app.logs import JsonLog

                found.append(JsonLog(run_id, secrets, level=self.settings.log_level))
            return found

        return observers

    async def close(self) -> None:
        """Let go of engines and store."""
        self._kits.clear()
        for engine in self._engines:
            await engine.close()
        self._engines.clear()
        if self._selector is not None:
            await self._selector.close()
        if self._gateway is not None:
            await self._gateway.close()
        await self.store.close()

    def _kit(self, tools: Mapping[str, str], workspace: Path) -> Kit:
        settings = self.settings
        if settings.offline:
            from orchestrator.app.offline import OfflineControlSystem, network_refused, refuse_network

            with network_refused():  # what a tools file does when it is executed
                actions = self._joined(tuple(tools), execute=True)
            engine = OfflineControlSystem(self._engine(actions, workspace, prepare_process=refuse_network))
        else:
            actions = self._joined(tuple(tools), execute=True)
            engine = self._engine(actions, workspace)
        self._engines.append(engine)
        return Kit(actions, engine, tools)

    def _engine(
        self, actions: JoinedActions, workspace: Path, *, prepare_process: Callable[[], None] | None = None
    ) -> ControlSystem:
        settings = self.settings
        return Engine(
            actions,
            clock=self.clock,
            randomness=self.randomness,
            cache=self.store.cache if settings.features["cache"] and self.tape is None else None,
            treasury=Treasury(self.store.ledger, **settings.budget),
            loader=FileLoader(actions, workspace),
            capacities=settings.resources,
            max_parallel=settings.max_parallel,
            grace=settings.grace,
            hooks=self._hooks,
            in_place=settings.features["inline"],
            prepare_process=prepare_process,
        )

    def _joined(self, files: Sequence[str | Path], *, execute: bool) -> JoinedActions:
        language = {action.spec.name: action for action in ACTIONS}
        tools = self._with_files(files, execute=execute) if files or self._given else None
        return JoinedActions(
            language,
            self._taped(tools) if execute else lambda: tools or self.registry,
            made={"generate": self._generate, ANSWER_ACTION: self._answer},
        )

    def _select_from(self) -> "Selector":
        if self.tape is not None and self.tape.playing:
            from orchestrator.app.recording.choices import ReplayingSelector

            return ReplayingSelector(self.tape)
        from orchestrator.app.model_choice import selector_of

        selector = selector_of(self.settings, self._models, self.clock, self.gateway.health)
        if self.tape is None:
            return selector
        from orchestrator.app.recording.choices import RecordingSelector

        return RecordingSelector(selector, self.tape)

    def _taped(self, tools: "ToolRegistry | None") -> Callable[[], ActionSource]:
        """Return what gives the tools, with the tape between them and the world where there is one."""
        tape = self.tape
        if tape is None:
            return lambda: tools or self.registry
        from functools import cache

        from orchestrator.app.recording.actions import TapedActions

        return cache(lambda: TapedActions(tools or self.registry, tape))

    def _with_files(self, files: Sequence[str | Path], *, execute: bool) -> "ToolRegistry":
        registry = self.registry
        for path in files:
            registry = registry.with_file(path, execute=execute)
        return registry

    @property
    def answerer(self) -> "Answerer":
        """What decides the values that files leave open."""
        if self._answerer is None:
            from orchestrator.models.auto import Answerer

            self._answerer = Answerer(self.selector, self.gateway.ask, self.lock)
        return self._answerer

    def _answer(self) -> Action:
        from orchestrator.models.auto import auto_action

        return auto_action(self.answerer)

    def _terms_of(self, model: Model) -> "Terms":
        from orchestrator.models.metering import Terms

        catalogue = self.selector.pool.catalogue
        entry = catalogue.entry_of(model)
        return Terms(catalogue.price(entry), entry.profile)

    def _generate(self) -> Action:
        from orchestrator.models.generate import generate_action

        return generate_action(self.selector, self.gateway.ask)


def open_settled_store(settings: Settings) -> Store:
    """Return the store that the settings name."""
    from orchestrator.state.open import open_store

    return open_store(settings.store)


def _digest(path: str | Path) -> str:
    from orchestrator.tools.tools_file import digest_of

    return digest_of(path)
