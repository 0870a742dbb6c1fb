"""What a step can do: the contract between the engine and every tool, built in or a user's."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol

from msgspec import Struct, field

from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.purse import Purse
from orchestrator.core.usage import NO_USAGE, Usage


class Effect(StrEnum):
    """What an action does to the world; decides what may be repeated after a crash."""

    PURE = "pure"
    """Nothing: the result can be computed again."""
    READ = "read"
    """It looks: repeating is harmless, but may cost and may answer differently."""
    IDEMPOTENT = "idempotent"
    """Doing it twice is doing it once."""
    ONCE = "once"
    """Each time counts: after a crash in the middle a person decides."""


Runs = Literal["inline", "async", "thread", "process"]
"""Where an action's function runs: in place (pure and cheap), as a coroutine, in a thread, or in another process."""


class Touch(Struct, frozen=True, kw_only=True):
    """Something outside the run that a call may read or change; `plan` shows it."""

    kind: Literal["read", "write", "delete", "run", "connect", "model"]
    what: str
    """A path, program, host or model; `…` where it is known only at run time."""


class ActionSpec(Struct, frozen=True, kw_only=True):
    """The public description of an action."""

    name: str
    """The dotted name: tool, then operation."""
    description: str
    parameters: Mapping[str, object]
    """JSON Schema of the mapping `with`."""
    result: Mapping[str, object] = field(default_factory=dict[str, object])
    """JSON Schema of the value; empty where anything may come."""
    effect: Effect = Effect.ONCE
    runs: Runs = "thread"
    labels: frozenset[str] = frozenset()
    """Marks that the value carries on, such as `model` or `web`."""
    definite: bool = False
    """Whether a cancelled or timed-out attempt is known to have ended without more effects, so that it may be repeated
    although the effect is `once`: a local command that is killed and reaped, say."""
    digest: str = ""
    """Changes when the schema, the effect or a user's code changes."""


class ActionOutcome(Struct, frozen=True, kw_only=True):
    """A result with what is to be known about it; an action may return its bare value instead."""

    value: object
    usage: Usage = NO_USAGE
    model: str = ""
    warnings: Sequence[str] = ()
    labels: frozenset[str] = frozenset()
    route: Sequence[Mapping[str, object]] = ()
    """Every model that was asked or passed over, in order, with why and what became of it; plain data."""


class ActionContext(Protocol):
    """What an action may know and use while it acts."""

    @property
    def run_id(self) -> str:
        """The run it belongs to."""
        ...

    @property
    def task(self) -> str:
        """The path of the task."""
        ...

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        ...

    @property
    def idempotency_key(self) -> str:
        """Stable over attempts and restarts; hand it to whoever can recognise a repetition."""
        ...

    @property
    def workspace(self) -> str:
        """The absolute folder that relative paths start from and nothing may leave."""
        ...

    @property
    def clock(self) -> Clock:
        """The run's time."""
        ...

    @property
    def randomness(self) -> Randomness:
        """The run's chance."""
        ...

    @property
    def model(self) -> object:
        """The step's (or the pipeline's default) `model`, as plain data; None where nothing was said."""
        ...

    @property
    def output(self) -> Mapping[str, object] | None:
        """The step's `output` schema."""
        ...

    @property
    def purse(self) -> Purse:
        """What may be spent on models."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether the attempt was given up; long loops in threads ask now and then."""
        ...

    def call(self, action: str, parameters: Mapping[str, object]) -> Awaitable[object]:
        """Run another action as a journalled child task and return its value."""
        ...

    def progress(self, message: str, fraction: float | None = None) -> None:
        """Tell how far it is; `fraction` in [0, 1]."""
        ...

    def emit(self, name: str, data: Mapping[str, object]) -> None:
        """Put an event of the action's own into the run's journal."""
        ...


class ModelAdvice(NamedTuple):
    """Something about a step's `model` that is wrong, or doubtful, whatever happens at run time."""

    path: tuple[str | int, ...]
    """Where below `model`."""
    message: str
    hint: str = ""
    is_error: bool = True


Params = Mapping[str, object]


class Action(Struct, frozen=True, kw_only=True):
    """An action that can be called.

    `function` returns the value, an `ActionOutcome`, or an awaitable of either when `spec.runs` is `async`. It raises
    `ActionError` for failures it can name; any other exception counts as a bug. It must not change its parameters.
    """

    spec: ActionSpec
    function: Callable[[Params, ActionContext], object]
    prepare: Callable[[Params, ActionContext], object] | None = None
    """Returns plain data that `revert` needs, taken before the effect and kept in the journal."""
    revert: Callable[[Params, object, ActionContext], object] | None = None
    """Takes the effect back: parameters, what `prepare` kept, context. Safe to call twice."""
    fingerprint: Callable[[Params, ActionContext], object] | None = None
    """Returns (or awaits) plain data on which the result depends beside the parameters, for `cache`: what a file
    holds, which model will answer. Without it the parameters alone decide."""
    advise: Callable[[object, Params, Mapping[str, object] | None], Sequence[ModelAdvice]] | None = None
    """Says before a run what is wrong with a step's `model`, given its parameters as written and its `output`."""
    touches: Callable[[Params], Sequence[Touch]] | None = None
    """What a call with these parameters may touch; missing or computed ones are absent or `…`."""


class ActionSource(Protocol):
    """Where compiler and engine find actions by name."""

    def find(self, name: str) -> Action | None:
        """Return the action, loading its tool if need be; None when there is none of that name."""
        ...

    def names(self) -> Sequence[str]:
        """Return every known name, for suggestions and lists."""
        ...
