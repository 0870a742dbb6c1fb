"""The compiled pipeline: an immutable graph of steps that the engine runs.

A step is *what it does* (its body: a call, a group, a loop, a switch) and *how it behaves* (order, conditions, retries,
recovery). Blocks nest: a group, a loop body, a branch and a handler each are a `Block` with a graph of their own. A step
inside a block may read steps of the blocks around it; the block's own step then waits for those.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from orchestrator.core.action import Effect
from orchestrator.core.budget import Budget
from orchestrator.core.graph import Graph
from orchestrator.core.ids import StepId
from orchestrator.core.pipeline_test import PipelineTest
from orchestrator.core.policy import NO_RETRY, Retry, Reuse
from orchestrator.core.template import Template
from orchestrator.errors import Location, Problem


class Call(Struct, frozen=True, kw_only=True, gc=False):
    """One action with its parameters."""

    action: str
    """The dotted name, such as `filesystem.read`."""
    parameters: Template
    """Renders to the mapping of parameters."""


class Block(Struct, frozen=True, kw_only=True, gc=False):
    """Steps that share a scope and the graph between them."""

    steps: tuple["Step", ...]
    graph: Graph
    value: Template | None = None
    """What the block stands for; None means the mapping inner id → value."""


class Reduce(Struct, frozen=True, kw_only=True):
    """Folds the results of a `for_each` in order."""

    name: str
    """The name of the running value (`as`)."""
    start: Template
    value: Template
    """Reads the running value, `result` and the item's own names."""


class ForEach(Struct, frozen=True, kw_only=True):
    """The body once per item; its value is the list of results in the order of the items."""

    items: Template
    name: str = "item"
    body: Call | Block
    max_parallel: int | None = None
    batch: int | None = None
    """Hand over lists of this many items instead of single ones."""
    reduce: Reduce | None = None


class Loop(Struct, frozen=True, kw_only=True):
    """The body again and again; its value is the list of iterations."""

    condition: Template
    until: bool
    """False: asked before an iteration, which needs a yes. True: asked after one, where a yes ends the loop."""
    body: Call | Block
    max_iterations: int
    fail_at_limit: bool = False


class Switch(Struct, frozen=True, kw_only=True):
    """One of several blocks, by a value; its value is that of the branch."""

    value: Template
    cases: tuple[tuple[object, Block], ...]
    """Keys compare by value and type."""
    default: Block | None = None


Body = Call | Block | ForEach | Loop | Switch
"""What a step does; a bare `Block` is a group."""


class ErrorRule(Struct, frozen=True, kw_only=True):
    """One entry of `on_error`; the first that matches a failure decides."""

    match: str | None = None
    """The name of an error class, else a regular expression searched in the message; None matches everything."""
    fail: bool = False
    tolerate: bool = False
    """`continue`: the task stays failed, the run goes on and ends partial."""
    value: Template | None = None
    goto: StepId | None = None
    handler: Block | None = None
    undo: bool = False
    """Undo what the failed group had done before the recovery starts."""


class Undo(Struct, frozen=True, kw_only=True):
    """How a completed task is taken back when the run fails later."""

    call: Call | None
    """None means the action's own way back."""
    retry: Retry = NO_RETRY


ANSWER_ACTION: Final = "auto.answer"
"""The action that decides open values; the engine calls it, no step names it."""
ANSWER_NAME: Final = "_a"
"""What the names begin with under which templates read the answers; a number follows."""


class OpenValue(Struct, frozen=True, kw_only=True, gc=False):
    """A value that the file leaves open: a model decides it once what its question reads is known."""

    name: str
    """The name under which the step's templates read the answer."""
    key: str
    """Where it stands in its step: `with.max_tokens`, `if`; unique there, and part of its task's path."""
    place: str
    """The key of the step it stands under, which says when it is asked: `with`, `if`, `for_each` …"""
    call: Call
    """The action that answers, with the question and what it is about as parameters."""
    early: bool
    """Whether nothing of the run is read, so that the answer can be kept in the lock."""
    location: Location | None = None


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """One entry of a pipeline as written."""

    id: StepId
    body: Body
    name: str = ""
    description: str = ""
    condition: Template | None = None
    otherwise: Block | None = None
    """The `else` branch."""
    retry: Retry = NO_RETRY
    timeout: float | None = None
    """Seconds: per attempt of an action, for a group or loop as a whole."""
    on_error: tuple[ErrorRule, ...] = ()
    undo: Undo | None = None
    output: Mapping[str, object] | None = None
    """JSON Schema of the result."""
    model: object = None
    """`auto`, a name, a list of names, or a mapping of requirements; plain data, read by `generate`."""
    reuse: Reuse | None = None
    budget: Budget | None = None
    """What the models may cost in here, all that is inside included."""
    critical: bool = False
    effect: Effect | None = None
    """What the file says the action does to the world, where it knows better than the action."""
    resources: Mapping[str, float] = field(default_factory=dict[str, float])
    """Permits to hold while acting; memory in bytes."""
    location: Location | None = None
    open_values: tuple[OpenValue, ...] = ()
    """Its `<AUTO>` values, in the order in which they stand."""


class InputSpec(Struct, frozen=True, kw_only=True, gc=False):
    """One declared input of a pipeline."""

    name: str
    type: str
    """string, integer, number, boolean, array, object, path, file or secret."""
    schema: Mapping[str, object]
    """The JSON Schema that values must fit."""
    required: bool
    default: object = None
    description: str = ""
    location: Location | None = None


class Pipeline(Struct, frozen=True, kw_only=True):
    """A compiled file."""

    name: str
    version: str = ""
    description: str = ""
    inputs: Mapping[str, InputSpec]
    root: Block
    outputs: Mapping[str, Template]
    output_locations: Mapping[str, Location] = field(default_factory=dict[str, Location])
    on_failure: Block | None = None
    max_parallel: int | None = None
    timeout: float | None = None
    budget: Budget | None = None
    """What the models of a run may cost."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    document: Mapping[str, object]
    """The canonical form as plain data, bases and includes resolved; compiling it gives an equal pipeline.

    It is handed out as it is, for the journal; whoever changes it changes nothing but that record.
    """
    digest: str
    """SHA-256 of the canonical document, in hex."""
    pipelines: Mapping[str, "Pipeline"] = field(default_factory=dict[str, "Pipeline"])
    """The files that `pipeline.run` steps name literally, compiled, by the name as written."""
    file: str = ""
    tests: tuple[PipelineTest, ...] = ()
    """Those of its own key `tests`; they are no part of the document."""
    warnings: tuple[Problem, ...] = ()
