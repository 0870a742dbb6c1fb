"""A few actions with the schemas of the real ones, for pipelines that are compiled and never run."""

from collections.abc import Mapping, Sequence

from orchestrator.core.action import Action, ActionSpec, Effect, Touch

TEXT: Mapping[str, object] = {"type": "string"}
Schemas = Mapping[str, object]


def closed(fields: Schemas, *required: str) -> dict[str, object]:
    """Return the schema of a mapping with these fields only."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(required),
        "additionalProperties": False,
    }


def action(
    name: str,
    parameters: Schemas | None = None,
    result: Schemas | None = None,
    *,
    effect: Effect = Effect.ONCE,
    **more: object,
) -> Action:
    """Return an action that gives its parameters back."""
    spec = ActionSpec(
        name=name,
        description=name,
        parameters=parameters or {"type": "object"},
        result=result or {},
        effect=effect,
    )
    return Action(spec=spec, function=lambda params, ctx: params, **more)  # pyright: ignore[reportArgumentType]


def _writes(params: Schemas) -> Sequence[Touch]:
    return [Touch(kind="write", what=str(params.get("path", "…")))]


class KnownActions:
    """An action source over a fixed list."""

    def __init__(self, *actions: Action) -> None:
        self._actions = {action.spec.name: action for action in actions}

    def find(self, name: str) -> Action | None:
        """Return the action of that name."""
        return self._actions.get(name)

    def names(self) -> Sequence[str]:
        """Return every name."""
        return list(self._actions)


ACTIONS = KnownActions(
    action("let", effect=Effect.PURE),
    action("fail", closed({"message": TEXT}, "message"), effect=Effect.PURE),
    action(
        "wait", {"type": "object", "properties": {"for": {"type": ["string", "number"]}}}, effect=Effect.PURE
    ),
    action("pipeline.run", closed({"file": TEXT, "inputs": {"type": "object"}}, "file"), effect=Effect.PURE),
    action(
        "generate",
        closed(
            {
                "prompt": TEXT,
                "max_tokens": {"type": "integer", "minimum": 1},
                "stop": {"type": "array", "items": TEXT},
            },
            "prompt",
        ),
        effect=Effect.READ,
    ),
    action(
        "filesystem.read",
        closed({"path": TEXT}, "path"),
        closed({"content": TEXT, "path": TEXT, "size": {"type": "integer"}}),
        effect=Effect.READ,
    ),
    action(
        "filesystem.list",
        closed({"path": TEXT, "pattern": TEXT}, "path"),
        closed({"paths": {"type": "array", "items": TEXT}}),
        effect=Effect.READ,
    ),
    action(
        "filesystem.write",
        closed({"path": TEXT, "content": TEXT}, "path", "content"),
        closed({"path": TEXT}),
        effect=Effect.IDEMPOTENT,
        touches=_writes,
        revert=lambda params, memento, ctx: None,
    ),
    action(
        "terminal.run",
        closed(
            {
                "command": {"type": "array", "items": TEXT},
                "env": {"type": "object", "additionalProperties": TEXT},
            },
            "command",
        ),
        closed({"stdout": TEXT, "stderr": TEXT, "exit_code": {"type": "integer"}}),
    ),
)
