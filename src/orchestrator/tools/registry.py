"""Where actions are found by name: built-in tools, plug-ins, a user's `tools.py`, and actions given in Python.

A built-in tool's module is imported when one of its actions is first asked for; plug-ins (entry points of the group
`orchestrator.tools`, named like their tool) are looked for only when nobody else knows a name. No name is defined twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from orchestrator.core.action import Action, ActionSpec
from orchestrator.errors import SetupError
from orchestrator.tools.broken import Broken
from orchestrator.tools.tool import actions_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "orchestrator.tools"

BUILT_IN: Mapping[str, str] = {
    "filesystem": "orchestrator.tools.filesystem",
    "terminal": "orchestrator.tools.terminal",
    "data": "orchestrator.tools.data",
    "text": "orchestrator.tools.text",
    "report": "orchestrator.tools.report",
}

RESERVED = frozenset({"let", "wait", "fail", "approve", "generate", "pipeline"})
"""Names of the language itself: no tool may take them."""


class Tool(NamedTuple):
    """A named group of actions, as `py-orc tools` lists it."""

    name: str
    origin: str
    """`built in`, the file, the distribution, or `given`."""
    actions: Sequence[ActionSpec]
    problem: str = ""
    """Why a plug-in could not be loaded, or what keeps a user's function from being an action."""


class ToolRegistry:
    """Finds actions; the `ActionSource` of compiler and engine.

    Args:
        things: What `@tool` decorated, or `Action`s.
        plugins: Whether installed plug-ins count.
    """

    def __init__(self, things: Iterable[object] = (), *, plugins: bool = True) -> None:
        self._found: dict[str, Action] = {}
        self._broken: dict[str, Broken] = {}
        self._origins: dict[str, str] = {}
        self._loaded: set[str] = set()
        self._plugins: Mapping[str, EntryPoint] | None = None if plugins else {}
        self._add(actions_of(*things), "given")

    def find(self, name: str) -> Action | None:
        """Return the action, loading its tool if need be; None when there is none of that name.

        Raises `SetupError` for a tool of a user's file that cannot be an action, and for a plug-in that cannot be loaded.
        """
        action = self._found.get(name)
        if action or not name:
            return action
        if name in self._broken:
            raise self._broken[name].error
        prefix = name.partition(".")[0]
        if prefix in BUILT_IN:
            self._load_built_in(prefix)
        elif prefix not in RESERVED:
            self._load_plugin(prefix)
        return self._found.get(name)

    def names(self) -> Sequence[str]:
        """Return every known name, sorted."""
        for prefix in BUILT_IN:
            self._load_built_in(prefix)
        for prefix in self._entry_points():
            self._try_plugin(prefix)
        return sorted(self._found)

    def tools(self) -> Sequence[Tool]:
        """Return every tool with its actions, and the plug-ins that cannot be loaded with the reason."""
        problems = {prefix: self._try_plugin(prefix) for prefix in self._entry_points()}
        groups: dict[tuple[str, str], list[ActionSpec]] = {}
        for name in self.names():
            group = (name.partition(".")[0], self._origins[name])
            groups.setdefault(group, []).append(self._found[name].spec)
        tools = [Tool(name, origin, specs) for (name, origin), specs in groups.items()]
        tools += [
            Tool(name, self._origins[name], (), broken.message) for name, broken in self._broken.items()
        ]
        tools += [
            Tool(name, _distribution(self._entry_points()[name]), (), problem)
            for name, problem in problems.items()
            if problem
        ]
        return sorted(tools)

    def with_file(self, path: str | Path, *, execute: bool) -> "ToolRegistry":
        """Return a registry that also knows the tools of a file.

        Args:
            path: A `tools.py`.
            execute: Whether to load it; otherwise it is only read, and its actions can be checked but not called.
        """
        from orchestrator.tools.tools_file import load_tools_file, read_tools_file

        actions = load_tools_file(path) if execute else read_tools_file(path)
        other = ToolRegistry(plugins=False)
        other._found, other._origins = dict(self._found), dict(self._origins)
        other._broken = dict(self._broken)
        other._loaded, other._plugins = set(self._loaded), self._plugins
        other._add(actions, str(path))
        return other

    def _add(self, actions: Iterable[Action], origin: str) -> None:
        known = {action.spec.name: action for action in actions}
        for name in known:
            self._check_free(name, origin)
        for name, action in known.items():
            if isinstance(action.function, Broken):
                self._broken[name] = action.function
            else:
                self._found[name] = action
        self._origins |= dict.fromkeys(known, origin)

    def _check_free(self, name: str, origin: str) -> None:
        prefix = name.partition(".")[0]
        taken = self._origins.get(name, "")
        if prefix in RESERVED:
            taken = "the language itself"
        elif prefix in BUILT_IN and origin != _BUILT_IN_ORIGIN:
            taken = f"the built-in tool {prefix}"
        if taken:
            raise SetupError(
                f"the action {name} ({origin}) clashes with {taken}",
                hint="give it another name: @tool(name=…).",
            )

    def _load_built_in(self, prefix: str) -> None:
        if prefix in self._loaded:
            return
        module = import_module(BUILT_IN[prefix])
        self._add(cast("Sequence[Action]", module.ACTIONS), _BUILT_IN_ORIGIN)
        self._loaded.add(prefix)

    def _entry_points(self) -> Mapping[str, "EntryPoint"]:
        if self._plugins is None:
            from importlib.metadata import entry_points

            self._plugins = {point.name: point for point in entry_points(group=GROUP)}
        return self._plugins

    def _load_plugin(self, prefix: str) -> None:
        point = self._entry_points().get(prefix)
        if point is None or prefix in self._loaded:
            return
        origin = _distribution(point)
        try:
            actions = list(_plugin_actions(point.load()))
        except Exception as error:  # somebody else's code: whatever it raises is a set-up problem here
            raise SetupError(
                f"the plug-in {prefix} ({origin}) cannot be loaded: {type(error).__name__}: {error}",
                hint="update or remove that package.",
            ) from error
        self._add(actions, origin)
        self._loaded.add(prefix)

    def _try_plugin(self, prefix: str) -> str:
        """Load a plug-in for a list, where a broken one is no reason to fail; return what is wrong with it."""
        try:
            self._load_plugin(prefix)
        except SetupError as error:
            return error.message
        return ""


_BUILT_IN_ORIGIN = "built in"


def _plugin_actions(loaded: object) -> Iterator[Action]:
    """A plug-in names a decorated function or class, an iterable of them, or a module with ACTIONS."""
    things = getattr(loaded, "ACTIONS", loaded)
    yield from actions_of(
        *(cast("Iterable[object]", things) if isinstance(things, list | tuple) else (things,))
    )


def _distribution(point: "EntryPoint") -> str:
    return point.dist.name if point.dist else point.value
