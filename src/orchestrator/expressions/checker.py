"""What is certainly wrong in a template, found before anything runs.

Types flow upwards through the tree as JSON Schemas. Only what is wrong for every possible value is reported: unknown
names, fields that a closed mapping does not have, operands that no operator takes. A missing field under `default`
or `is defined` is no mistake.
"""

# ruff: noqa: ARG002 - functions of one table have one signature

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from orchestrator.core.suggestion import suggestion
from orchestrator.core.template import Template
from orchestrator.expressions.loops import LOOP_FIELDS
from orchestrator.expressions.methods import METHODS
from orchestrator.expressions.results import (
    FILTER_RESULTS,
    METHOD_RESULTS,
    NUMERIC,
    comparable,
    fits,
    result_of,
)
from orchestrator.expressions.shapes import (
    BOOLEAN,
    INTEGER,
    LIST,
    MAPPING,
    STRING,
    UNKNOWN,
    Shape,
    as_shape,
    either,
    element_shape,
    field_shape,
    fields_of,
    in_words,
    is_only,
    shape_of,
    types_of,
)
from orchestrator.expressions.template import CompiledTemplate
from orchestrator.expressions.tree import (
    Binary,
    Call,
    Captured,
    Chain,
    Choice,
    Compare,
    Concat,
    Const,
    Filter,
    For,
    Hole,
    If,
    Item,
    Items,
    Logic,
    Node,
    Pairs,
    Path,
    Set,
    SetBlock,
    Slice,
    Target,
    Test,
    Text,
    Unary,
)


class Finding(NamedTuple):
    """One thing that is certainly wrong; `offset` and `length` count characters of the template's text."""

    message: str
    offset: int
    length: int
    hint: str


def check(template: Template, shapes: Mapping[str, Shape]) -> list[Finding]:
    """Return everything that is certainly wrong, in the order of the text; `shapes` holds every free name."""
    return examine(template, shapes)[0]


def examine(template: Template, shapes: Mapping[str, Shape]) -> tuple[list[Finding], Shape]:
    """Return what `check` and `infer` return, in one walk."""
    if not isinstance(template, CompiledTemplate):
        return [], UNKNOWN
    checker = _Checker(shapes)
    shape = checker.template(template)
    return sorted(checker.findings, key=lambda finding: finding.offset), shape


def infer(template: Template, shapes: Mapping[str, Shape]) -> Shape:
    """Return what is known about the template's value, `{}` when nothing is."""
    if not isinstance(template, CompiledTemplate):
        return UNKNOWN
    return _Checker(shapes).template(template)


_LOOP: Shape = {
    "type": "object",
    "properties": {
        name: BOOLEAN if name in {"first", "last"} else UNKNOWN if name.endswith("item") else INTEGER
        for name in LOOP_FIELDS
    },
    "additionalProperties": False,
}
_KINDS = {"string": str, "array": list, "object": Mapping, "number": float}
Locals = dict[str, Shape]


