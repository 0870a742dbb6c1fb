"""The tree of an expression → closures that evaluate it.

Each node becomes one function of the frame; what can be settled beforehand (constants, places of variables, functions
of filters) is. Functions that do not know their place raise `Refused`; the closure around them adds it.
"""

# ruff: noqa: ARG001, ARG002, ARG005 - functions of one table have one signature
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping, Sequence

from orchestrator.core.undefined import Undefined
from orchestrator.expressions.chains import Run, chain_reader, local_reader
from orchestrator.expressions.filters import FILTERS
from orchestrator.expressions.frame import Frame
from orchestrator.expressions.functions import FUNCTIONS
from orchestrator.expressions.methods import call_method
from orchestrator.expressions.operators import BINARY, COMPARISONS, UNARY, Operation
from orchestrator.expressions.predicates import TESTS
from orchestrator.expressions.refusal import USERS_MISTAKES, Missing, Refused, failure
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.tree import (
    Arguments,
    Binary,
    Call,
    Captured,
    Chain,
    Choice,
    Compare,
    Concat,
    Const,
    Filter,
    Item,
    Items,
    Logic,
    Node,
    Pairs,
    Slice,
    Test,
    Unary,
)
from orchestrator.expressions.values import (
    ABSENT,
    defined,
    describe,
    field,
    join_pieces,
    key_of,
    piece_of,
    truth,
    usable,
)

ReadArguments = Callable[[Frame], tuple[list[object], dict[str, object]]]


class Evaluator:
    """Makes closures for the expressions of one template."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def compile(self, node: Node, scope: Scope) -> Run:
        """Return the function that evaluates the node."""
        return _MAKERS[type(node)](self, node, scope)

    def condition(self, node: Node, scope: Scope) -> Callable[[Frame], bool]:
        """Return the function that tells whether the node's value is true."""
        run = self.compile(node, scope)

        def holds(frame: Frame) -> bool:
            try:
                return truth(run(frame))
            except Refused as refused:
                raise refused.at(node) from None

        return holds

    def const(self, node: Const, scope: Scope) -> Run:
        value = node.value
        return lambda frame: value

    def chain(self, node: Chain, scope: Scope) -> Run:
        places = scope.places(str(node.path[0]))
        read = chain_reader(node)
        if not places:
            return lambda frame: read(frame.names)
        return local_reader(node, places, read)

    def captured(self, node: Captured, scope: Scope) -> Run:
        place = scope.bind("")
        return lambda frame: frame.cells[place]

    def item(self, node: Item, scope: Scope) -> Run:
        target = self.compile(node.target, scope)
        key = self.compile(node.key, scope)
        name = self._text[node.offset : node.end]

        def run(frame: Frame) -> object:
            parent = target(frame)
            try:
                wanted = usable(key(frame))
                value = field(parent, wanted)
            except Refused as refused:
                raise refused.at(node) from None
            return Missing(name, parent, wanted) if value is ABSENT else value

        return run

    def slice(self, node: Slice, scope: Scope) -> Run:
        target = self.compile(node.target, scope)
        bounds = [self.compile(bound, scope) if bound else _nothing for bound in node.bounds]

        def run(frame: Frame) -> object:
            try:
                return _cut(frame, target(frame), [usable(bound(frame)) for bound in bounds])
            except Refused as refused:
                raise refused.at(node) from None

        return run

    def call(self, node: Call, scope: Scope) -> Run:
        arguments = self._arguments(node.arguments, scope)
        name = node.name
        if node.target is None:
            return _guarded_function(node, FUNCTIONS[name], arguments)
        target = self.compile(node.target, scope)

        def run(frame: Frame) -> object:
            value = target(frame)
            positional, named = arguments(frame)
            try:
                return call_method(frame, value, name, positional, named)
            except Refused as refused:
                raise refused.at(node) from None

        return run

    def filter(self, node: Filter, scope: Scope) -> Run:
        name = node.name
        function = FILTERS[name]
        target = self.compile(node.target, scope)
        arguments = self._arguments(node.arguments, scope)
        is_default = name in {"d", "default"}

        def run(frame: Frame) -> object:
            value = target(frame)
            if is_default and isinstance(value, Undefined):
                value = Undefined(value.name)  # whatever it is, an undefined value is replaced
            positional, named = arguments(frame)
            try:
                frame.spend(1)
                return function(frame, value if is_default else usable(value), *positional, **named)
            except Refused as refused:
                raise refused.at(node) from None
            except USERS_MISTAKES as error:
                raise failure(f"`{name}` cannot be used on {describe(value)}: {error}", node) from None

        return run

    def test(self, node: Test, scope: Scope) -> Run:
        name = node.name
        function = TESTS[name]
        target = self.compile(node.target, scope)
        arguments = self._arguments(node.arguments, scope)
        if name in {"defined", "undefined"}:
            return lambda frame: isinstance(target(frame), Undefined) is (name == "undefined")

        def run(frame: Frame) -> object:
            value = target(frame)
            positional, named = arguments(frame)
            try:
                if isinstance(value, Undefined) and value.skipped:
                    return False
                return function(frame, usable(value), *positional, **named)
            except Refused as refused:
                raise refused.at(node) from None
            except USERS_MISTAKES as error:
                raise failure(f"`is {name}` cannot be asked of {describe(value)}: {error}", node) from None

        return run

    def unary(self, node: Unary, scope: Scope) -> Run:
        if node.operator == "not":
            holds = self.condition(node.operand, scope)
            return lambda frame: not holds(frame)
        operand = self.compile(node.operand, scope)
        operate = UNARY[node.operator]

        def run(frame: Frame) -> object:
            value = operand(frame)
            try:
                return operate(frame, value)
            except Refused as refused:
                raise refused.at(node) from None

        return run

    def binary(self, node: Binary, scope: Scope) -> Run:
        left = self.compile(node.left, scope)
        operate = BINARY[node.operator]
        if isinstance(node.right, Const):
            return _with_constant(node, operate, left, node.right.value)
        right = self.compile(node.right, scope)

        def run(frame: Frame) -> object:
            try:
                return operate(frame, left(frame), right(frame))
            except Refused as refused:
                raise refused.at(node) from None

        return run

    def logic(self, node: Logic, scope: Scope) -> Run:
        left = self.compile(node.left, scope)
        right = self.compile(node.right, scope)
        stops_at = node.operator == "or"

        def run(frame: Frame) -> object:
            value = left(frame)
            try:
                decided = truth(value) is stops_at
            except Refused as refused:
                raise refused.at(node.left) from None
            return value if decided else right(frame)

        return run

    def compare(self, node: Compare, scope: Scope) -> Run:
        first = self.compile(node.first, scope)
        steps = [(COMPARISONS[sign], self.compile(operand, scope)) for sign, operand in node.rest]

        def run(frame: Frame) -> object:
            left = first(frame)
            for compare, operand in steps:
                right = operand(frame)
                try:
                    if not compare(frame, left, right):
                        return False
                except Refused as refused:
                    raise refused.at(node) from None
                left = right
            return True

        return run

    def concat(self, node: Concat, scope: Scope) -> Run:
        items = [self.compile(item, scope) for item in node.items]

        def run(frame: Frame) -> object:
            try:
                return join_pieces(frame, [piece_of(frame, item(frame)) for item in items])
            except Refused as refused:
                raise refused.at(node) from None

        return run

    def choice(self, node: Choice, scope: Scope) -> Run:
        holds = self.condition(node.test, scope)
        then = self.compile(node.then, scope)
        otherwise = self.compile(node.otherwise, scope) if node.otherwise else _no_else(self._text, node)
        return lambda frame: then(frame) if holds(frame) else otherwise(frame)

    def items(self, node: Items, scope: Scope) -> Run:
        runs = [self.compile(item, scope) for item in node.items]
        make = tuple if node.is_tuple else list

        def run(frame: Frame) -> object:
            try:
                return make([defined(item(frame)) for item in runs])
            except Refused as refused:
                raise refused.at(node) from None

        return run

    def pairs(self, node: Pairs, scope: Scope) -> Run:
        runs = [(self.compile(key, scope), self.compile(value, scope)) for key, value in node.pairs]

        def run(frame: Frame) -> object:
            try:
                return {key_of(key(frame)): defined(value(frame)) for key, value in runs}
            except Refused as refused:
                raise refused.at(node) from None

        return run

    def _arguments(self, arguments: Arguments, scope: Scope) -> ReadArguments:
        positional = [(node, self.compile(node, scope)) for node in arguments.positional]
        named = [(name, node, self.compile(node, scope)) for name, node in arguments.named]
        if not positional and not named:
            return _no_arguments

        def read(frame: Frame) -> tuple[list[object], dict[str, object]]:
            return (
                [_argument(node, run(frame)) for node, run in positional],
                {name: _argument(node, run(frame)) for name, node, run in named},
            )

        return read


