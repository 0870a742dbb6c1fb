"""Actions that do what a test says and remember how they were called."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from orchestrator.core.action import Action, ActionContext, ActionSpec, Effect, Params, Runs


class RecordedCall(Struct, frozen=True):
    """One call of a `RecordingAction`."""

    parameters: Mapping[str, object]
    task: str
    attempt: int
    idempotency_key: str


class RecordingAction:
    """An action in one line: `RecordingAction("demo.write", {"ok": True}, effect=Effect.ONCE)`.

    Each call takes the next answer, the last one again and again. An answer that is an exception is raised; one that can be
    called is called with the parameters and the context; a coroutine function needs `runs="async"`; anything else is the
    value. Without answers the value is the mapping of parameters.
    """

    def __init__(
        self,
        name: str,
        *answers: object,
        effect: Effect = Effect.PURE,
        runs: Runs = "inline",
        parameters: Mapping[str, object] | None = None,
        result: Mapping[str, object] | None = None,
        labels: Sequence[str] = (),
    ) -> None:
        self.calls: list[RecordedCall] = []
        self._answers = answers
        self.action = Action(
            spec=ActionSpec(
                name=name,
                description=f"What a test calls {name}.",
                parameters=parameters or {"type": "object"},
                result=result or {},
                effect=effect,
                runs=runs,
                labels=frozenset(labels),
                digest=f"test:{name}",
            ),
            function=self._act_later if runs == "async" else self._act,
        )

    @property
    def count(self) -> int:
        """How often it was called."""
        return len(self.calls)

    @property
    def parameters(self) -> list[Mapping[str, object]]:
        """The parameters of all calls, in order."""
        return [call.parameters for call in self.calls]

    def _act(self, parameters: Params, context: ActionContext) -> object:
        self.calls.append(RecordedCall(parameters, context.task, context.attempt, context.idempotency_key))
        if not self._answers:
            return dict(parameters)
        answer = self._answers[min(len(self.calls), len(self._answers)) - 1]
        if isinstance(answer, BaseException):
            raise answer
        return answer(parameters, context) if callable(answer) else answer

    async def _act_later(self, parameters: Params, context: ActionContext) -> object:
        from collections.abc import Awaitable

        answer = self._act(parameters, context)
        return await answer if isinstance(answer, Awaitable) else answer


class ActionTable(Struct):
    """An `ActionSource` of the actions that it is given."""

    actions: dict[str, Action] = field(default_factory=dict[str, Action])

    @classmethod
    def of(cls, *actions: Action | RecordingAction) -> "ActionTable":
        """Return a source of these actions."""
        found = [entry.action if isinstance(entry, RecordingAction) else entry for entry in actions]
        return cls({action.spec.name: action for action in found})

    def find(self, name: str) -> Action | None:
        """Return the action of that name."""
        return self.actions.get(name)

    def names(self) -> Sequence[str]:
        """Return the names of all actions."""
        return list(self.actions)


def recording_tool(name: str, **answers: object) -> tuple[ActionTable, dict[str, RecordingAction]]:
    """Return a source with one action per keyword, `name.keyword`, and the actions to look at afterwards.

    `recording_tool("mail", send={"id": 7}, fetch=[…])`: each keyword gives the one answer of its action.
    """
    actions = {key: RecordingAction(f"{name}.{key}", answer) for key, answer in answers.items()}
    return ActionTable.of(*actions.values()), actions
