"""The actions of the language itself."""

from collections.abc import Mapping
from typing import NoReturn

from orchestrator.core.action import Action, ActionContext, ActionSpec, Effect
from orchestrator.errors import ActionError


def _let(params: Mapping[str, object], _ctx: ActionContext) -> object:
    return params


def _fail(params: Mapping[str, object], _ctx: ActionContext) -> NoReturn:
    raise ActionError(str(params["message"]), error_class=str(params.get("class", "failed")), retryable=False)


def _by_the_engine(_params: Mapping[str, object], ctx: ActionContext) -> NoReturn:
    raise ActionError(f"{ctx.task} can only be a step of its own", error_class="invalid_request")


ACTIONS = (
    Action(
        spec=ActionSpec(
            name="let",
            description="Name values: the result is the rendered `with`.",
            parameters={"type": "object"},
            effect=Effect.PURE,
            runs="inline",
        ),
        function=_let,
    ),
    Action(
        spec=ActionSpec(
            name="fail",
            description="End in failure with a message of your own.",
            parameters={
                "type": "object",
                "properties": {
                    "message": {"type": "string", "description": "What went wrong, for people."},
                    "class": {"type": "string", "description": "The error class that `on_error` can match."},
                },
                "required": ["message"],
                "additionalProperties": False,
            },
            effect=Effect.PURE,
            runs="inline",
        ),
        function=_fail,
    ),
    Action(
        spec=ActionSpec(
            name="wait",
            description="Pause for a time; it goes on counting while no process runs.",
            parameters={
                "type": "object",
                "properties": {
                    "for": {
                        "type": ["string", "number"],
                        "description": "A time such as `10s` or `1h30m`, or seconds.",
                    }
                },
                "required": ["for"],
                "additionalProperties": False,
            },
            result={"type": "number"},
            effect=Effect.PURE,
            runs="async",
        ),
        function=_by_the_engine,
    ),
    Action(
        spec=ActionSpec(
            name="pipeline.run",
            description="Run another pipeline file; the result is its outputs.",
            parameters={
                "type": "object",
                "properties": {
                    "file": {"type": "string", "description": "The file, relative to the one that names it."},
                    "inputs": {"type": "object", "description": "Values for its inputs."},
                },
                "required": ["file"],
                "additionalProperties": False,
            },
            effect=Effect.READ,
            runs="async",
        ),
        function=_by_the_engine,
    ),
)
"""`let`, `fail`, `wait`, `pipeline.run`."""