def _with_constant(node: Binary, operate: Operation, left: Run, right: object) -> Run:
    def run(frame: Frame) -> object:
        try:
            return operate(frame, left(frame), right)
        except Refused as refused:
            raise refused.at(node) from None

    return run


def _guarded_function(node: Call, function: Callable[..., object], arguments: ReadArguments) -> Run:
    def run(frame: Frame) -> object:
        positional, named = arguments(frame)
        try:
            frame.spend(1)
            return function(frame, *positional, **named)
        except Refused as refused:
            raise refused.at(node) from None
        except USERS_MISTAKES as error:
            raise failure(f"`{node.name}` cannot be called like this: {error}", node) from None

    return run


def _argument(node: Node, value: object) -> object:
    try:
        return usable(value)
    except Refused as refused:
        raise refused.at(node) from None


def _cut(frame: Frame, value: object, bounds: Sequence[object]) -> object:
    usable(value)
    start, stop, step = (_bound(bound) for bound in bounds)
    if step == 0:
        raise Refused("a slice needs a step that is not 0")
    if isinstance(value, str):
        text = value[start:stop:step]
        frame.text_room(len(text))
        return text
    if isinstance(value, (list, tuple)):
        part = value[start:stop:step]
        frame.element_room(len(part))
        return part
    raise Refused(f"{describe(value)} cannot be sliced")


def _bound(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    raise Refused(
        f"the bounds of a slice are whole numbers, not {describe(value)}", "convert it with `| int`."
    )


def _no_else(text: str, node: Choice) -> Run:
    name = text[node.offset : node.end]
    return lambda frame: Undefined(name, hint="the condition is false; add `else` with a value.")


def _nothing(frame: Frame) -> object:
    return None


def _no_arguments(frame: Frame) -> tuple[list[object], dict[str, object]]:
    return [], {}


_MAKERS: Mapping[type[Node], Callable[..., Run]] = {
    Const: Evaluator.const, Chain: Evaluator.chain, Captured: Evaluator.captured, Item: Evaluator.item,
    Slice: Evaluator.slice, Call: Evaluator.call, Filter: Evaluator.filter, Test: Evaluator.test,
    Unary: Evaluator.unary, Binary: Evaluator.binary, Logic: Evaluator.logic, Compare: Evaluator.compare,
    Concat: Evaluator.concat, Choice: Evaluator.choice, Items: Evaluator.items, Pairs: Evaluator.pairs,
}  # fmt: skip