class _Checker:
    """Walks the tree once; `scope` holds the local variables."""

    __slots__ = ("_expected", "_shapes", "findings")

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._expected: set[Path] = set()
        """Paths that the template asks `is defined` of."""
        self.findings: list[Finding] = []

    def template(self, template: CompiledTemplate) -> Shape:
        self._expected = set(_asked_for(template.nodes))
        if template.value:
            return self.value(template.value, {})
        self.body(template.nodes, {})
        return STRING

    def body(self, nodes: Iterable[Node], scope: Locals) -> None:
        for node in nodes:
            if not isinstance(node, Text):
                _BLOCKS[type(node)](self, node, scope)

    def hole(self, node: Hole, scope: Locals) -> None:
        self.value(node.value, scope)

    def if_block(self, node: If, scope: Locals) -> None:
        for test, body in node.branches:
            self.value(test, scope)
            self.body(body, scope)
        self.body(node.otherwise, scope)

    def for_block(self, node: For, scope: Locals) -> None:
        element = self._element(node.items, scope)
        inner = dict(scope)
        self._bind(node.target, element, inner)
        if node.test:
            self.value(node.test, inner)
        inner["loop"] = _LOOP
        self.body(node.body, inner)
        self.body(node.otherwise, dict(scope))

    def set_block(self, node: Set, scope: Locals) -> None:
        self._bind(node.target, self.value(node.value, scope), scope, may_differ=True)

    def capture_block(self, node: SetBlock, scope: Locals) -> None:
        self.body(node.body, dict(scope))
        self._bind(node.target, self.value(node.value, scope), scope, may_differ=True)

    def value(self, node: Node, scope: Locals, *, expected: bool = False) -> Shape:
        """Return the shape of an expression; `expected` says that it may be missing."""
        if isinstance(node, Chain):
            return self._chain(node, scope, expected=expected)
        if isinstance(node, Item):
            return self._item(node, scope, expected=expected)
        return _VALUES[type(node)](self, node, scope)

    def const(self, node: Const, scope: Locals) -> Shape:
        return shape_of(node.value)

    def captured(self, node: Captured, scope: Locals) -> Shape:
        return STRING

    def slice(self, node: Slice, scope: Locals) -> Shape:
        for bound in node.bounds:
            if bound:
                self.value(bound, scope)
        shape = self.value(node.target, scope)
        kinds = types_of(shape)
        if kinds and not kinds & {"string", "array"}:
            self._report(f"{in_words(kinds)} cannot be sliced", node)
        return (
            STRING
            if is_only(kinds, "string")
            else {"type": "array", "items": element_shape(shape)}
            if is_only(kinds, "array")
            else UNKNOWN
        )

    def call(self, node: Call, scope: Locals) -> Shape:
        for argument in node.arguments.nodes():
            self.value(argument, scope)
        if node.target is None:
            return {"type": "array", "items": INTEGER} if node.name == "range" else MAPPING
        shape = self.value(node.target, scope)
        kinds = types_of(shape)
        known = [_KINDS.get(kind, int) for kind in kinds]
        if shape is not _LOOP and kinds and not any(kind in METHODS[node.name] for kind in known):
            self._report(f"{in_words(kinds)} has no method `{node.name}`", node)
        if node.name == "items" and is_only(kinds, "object"):
            pair = [STRING, as_shape(shape.get("additionalProperties"))]
            return {"type": "array", "items": {"type": "array", "prefixItems": pair}}
        return METHOD_RESULTS.get(node.name, UNKNOWN)

    def filter(self, node: Filter, scope: Locals) -> Shape:
        is_default = node.name in {"default", "d"}
        shape = self.value(node.target, scope, expected=is_default)
        others = [self.value(argument, scope) for argument in node.arguments.nodes()]
        if is_default:
            return either(shape, others[0]) if others else UNKNOWN
        if node.name in {"first", "last", "min", "max"}:
            return STRING if is_only(types_of(shape), "string") else element_shape(shape)
        if node.name in {"sort", "unique", "select", "reject", "selectattr", "rejectattr", "reverse", "list"}:
            return shape if is_only(types_of(shape), "array") and "prefixItems" not in shape else UNKNOWN
        if (
            node.name in {"length", "count"}
            and types_of(shape)
            and not types_of(shape) & {"string", "array", "object"}
        ):
            self._report(f"{in_words(types_of(shape))} has no length", node)
        return FILTER_RESULTS.get(node.name, UNKNOWN)

    def test(self, node: Test, scope: Locals) -> Shape:
        self.value(node.target, scope, expected=node.name in {"defined", "undefined"})
        for argument in node.arguments.nodes():
            self.value(argument, scope)
        return BOOLEAN

    def unary(self, node: Unary, scope: Locals) -> Shape:
        shape = self.value(node.operand, scope)
        if node.operator == "not":
            return BOOLEAN
        kinds = types_of(shape)
        if kinds and not kinds & NUMERIC:
            self._report(f"`{node.operator}` needs a number, not {in_words(kinds)}", node)
        return shape if kinds <= {"integer", "number"} else UNKNOWN

    def binary(self, node: Binary, scope: Locals) -> Shape:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        first, second = types_of(left), types_of(right)
        if first and second and not any(fits(node.operator, one, two) for one in first for two in second):
            hint = "join texts with `~`." if node.operator == "+" else "convert with `| int` or `| float`."
            self._report(
                f"`{node.operator}` cannot be used on {in_words(first)} and {in_words(second)}", node, hint
            )
        return result_of(node.operator, first, second)

    def logic(self, node: Logic, scope: Locals) -> Shape:
        return either(self.value(node.left, scope), self.value(node.right, scope))

    def compare(self, node: Compare, scope: Locals) -> Shape:
        left = types_of(self.value(node.first, scope))
        for sign, operand in node.rest:
            right = types_of(self.value(operand, scope))
            if sign in {"<", "<=", ">", ">="}:
                if left and right and not any(comparable(one, two) for one in left for two in right):
                    self._report(
                        f"{in_words(left)} and {in_words(right)} have no order", node, "convert one of them."
                    )
            elif sign in {"in", "not in"} and right and not right & {"string", "array", "object"}:
                self._report(f"nothing can be `in` {in_words(right)}", node)
            left = right
        return BOOLEAN

    def concat(self, node: Concat, scope: Locals) -> Shape:
        for item in node.items:
            self.value(item, scope)
        return STRING

    def choice(self, node: Choice, scope: Locals) -> Shape:
        self.value(node.test, scope)
        then = self.value(node.then, scope)
        return either(then, self.value(node.otherwise, scope)) if node.otherwise else UNKNOWN

    def items(self, node: Items, scope: Locals) -> Shape:
        shapes = [self.value(item, scope) for item in node.items]
        if node.is_tuple:
            return {"type": "array", "prefixItems": shapes}
        alike = all(shape == shapes[0] for shape in shapes)
        return {"type": "array", "items": shapes[0]} if shapes and alike else LIST

    def pairs(self, node: Pairs, scope: Locals) -> Shape:
        fields: dict[str, object] = {}
        for key, value in node.pairs:
            self.value(key, scope)
            shape = self.value(value, scope)
            if not isinstance(key, Const) or not isinstance(key.value, str):
                return MAPPING
            fields[key.value] = shape
        return {"type": "object", "properties": fields, "additionalProperties": False}

    def _chain(self, node: Chain, scope: Locals, *, expected: bool) -> Shape:
        root = str(node.path[0])
        if root in scope:
            shape = scope[root]
        elif root in self._shapes:
            shape = self._shapes[root]
        else:
            names = (*scope, *self._shapes)
            hint = suggestion(root, names, kind="there are")
            self.findings.append(Finding(f"`{root}` is not defined", node.offset, len(root), hint))
            return UNKNOWN
        for count, key in enumerate(node.path[1:], start=2):
            found = field_shape(shape, key)
            if found is None:
                if not expected and node.path[:count] not in self._expected:
                    self._report_missing(node, shape, key)
                return UNKNOWN
            shape = found
        return shape

    def _item(self, node: Item, scope: Locals, *, expected: bool) -> Shape:
        shape = self.value(node.target, scope, expected=expected)
        self.value(node.key, scope)
        key = node.key.value if isinstance(node.key, Const) else None
        if isinstance(key, (str, int)) and not isinstance(key, bool):
            found = field_shape(shape, key)
            if found is None and not expected:
                self._report_missing(node, shape, key)
            return found or UNKNOWN
        kinds = types_of(shape)
        if is_only(kinds, "array"):
            return element_shape(shape)
        return STRING if is_only(kinds, "string") else UNKNOWN

    def _element(self, node: Node, scope: Locals) -> Shape:
        """Return the shape of what a loop gives one after the other."""
        shape = self.value(node, scope)
        kinds = types_of(shape)
        if kinds and not kinds & {"array", "object", "string"}:
            self._report(f"{in_words(kinds)} has no elements to go through", node)
        return (
            element_shape(shape)
            if is_only(kinds, "array")
            else STRING
            if kinds and kinds <= {"object", "string"}
            else UNKNOWN
        )

    def _bind(self, target: Target, shape: Shape, scope: Locals, *, may_differ: bool = False) -> None:
        if target.name:
            before = scope.get(target.name, shape) if may_differ else shape
            scope[target.name] = either(before, shape)
            return
        for index, part in enumerate(target.targets):
            self._bind(part, element_shape(shape, index), scope, may_differ=may_differ)

    def _report_missing(self, node: Node, shape: Shape, key: str | int) -> None:
        kinds = types_of(shape)
        if kinds and "object" not in kinds:
            hint = f"to call the method, write `.{key}()`." if key in METHODS else ""
            self._report(f"{in_words(kinds)} has no field `{key}`", node, hint)
            return
        hint = suggestion(str(key), fields_of(shape), kind="it has")
        self._report(f"there is no field `{key}`", node, hint)

    def _report(self, message: str, node: Node, hint: str = "") -> None:
        self.findings.append(Finding(message, node.offset, max(1, node.end - node.offset), hint))


def _asked_for(nodes: Sequence[Node]) -> Iterable[Path]:
    """Return the paths that the template asks `is defined` of, anywhere."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        waiting += node.parts()
        if (
            isinstance(node, Test)
            and node.name in {"defined", "undefined"}
            and isinstance(node.target, Chain)
        ):
            yield node.target.path


_VALUES: Mapping[type[Node], Callable[..., Shape]] = {
    Const: _Checker.const, Captured: _Checker.captured, Slice: _Checker.slice, Call: _Checker.call,
    Filter: _Checker.filter, Test: _Checker.test, Unary: _Checker.unary, Binary: _Checker.binary,
    Logic: _Checker.logic, Compare: _Checker.compare, Concat: _Checker.concat, Choice: _Checker.choice,
    Items: _Checker.items, Pairs: _Checker.pairs,
}  # fmt: skip
_BLOCKS: Mapping[type[Node], Callable[..., None]] = {
    Hole: _Checker.hole, If: _Checker.if_block, For: _Checker.for_block, Set: _Checker.set_block,
    SetBlock: _Checker.capture_block,
}  # fmt: skip
