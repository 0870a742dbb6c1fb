"""Actions for scenarios: they behave the same after a restart, and leave traces in a world that outlives it."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.action import Action, ActionContext, ActionSpec, Effect
from orchestrator.engine import ACTIONS
from orchestrator.errors import ActionError
from orchestrator.testing.actions import ActionTable

World = dict[str, Any]
ANY: Mapping[str, object] = {}
NUMBER: Mapping[str, object] = {"type": "number"}


def actions(world: World) -> ActionTable:
    """Return the language's own actions and those below, all acting on one world."""
    own = _Actions(world)
    return ActionTable.of(
        *ACTIONS,
        _action("test.echo", own.echo, Effect.READ, value=ANY),
        _action("test.web", own.echo, Effect.READ, labels={"web"}, value=ANY),
        _action("test.slow", own.slow, Effect.READ, seconds=NUMBER, value=ANY),
        _action(
            "test.fail_first",
            own.fail_first,
            Effect.READ,
            times=NUMBER,
            value=ANY,
            **{"class": {"type": "string"}},
        ),
        _action("test.fail_if", own.fail_if, Effect.READ, fails={"type": "boolean"}, value=ANY),
        _action("test.write", own.write, Effect.IDEMPOTENT, key={"type": "string"}, value=ANY),
        _action(
            "test.put", own.put, Effect.IDEMPOTENT, revert=own.take_back, key={"type": "string"}, value=ANY
        ),
        _action("test.send", own.send, Effect.ONCE, key={"type": "string"}, seconds=NUMBER),
        _action("test.tick", own.tick, Effect.READ, key={"type": "string"}),
        _action("test.parent", own.parent, Effect.READ, values={"type": "array"}),
    )


def _action(name: str, function: Any, effect: Effect, *, labels=(), revert=None, **parameters) -> Action:
    schema = {"type": "object", "properties": parameters, "additionalProperties": False}
    return Action(
        spec=ActionSpec(
            name=name,
            description=f"What scenarios call {name}.",
            parameters=schema,
            effect=effect,
            runs="async",
            labels=frozenset(labels),
            digest=name,
        ),
        function=function,
        prepare=(lambda params, ctx: {"was": None}) if revert else None,
        revert=revert,
    )


class _Actions:
    def __init__(self, world: World) -> None:
        self.world = world
        self.written: set[str] = set()

    async def echo(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        return params["value"]

    async def slow(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        await ctx.clock.sleep(params["seconds"])
        return params["value"]

    async def fail_first(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        if ctx.attempt <= params["times"]:
            raise ActionError("not yet", error_class=params.get("class", "transient"))
        return params["value"]

    async def fail_if(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        if params["fails"]:
            raise ActionError("this one fails", error_class="failed")
        return params["value"]

    async def write(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        if ctx.idempotency_key not in self.written:  # as a receiver that honours the key
            self.written.add(ctx.idempotency_key)
            self.world.setdefault(params["key"], []).append(params["value"])
        return params["value"]

    async def put(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        self.world[params["key"]] = params["value"]
        return None

    def take_back(self, params: Mapping[str, Any], memento: object, ctx: ActionContext) -> object:
        assert memento == {"was": None}
        self.world.pop(params["key"], None)
        return None

    async def send(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        self.world[params["key"]] = self.world.get(params["key"], 0) + 1
        await ctx.clock.sleep(params["seconds"])
        return None

    async def tick(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        self.world[params["key"]] = self.world.get(params["key"], 0) + 1
        return self.world[params["key"]]

    async def parent(self, params: Mapping[str, Any], ctx: ActionContext) -> object:
        return [await ctx.call("test.echo", {"value": value}) for value in params["values"]]
