"""The value of a group or loop, which no journal keeps: made again of the values of its inner tasks.

The shape follows from the paths alone: `each[3]` is an item, `refine#2` an iteration, `group.inner` a step. What a template
made of them (`reduce`, `value`, the outputs of another file) is not guessed.
"""

from collections.abc import Iterator

from msgspec import Struct

from orchestrator.app.paths import step_id
from orchestrator.app.written_steps import NOTHING, written_step
from orchestrator.core.ids import TaskPath
from orchestrator.core.misfit import counted
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.run_state import RunState, TaskState

_VALUED = frozenset({"completed", "recovered"})


class Derived(Struct, frozen=True, kw_only=True):
    """What is known of a container's value."""

    value: object = None
    tasks: int = 0
    """Inner tasks that it was made of."""
    why: str = ""
    """Why the value is not known; empty where it is."""

    @property
    def known(self) -> bool:
        """Whether the value is there."""
        return not self.why


def derived_value(state: RunState, path: TaskPath) -> Derived:
    """Return the value of a container, or why it is not known."""
    tree = _Node(path, state.tasks.get(path))
    tasks = 0
    for inner, task in state.tasks.items():
        parts = _parts(inner[len(path) :]) if inner.startswith(path) else None
        if parts:
            tree.add(inner, parts, task)
            tasks += 1
    for node in tree.containers():
        if why := _unknown(state, node.path, tasks):
            return Derived(tasks=tasks, why=why)
    return Derived(value=_value(state, tree), tasks=tasks)


class _Node:
    """A task or item, with what is inside it by name or number."""

    def __init__(self, path: str, task: TaskState | None = None) -> None:
        self.path = path
        self.task = task
        self.inner: dict[str | int, _Node] = {}

    def add(self, path: str, parts: list[str | int], task: TaskState) -> None:
        node = self
        for part in parts:
            node = node.inner.setdefault(part, _Node(""))
        node.path, node.task = path, task

    def containers(self) -> Iterator["_Node"]:
        if self.task is not None and self.task.derived:
            yield self
        for node in self.inner.values():
            yield from node.containers()


def _parts(rest: str) -> list[str | int] | None:
    """Return names and numbers of a path below another; None for what is no part of its value."""
    if not rest or rest[0] not in ".[#" or "~" in rest or "/" in rest:
        return None
    found: list[str | int] = []
    for part in rest.replace("[", ".[").replace("#", ".#").split(".")[1:]:
        number = part[1:].rstrip("]")
        found.append(int(number) if part[:1] in {"[", "#"} and number.isdecimal() else part)
    return found


def _unknown(state: RunState, path: str, tasks: int) -> str:
    name = step_id(path)
    documents = (state.document, *(each for each in state.documents.values() if is_mapping(each)))
    written = next((found for each in documents if (found := written_step(each, name))), NOTHING)
    for key in ("reduce", "value"):
        if key in written:
            made = f"its `{key}`" if "." not in path else f"the `{key}` of {name}"
            return f"{made} made it of {counted(tasks, 'inner task')}, and the journal does not keep what came out"
    if written.get("action") == "pipeline.run":
        return "the outputs of the file that it ran are not kept apart from the inner tasks"
    return ""


def _value(state: RunState, node: _Node) -> object:
    task = node.task
    if task is not None and not task.derived and (not node.inner or task.status in _VALUED):
        return task.value if task.status in _VALUED else None
    numbers = sorted(number for number in node.inner if isinstance(number, int))
    items = state.decisions.get((TaskPath(node.path), "items"))
    if numbers or is_list(items):
        return [_value(state, node.inner[number]) for number in numbers]
    return {name: _value(state, inner) for name, inner in node.inner.items() if _has_value(inner)}


def _has_value(node: _Node) -> bool:
    return node.task is None or node.task.status in _VALUED
