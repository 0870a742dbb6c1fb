"""The tree of a template's blocks → closures that write pieces of text."""

# ruff: noqa: ARG001, ARG002, ARG005 - functions of one table have one signature

# pyright: reportUnknownArgumentType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping, Sequence

from orchestrator.core.secret import Sealed, Secret
from orchestrator.expressions.evaluator import Evaluator
from orchestrator.expressions.frame import Frame
from orchestrator.expressions.loops import Loop
from orchestrator.expressions.refusal import Refused, failure
from orchestrator.expressions.scope import UNSET, Scope
from orchestrator.expressions.tree import For, Hole, If, Node, Set, SetBlock, Target, Text
from orchestrator.expressions.values import describe, elements_of, join_pieces, piece_of

Pieces = list[str | Secret | Sealed]
Write = Callable[[Frame, Pieces], None]
Assign = Callable[[Frame, object], None]


class Renderer:
    """Makes closures for the blocks of one template."""

    __slots__ = ("_evaluator",)

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def body(self, nodes: Sequence[Node], scope: Scope) -> Write:
        """Return the function that writes the nodes one after the other."""
        writers = [_MAKERS[type(node)](self, node, scope) for node in nodes]

        def write(frame: Frame, out: Pieces) -> None:
            for writer in writers:
                writer(frame, out)

        return writers[0] if len(writers) == 1 else write

    def text(self, node: Text, scope: Scope) -> Write:
        text = node.text
        return lambda frame, out: out.append(text)

    def hole(self, node: Hole, scope: Scope) -> Write:
        value = node.value
        run = self._evaluator.compile(value, scope)

        def write(frame: Frame, out: Pieces) -> None:
            result = run(frame)
            if type(result) is str:
                out.append(result)
                return
            try:
                out.append(piece_of(frame, result))
            except Refused as refused:
                raise refused.at(value) from None

        return write

    def if_block(self, node: If, scope: Scope) -> Write:
        branches = [
            (self._evaluator.condition(test, scope), self.body(body, scope)) for test, body in node.branches
        ]
        otherwise = self.body(node.otherwise, scope)

        def write(frame: Frame, out: Pieces) -> None:
            for holds, body in branches:
                if holds(frame):
                    body(frame, out)
                    return
            otherwise(frame, out)

        return write

    def for_block(self, node: For, scope: Scope) -> Write:
        inner = Scope(scope)
        items = self._items(node, scope, inner)
        assign = self._target(node.target, inner)
        place = inner.bind("loop")
        body = self.body(node.body, inner)
        otherwise = self.body(node.otherwise, scope)
        own = inner.own
        cost = 1 + (node.end - node.offset) // 50  # a long body takes longer than a short one

        def write(frame: Frame, out: Pieces) -> None:
            elements = items(frame)
            cells = frame.cells
            loop = Loop(elements)
            for index, element in enumerate(elements):
                for own_place in own:
                    cells[own_place] = UNSET
                loop.index0 = index
                cells[place] = loop
                try:
                    frame.spend(cost)
                except Refused as refused:
                    raise refused.at(node) from None
                assign(frame, element)
                body(frame, out)
            if not elements:
                otherwise(frame, out)

        return write

    def set_block(self, node: Set, scope: Scope) -> Write:
        run = self._evaluator.compile(node.value, scope)
        assign = self._target(node.target, scope)

        def write(frame: Frame, out: Pieces) -> None:
            assign(frame, run(frame))

        return write

    def capture_block(self, node: SetBlock, scope: Scope) -> Write:
        inner = Scope(scope)
        place = inner.bind("")
        body = self.body(node.body, inner)
        run = self._evaluator.compile(node.value, inner)
        assign = self._target(node.target, scope)
        own = inner.own

        def write(frame: Frame, out: Pieces) -> None:
            pieces: Pieces = []
            for own_place in own:
                frame.cells[own_place] = UNSET
            body(frame, pieces)
            try:
                frame.cells[place] = join_pieces(frame, pieces)
            except Refused as refused:
                raise refused.at(node) from None
            assign(frame, run(frame))

        return write

    def _items(self, node: For, scope: Scope, inner: Scope) -> Callable[[Frame], Sequence[object]]:
        """Return the function that gives what a loop goes through, filtered by its `if`."""
        run = self._evaluator.compile(node.items, scope)

        def elements(frame: Frame) -> Sequence[object]:
            try:
                return elements_of(run(frame))
            except Refused as refused:
                raise refused.at(node.items) from None

        if node.test is None:
            return elements
        assign = self._target(node.target, inner)
        holds = self._evaluator.condition(node.test, inner)

        def chosen(frame: Frame) -> Sequence[object]:
            kept: list[object] = []
            for element in elements(frame):
                try:
                    frame.spend(2)
                except Refused as refused:
                    raise refused.at(node) from None
                assign(frame, element)
                if holds(frame):
                    kept.append(element)
            return kept

        return chosen

    def _target(self, target: Target, scope: Scope) -> Assign:
        """Return the function that binds a value to one name or to several."""
        if target.name:
            return _cell(scope.bind(target.name))
        parts = [self._target(part, scope) for part in target.targets]

        def unpack(frame: Frame, value: object) -> None:
            try:
                frame.spend(len(value) // 8 if isinstance(value, Mapping) else 0)
                elements = elements_of(value)
            except Refused as refused:
                raise refused.at(target) from None
            if len(elements) != len(parts):
                message = f"{len(parts)} names cannot be taken from {describe(value)} of {len(elements)}"
                raise failure(message, target)
            for assign, element in zip(parts, elements, strict=True):
                assign(frame, element)

        return unpack


def _cell(place: int) -> Assign:
    def assign(frame: Frame, value: object) -> None:
        frame.cells[place] = value

    return assign


_MAKERS: Mapping[type[Node], Callable[..., Write]] = {
    Text: Renderer.text, Hole: Renderer.hole, If: Renderer.if_block, For: Renderer.for_block,
    Set: Renderer.set_block, SetBlock: Renderer.capture_block,
}  # fmt: skip
