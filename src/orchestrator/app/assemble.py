"""Joins the parts: store, actions, models, engines, settings. Nothing else knows them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.app.actions import JoinedActions
from orchestrator.app.files import tools_file
from orchestrator.app.loader import FileLoader
from orchestrator.app.runs import Watch
from orchestrator.app.trust import ToolsTrust
from orchestrator.core.action import Action
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.hook import Hook, Observer
from orchestrator.core.ids import RunId
from orchestrator.core.model import Model
from orchestrator.core.store import Store
from orchestrator.engine import ACTIONS, Engine
from orchestrator.models.selection import Selector
from orchestrator.settings import Settings
from orchestrator.tools.registry import Tool, ToolRegistry


@dataclass(frozen=True, slots=True)
class Kit:
    """What runs the pipelines of one folder: its actions, `tools.py` included, and an engine that has them."""

    actions: JoinedActions
    engine: Engine
    tools: Mapping[str, str]
    """Path and digest of the tools file."""


@dataclass(slots=True, kw_only=True)
class Parts:
    """Everything that one `Orchestrator` holds."""

    settings: Settings
    store: Store
    clock: Clock
    randomness: Randomness
    trust: ToolsTrust
    registry: ToolRegistry
    models: Sequence[Model] = ()
    hooks: Sequence[Hook] = ()
    observers: Sequence[Observer] = ()

    _kits: dict[tuple[str, str], Kit] = field(default_factory=dict[tuple[str, str], Kit])
    _engines: list[Engine] = field(default_factory=list[Engine])
    _selector: Selector | None = None

    @property
    def workspace(self) -> Path:
        """The folder that relative paths of steps start from."""
        return self.settings.workspace

    @property
    def selector(self) -> Selector:
        """The models; put together when the first step asks for one."""
        if self._selector is None:
            from orchestrator.app.model_choice import selector_of

            self._selector = selector_of(self.settings, self.models, self.clock)
        return self._selector

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
            registry = self.registry
            for path, digest in tools.items():
                if (known or {}).get(path) != digest:
                    self.trust.check(Path(path), digest)
                registry = registry.with_file(path, execute=True)
            kit = self._kits[key] = self._kit(registry, workspace or self.workspace, tools)
        return kit

    def tools_of(self, file: str) -> dict[str, str]:
        """Return path and digest of the tools file beside a pipeline file, without executing it."""
        path = tools_file(file)
        return {str(path): _digest(path)} if path else {}

    def readable_actions(self, file: str = "") -> JoinedActions:
        """Return the actions for looking at a file: its `tools.py` is read, never executed."""
        path = tools_file(file)
        return self._joined(self.registry.with_file(path, execute=False) if path else self.registry)

    def tools(self) -> list[Tool]:
        """Return every tool: the language's own, then the others by name."""
        path = tools_file(str(self.workspace / "pipeline.yaml"))
        registry = self.registry.with_file(path, execute=False) if path else self.registry
        joined = self._joined(registry)
        own = [action.spec for action in ACTIONS]
        generate = joined.find("generate")
        return [Tool("", "the language", [*own, *([generate.spec] if generate else [])]), *registry.tools()]

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

    def watch(self, secrets: Mapping[str, str], on_event: Observer | None) -> Watch:
        """Return what makes the watchers of one run."""

        def watchers(run_id: RunId) -> list[Observer]:
            found = [on_event] if on_event else []
            if self.settings.log_format == "json":
                from orchestrator.app.logs import JsonLog

                found.append(JsonLog(run_id, secrets, level=self.settings.log_level))
            return found

        return watchers

    async def close(self) -> None:
        """Let go of engines and store."""
        self._kits.clear()
        for engine in self._engines:
            await engine.close()
        self._engines.clear()
        if self._selector is not None:
            await self._selector.close()
        await self.store.close()

    def _kit(self, registry: ToolRegistry, workspace: Path, tools: Mapping[str, str]) -> Kit:
        actions = self._joined(registry)
        settings = self.settings
        engine = Engine(
            actions,
            clock=self.clock,
            randomness=self.randomness,
            cache=self.store.cache if settings.features["cache"] else None,
            loader=FileLoader(actions, workspace),
            capacities=settings.resources,
            max_parallel=settings.max_parallel,
            grace=settings.grace,
            hooks=self.hooks,
            observers=self.observers,
            in_place=settings.features["inline"],
        )
        self._engines.append(engine)
        return Kit(actions, engine, tools)

    def _joined(self, registry: ToolRegistry) -> JoinedActions:
        language = {action.spec.name: action for action in ACTIONS}
        return JoinedActions(language, registry, made={"generate": self._generate})

    def _generate(self) -> Action:
        from orchestrator.models.generate import generate_action

        return generate_action(self.selector)


def open_settled_store(settings: Settings) -> Store:
    """Return the store that the settings name."""
    from orchestrator.state.open import open_store

    return open_store(settings.store)


def _digest(path: str | Path) -> str:
    from orchestrator.tools.tools_file import digest_of

    return digest_of(path)
