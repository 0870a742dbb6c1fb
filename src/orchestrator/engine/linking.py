"""Pipelines joined with the actions they name, prepared once per run so that each task costs little."""

from collections.abc import Mapping

from msgspec import Struct, field

from orchestrator.core.action import Action, ActionSource, Effect
from orchestrator.core.pipeline import Block, Call, ForEach, Loop, Step, Switch
from orchestrator.core.policy import NO_RETRY
from orchestrator.core.schema import Validator, compile_schema
from orchestrator.core.template import Compound, Literal, Template
from orchestrator.engine.labels import NOTHING_READ, Reads, reads_of
from orchestrator.errors import SetupError


class LinkedCall(Struct, gc=False):
    """A call with its action and what checks its parameters and result."""

    name: str
    parameters: Template
    action: Action
    effect: Effect
    check: Validator | None = None
    """None where the parameters need no check when rendered."""
    check_output: Validator | None = None
    of_language: bool = False
    """Whether it is one of `let` and `fail`: known to take values as they are and to give plain data."""


class LinkedStep(Struct):
    """A step with its call, if it has one, and what the scheduler asks again and again."""

    step: Step
    index: int
    id: str
    call: LinkedCall | None
    in_place: bool
    """Whether it can run at once without a task: pure, cheap, and with nothing around it that waits or decides."""
    items_in_place: bool
    """The same for each item of a `for_each` over the step's own action."""
    undoes: bool
    """Whether it, or something inside it, has a way back."""
    links: "Links"
    _reads: Reads | None = None

    @property
    def reads(self) -> Reads:
        """What reaches its parameters; the labels of that reach its value."""
        if self._reads is None:
            self._reads = reads_of(self.call.parameters) if self.call else NOTHING_READ
        return self._reads


class LinkedBlock(Struct):
    """A block with the counters its scheduler starts from."""

    block: Block
    steps: list[LinkedStep]
    missing: list[int]
    """How many dependencies each step waits for."""
    first: list[int]
    """Steps that wait for nothing."""
    indexes: dict[str, int] = field(default_factory=dict[str, int])
    value_reads: Reads = NOTHING_READ
    """What the block's `value` reads."""


class Links:
    """The joined form of one pipeline's blocks, made when first needed."""

    def __init__(self, actions: ActionSource, *, in_place: bool = True) -> None:
        self._actions = actions
        self._in_place = in_place
        self._blocks: dict[int, LinkedBlock] = {}

    def block(self, block: Block) -> LinkedBlock:
        """Return the joined form of a block."""
        linked = self._blocks.get(id(block))
        if linked is None:
            linked = self._blocks[id(block)] = self._link_block(block)
        return linked

    def call(
        self,
        call: Call,
        *,
        effect: Effect | None = None,
        output: Mapping[str, object] | None = None,
        compiled: bool = True,
    ) -> LinkedCall:
        """Return a call with its action; raises `SetupError` when there is no such action.

        The fixed parameters of a call that was compiled were checked then; others are checked when they are rendered.
        """
        action = self._actions.find(call.action)
        if action is None:
            raise SetupError(
                f"there is no action {call.action!r} here",
                hint="`py-orc tools` lists the actions that are installed.",
            )
        return LinkedCall(
            name=call.action,
            parameters=call.parameters,
            action=action,
            effect=effect or action.spec.effect,
            check=None if compiled and _is_fixed(call.parameters) else _validator(action.spec.parameters),
            check_output=_validator(output) if output else None,
            of_language=call.action in ("let", "fail"),
        )

    def _link_block(self, block: Block) -> LinkedBlock:
        steps = [self._link_step(step, index) for index, step in enumerate(block.steps)]
        missing = [len(befores) for befores in block.graph.dependencies]
        return LinkedBlock(
            block=block,
            steps=steps,
            missing=missing,
            first=[index for index, count in enumerate(missing) if count == 0],
            indexes={step.id: step.index for step in steps},
            value_reads=reads_of(block.value),
        )

    def _link_step(self, step: Step, index: int) -> LinkedStep:
        call = _own_call(step)
        linked = self.call(call, effect=step.effect, output=step.output) if call else None
        in_place = self._in_place and linked is not None and _runs_in_place(step, linked)
        return LinkedStep(
            step=step,
            index=index,
            id=step.id,
            call=linked,
            in_place=in_place and type(step.body) is Call and step.condition is None,
            items_in_place=in_place and isinstance(step.body, ForEach),
            undoes=_undoes(step),
            links=self,
        )


def _own_call(step: Step) -> Call | None:
    body = step.body
    if type(body) is Call:
        return body
    if isinstance(body, ForEach | Loop) and isinstance(body.body, Call):
        return body.body
    return None


def _runs_in_place(step: Step, call: LinkedCall) -> bool:
    return (
        call.action.spec.runs == "inline"
        and call.effect is Effect.PURE
        and step.timeout is None
        and step.reuse is None
        and step.undo is None
        and not step.resources
        and not step.open_values
        and not step.critical
        and step.output is None
        and step.retry is NO_RETRY
    )


def _is_fixed(parameters: Template) -> bool:
    """Whether nothing in the parameters changes: then the compiler's check was enough."""
    return type(parameters) is Literal or (type(parameters) is Compound and not parameters.references)


def _validator(schema: Mapping[str, object]) -> Validator | None:
    return compile_schema(schema) if schema and schema != {"type": "object"} else None


def _undoes(step: Step) -> bool:
    if step.undo is not None:
        return True
    if type(step.body) is Call and not step.on_error and step.otherwise is None:
        return step.body.action == "pipeline.run"  # what the other file holds is not known here
    call = _own_call(step)
    if call is not None and call.action == "pipeline.run":
        return True
    handlers = [rule.handler for rule in step.on_error if rule.handler]
    return any(_undoes(inner) for block in (*body_blocks(step), *handlers) for inner in block.steps)


def body_blocks(step: Step) -> list[Block]:
    """Return the blocks directly inside a step: its body, branches, and cases."""
    body = step.body
    blocks: list[Block] = [step.otherwise] if step.otherwise else []
    if isinstance(body, Block):
        blocks.append(body)
    elif isinstance(body, ForEach | Loop):
        blocks += [body.body] if isinstance(body.body, Block) else []
    elif isinstance(body, Switch):
        blocks += [block for _, block in body.cases]
        blocks += [body.default] if body.default else []
    return blocks
