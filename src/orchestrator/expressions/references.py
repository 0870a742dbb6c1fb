"""Everything that a template may read from its free names, found without running it.

Local variables are resolved as far as they are certain: a name counts as free wherever it *may* not have been set.
A reference is guarded where a missing value is expected: under `default` and `is defined`, as a condition, and
wherever a condition on the same step or name must have held before.
"""

from collections.abc import Iterable, Sequence

from orchestrator.core.template import Reference
from orchestrator.expressions.tree import (
    Chain,
    Choice,
    Filter,
    For,
    Hole,
    If,
    Item,
    Logic,
    Node,
    Path,
    Set,
    SetBlock,
    Slice,
    Test,
    Unary,
)

_GUARDING_FILTERS = frozenset(("default", "d"))
_GUARDING_TESTS = frozenset(("defined", "undefined"))

Guards = frozenset[Path]
_NO_GUARDS: Guards = frozenset()


def references_of(nodes: Sequence[Node]) -> tuple[Reference, ...]:
    """Return the references, once per place, in the order of the text."""
    found = _Finder()
    found.body(nodes, set(), _NO_GUARDS)
    return tuple(sorted(found.references, key=lambda reference: reference.offset))


class _Finder:
    __slots__ = ("references",)

    def __init__(self) -> None:
        self.references: list[Reference] = []

    def body(self, nodes: Iterable[Node], bound: set[str], guards: Guards) -> None:
        """Go through nodes in order; `bound` grows with every variable that is certainly set."""
        for node in nodes:
            if isinstance(node, Hole):
                self.value(node.value, bound, guards)
            elif isinstance(node, If):
                self._if(node, bound, guards)
            elif isinstance(node, For):
                self._for(node, bound, guards)
            elif isinstance(node, Set):
                self.value(node.value, bound, guards)
                bound.update(node.target.names())
            elif isinstance(node, SetBlock):
                self.body(node.body, set(bound), guards)
                self.value(node.value, bound, guards)
                bound.update(node.target.names())

    def value(self, node: Node, bound: set[str], guards: Guards, *, expected: bool = False) -> None:
        """Go through an expression; `expected` says that a missing value does no harm here."""
        if isinstance(node, Chain):
            self._add(node, bound, guards, expected=expected)
        elif isinstance(node, Item):
            self._item(node, bound, guards, expected=expected)
        elif isinstance(node, Choice):
            self.value(node.test, bound, guards, expected=True)
            self.value(node.then, bound, guards | _truths(node.test), expected=expected)
            if node.otherwise:
                self.value(node.otherwise, bound, guards | _denials(node.test), expected=expected)
        elif isinstance(node, Logic):
            self.value(node.left, bound, guards, expected=True)
            known = _truths(node.left) if node.operator == "and" else _denials(node.left)
            self.value(node.right, bound, guards | known, expected=expected)
        elif isinstance(node, Unary) and node.operator == "not":
            self.value(node.operand, bound, guards, expected=True)
        else:
            expects = _expects(node)
            for part in node.parts():
                self.value(part, bound, guards, expected=expects and part is _target(node))

    def _add(
        self, node: Chain, bound: set[str], guards: Guards, *, expected: bool, dynamic: bool = False
    ) -> None:
        path = node.path
        if path[0] in bound:
            return
        guarded = expected or any(_covers(guard, path) for guard in guards)
        length = node.end - node.offset
        self.references.append(Reference(path, node.offset, length, guarded=guarded, dynamic=dynamic))

    def _item(self, node: Item, bound: set[str], guards: Guards, *, expected: bool) -> None:
        target = node.target
        self.value(node.key, bound, guards)
        if isinstance(target, Chain):
            self._add(target, bound, guards, expected=expected, dynamic=True)
        else:
            self.value(target, bound, guards, expected=expected)

    def _if(self, node: If, bound: set[str], guards: Guards) -> None:
        ways: list[set[str]] = []
        for test, body in node.branches:
            self.value(test, bound, guards, expected=True)
            way = set(bound)
            self.body(body, way, guards | _truths(test))
            ways.append(way)
            guards |= _denials(test)
        way = set(bound)
        self.body(node.otherwise, way, guards)
        for other in ways:
            way &= other
        bound |= way

    def _for(self, node: For, bound: set[str], guards: Guards) -> None:
        self.value(node.items, bound, guards)
        inner = bound | set(node.target.names())
        if node.test:
            self.value(node.test, inner, guards, expected=True)
            guards_inside = guards | _truths(node.test)
        else:
            guards_inside = guards
        self.body(node.body, inner | {"loop"}, guards_inside)
        self.body(node.otherwise, set(bound), guards)


def _target(node: Node) -> Node | None:
    return node.target if isinstance(node, (Filter, Test, Slice)) else None


def _expects(node: Node) -> bool:
    """Tell whether a missing value is what the filter or test is there for."""
    if isinstance(node, Filter):
        return node.name in _GUARDING_FILTERS
    return isinstance(node, Test) and node.name in _GUARDING_TESTS


def _truths(test: Node) -> Guards:
    """Return the paths that are certainly there when the test holds."""
    if isinstance(test, Chain):
        return frozenset((test.path,))
    if isinstance(test, Test) and test.name not in {"undefined"}:
        return _truths(test.target)
    if isinstance(test, Unary) and test.operator == "not":
        return _denials(test.operand)
    if isinstance(test, Logic):
        both = _truths(test.left), _truths(test.right)
        return both[0] | both[1] if test.operator == "and" else both[0] & both[1]
    return _NO_GUARDS


def _denials(test: Node) -> Guards:
    """Return the paths that are certainly there when the test does not hold."""
    if isinstance(test, Test) and test.name == "undefined":
        return _truths(test.target)
    if isinstance(test, Unary) and test.operator == "not":
        return _truths(test.operand)
    if isinstance(test, Logic):
        both = _denials(test.left), _denials(test.right)
        return both[0] | both[1] if test.operator == "or" else both[0] & both[1]
    return _NO_GUARDS


def _covers(guard: Path, path: Path) -> bool:
    """Tell whether the guard says something about the same step or input, or the same name."""
    depth = min(2, len(path))
    return guard[:depth] == path[:depth]
