"""Pipelines that nobody would write: everything inside everything, as canonical documents for Hypothesis."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from orchestrator.compiler import compile_document
from orchestrator.core.action import Action, ActionContext, ActionSpec, Effect
from scenarios.lab import Lab

Step = dict[str, Any]
_DEEPEST = 2


class _Names:
    """The ids of one pipeline, and those that a step may read at the moment."""

    def __init__(self) -> None:
        self.count = 0
        self.seen: list[str] = []

    def new(self) -> str:
        self.count += 1
        return f"s{self.count}"


@st.composite
def documents(draw: st.DrawFn) -> Mapping[str, Any]:
    """Return a pipeline document whose outputs show every step of its own scope."""
    steps = _block(draw, _Names(), 0)
    outputs = {step["id"]: f"{{{{ steps.{step['id']} | default('none') }}}}" for step in steps}
    document: dict[str, Any] = {"name": "random", "steps": steps, "outputs": outputs}
    if draw(st.integers(0, 3)) == 0:
        document["on_failure"] = [{"id": "after", "action": "test.echo", "with": {"value": "over"}}]
    return document


def random_lab(document: Mapping[str, Any]) -> Lab:
    """Return a lab for a document."""
    world: dict[str, Any] = {}
    return Lab(lambda table: compile_document(document, actions=table), own=[_once(world)], world=world)


def _once(world: dict[str, Any]) -> Action:
    """An action whose every call counts: the world remembers the task."""

    async def act(params: Mapping[str, Any], ctx: ActionContext) -> object:
        world.setdefault("once", []).append(ctx.task)
        await ctx.clock.sleep(params["seconds"])
        return None

    spec = ActionSpec(
        name="test.once",
        description="Counts.",
        parameters={},
        effect=Effect.ONCE,
        runs="async",
        digest="once",
    )
    return Action(spec=spec, function=act)


def _block(draw: st.DrawFn, names: _Names, depth: int, most: int = 4) -> list[Step]:
    seen = list(names.seen)
    ids = [names.new() for _ in range(draw(st.integers(1, most)))]
    steps: list[Step] = []
    for at, step_id in enumerate(ids):
        steps.append(_step(draw, names, step_id, ids[at + 1 :], depth))
        names.seen.append(step_id)
    names.seen = seen
    return steps


def _step(draw: st.DrawFn, names: _Names, step_id: str, later: list[str], depth: int) -> Step:
    step: Step = {"id": step_id}
    if names.seen and draw(st.integers(0, 4)) == 0:
        step["needs"] = [draw(st.sampled_from(names.seen))]
    kinds = (
        ["call"] * 4 + ["items", "again"] + (["group", "each", "loop", "switch"] if depth < _DEEPEST else [])
    )
    kind = draw(st.sampled_from(kinds))
    _KINDS[kind](draw, names, step, depth)
    if draw(st.integers(0, 5)) == 0:
        step["if"] = _condition(draw, names)
        if depth < _DEEPEST and draw(st.booleans()):
            step["else"] = _block(draw, names, depth + 1, 2)
    if draw(st.integers(0, 3)) == 0:
        step["on_error"] = _recovery(draw, names, later, depth)
    return step


def _value(draw: st.DrawFn, names: _Names) -> Any:
    if names.seen and draw(st.booleans()):
        return f"{{{{ steps.{draw(st.sampled_from(names.seen))} | default(0) }}}}"
    return draw(st.integers(0, 9))


def _condition(draw: st.DrawFn, names: _Names) -> str:
    if names.seen and draw(st.booleans()):
        return f"{{{{ status.{draw(st.sampled_from(names.seen))} == 'completed' }}}}"
    return draw(st.sampled_from(["{{ true }}", "{{ false }}"]))


def _call(draw: st.DrawFn, names: _Names, step: Step, _depth: int) -> None:
    kind = draw(
        st.sampled_from(
            ["let", "let", "echo", "slow", "first", "if", "write", "put", "once", "wait", "parent"]
        )
    )
    value, seconds = _value(draw, names), draw(st.sampled_from([0, 0.5, 2]))
    if kind == "let":
        step |= {"action": "let", "with": {"v": value}}
    elif kind == "echo":
        step |= {"action": "test.echo", "with": {"value": value}}
    elif kind == "slow":
        step |= {"action": "test.slow", "with": {"seconds": seconds, "value": value}}
    elif kind == "first":
        times = draw(st.integers(0, 2))
        step |= {"action": "test.fail_first", "with": {"times": times, "value": value}}
        step["retry"] = {"attempts": 3, "backoff": draw(st.sampled_from([0.5, 2]))}
    elif kind == "if":
        step |= {"action": "test.fail_if", "with": {"fails": draw(st.booleans()), "value": value}}
    elif kind == "write":
        step |= {"action": "test.write", "with": {"key": "log", "value": value}}
        if draw(st.booleans()):
            step["undo"] = {"action": "test.write", "with": {"key": "undone", "value": step["id"]}}
    elif kind == "put":
        step |= {"action": "test.put", "with": {"key": step["id"], "value": value}, "undo": True}
    elif kind == "once":
        step |= {"action": "test.once", "with": {"seconds": seconds}}
    elif kind == "wait":
        step |= {"action": "wait", "with": {"for": seconds}}
    else:
        step |= {"action": "test.parent", "with": {"values": [1, value, 1]}}


def _items(draw: st.DrawFn, names: _Names, step: Step, depth: int) -> None:
    _call(draw, names, step, depth)
    step["for_each"] = draw(st.lists(st.integers(0, 3), max_size=3))
    _limit(draw, step)


def _each(draw: st.DrawFn, names: _Names, step: Step, depth: int) -> None:
    step["for_each"] = draw(st.lists(st.integers(0, 3), max_size=3))
    step["steps"] = _block(draw, names, depth + 1, 3)
    _limit(draw, step)
    if draw(st.integers(0, 3)) == 0:
        step["reduce"] = {"as": "total", "start": 0, "value": "{{ total + 1 }}"}


def _limit(draw: st.DrawFn, step: Step) -> None:
    if draw(st.booleans()):
        step["max_parallel"] = draw(st.integers(1, 2))


def _again(draw: st.DrawFn, names: _Names, step: Step, depth: int) -> None:
    _call(draw, names, step, depth)
    step |= {"while": f"{{{{ loop.iteration <= {draw(st.integers(0, 3))} }}}}", "max_iterations": 2}


def _loop(draw: st.DrawFn, names: _Names, step: Step, depth: int) -> None:
    step["steps"] = _block(draw, names, depth + 1, 3)
    step |= {"until": f"{{{{ loop.iteration >= {draw(st.integers(1, 3))} }}}}", "max_iterations": 2}


def _group(draw: st.DrawFn, names: _Names, step: Step, depth: int) -> None:
    step["steps"] = _block(draw, names, depth + 1)
    if draw(st.integers(0, 3)) == 0:
        step["strategy"] = "sequential"
    if draw(st.integers(0, 3)) == 0:
        step["undo"] = {"action": "test.write", "with": {"key": "undone", "value": step["id"]}}


def _switch(draw: st.DrawFn, names: _Names, step: Step, depth: int) -> None:
    step["switch"] = draw(st.integers(0, 2))
    step["cases"] = [
        {"case": case, "steps": _block(draw, names, depth + 1, 2)} for case in range(draw(st.integers(1, 2)))
    ]
    if draw(st.booleans()):
        step["default"] = _block(draw, names, depth + 1, 2)


def _recovery(draw: st.DrawFn, names: _Names, later: list[str], depth: int) -> Any:
    kinds = ["continue", "value", "undo", "handler"] + (["goto"] if later else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "goto":
        return {"goto": draw(st.sampled_from(later))}
    if kind == "value":
        return {"value": draw(st.integers(10, 19))}
    if kind == "handler" and depth < _DEEPEST:
        return {"steps": _block(draw, names, depth + 1, 2)}
    return "continue"


_KINDS = {
    "call": _call,
    "items": _items,
    "each": _each,
    "again": _again,
    "loop": _loop,
    "group": _group,
    "switch": _switch,
}
