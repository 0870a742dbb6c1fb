"""The syntax tree of a template: what the parser makes and everyone else reads.

Plain slotted classes, because a file of a thousand steps makes thousands of them and start-up pays for no decorator.
`offset` and `end` count characters of the template's text.
"""

from collections.abc import Iterable, Sequence

Path = tuple[str | int, ...]


class Node:
    """A stretch of a template."""

    __slots__ = ("end", "offset")

    def __init__(self, offset: int, end: int) -> None:
        self.offset = offset
        self.end = end

    def parts(self) -> "Iterable[Node]":
        """Return the nodes right below this one."""
        return ()


class Const(Node):
    """A literal."""

    __slots__ = ("value",)

    def __init__(self, value: object, offset: int, end: int) -> None:
        self.value = value
        self.offset = offset
        self.end = end


class Chain(Node):
    """A name and the literal keys behind it: `steps.files[0]`."""

    __slots__ = ("path",)

    def __init__(self, path: Path, offset: int, end: int) -> None:
        self.path = path
        self.offset = offset
        self.end = end


class Item(Node):
    """A key of something that is no chain, or a computed key."""

    __slots__ = ("key", "target")

    def __init__(self, target: Node, key: Node, end: int) -> None:
        self.target = target
        self.key = key
        self.offset = target.offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.target, self.key)


class Slice(Node):
    """`target[start:stop:step]`."""

    __slots__ = ("bounds", "target")

    def __init__(
        self, target: Node, bounds: "tuple[Node | None, Node | None, Node | None]", end: int
    ) -> None:
        self.target = target
        self.bounds = bounds
        self.offset = target.offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.target, *(bound for bound in self.bounds if bound is not None))


class Arguments:
    """What stands between the parentheses of a call, filter or test."""

    __slots__ = ("named", "positional")

    def __init__(self, positional: Sequence[Node] = (), named: Sequence[tuple[str, Node]] = ()) -> None:
        self.positional = positional
        self.named = named

    def nodes(self) -> Iterable[Node]:
        return (*self.positional, *(node for _, node in self.named))


class Call(Node):
    """A method of a value, or one of the language's own functions when `target` is None."""

    __slots__ = ("arguments", "name", "target")

    def __init__(self, target: Node | None, name: str, arguments: Arguments, offset: int, end: int) -> None:
        self.target = target
        self.name = name
        self.arguments = arguments
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (*((self.target,) if self.target else ()), *self.arguments.nodes())


class Filter(Node):
    """`target | name(arguments)`."""

    __slots__ = ("arguments", "name", "name_offset", "target")

    def __init__(self, target: Node, name: str, arguments: Arguments, name_offset: int, end: int) -> None:
        self.target = target
        self.name = name
        self.arguments = arguments
        self.name_offset = name_offset
        self.offset = target.offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.target, *self.arguments.nodes())


class Test(Node):
    """`target is name(arguments)`; `is not` is a `Unary` around it."""

    __slots__ = ("arguments", "name", "name_offset", "target")
    __test__ = False  # no test case, whatever pytest thinks of the name

    def __init__(self, target: Node, name: str, arguments: Arguments, name_offset: int, end: int) -> None:
        self.target = target
        self.name = name
        self.arguments = arguments
        self.name_offset = name_offset
        self.offset = target.offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.target, *self.arguments.nodes())


class Unary(Node):
    """`-x`, `+x` or `not x`."""

    __slots__ = ("operand", "operator")

    def __init__(self, operator: str, operand: Node, offset: int) -> None:
        self.operator = operator
        self.operand = operand
        self.offset = offset
        self.end = operand.end

    def parts(self) -> Iterable[Node]:
        return (self.operand,)


class Binary(Node):
    """Two operands of `+ - * / // % **`."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Node, right: Node) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.offset = left.offset
        self.end = right.end

    def parts(self) -> Iterable[Node]:
        return (self.left, self.right)


class Logic(Node):
    """`and` or `or`; gives one of its operands."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Node, right: Node) -> None:
        self.operator = operator
        self.left = left
        self.right = right
        self.offset = left.offset
        self.end = right.end

    def parts(self) -> Iterable[Node]:
        return (self.left, self.right)


class Compare(Node):
    """A chain of comparisons: `1 < x <= 9`, `x not in y`."""

    __slots__ = ("first", "rest")

    def __init__(self, first: Node, rest: Sequence[tuple[str, Node]]) -> None:
        self.first = first
        self.rest = rest
        self.offset = first.offset
        self.end = rest[-1][1].end

    def parts(self) -> Iterable[Node]:
        return (self.first, *(node for _, node in self.rest))


class Concat(Node):
    """Texts joined with `~`."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[Node]) -> None:
        self.items = items
        self.offset = items[0].offset
        self.end = items[-1].end

    def parts(self) -> Iterable[Node]:
        return self.items


class Choice(Node):
    """`then if test else otherwise`."""

    __slots__ = ("otherwise", "test", "then")

    def __init__(self, test: Node, then: Node, otherwise: Node | None) -> None:
        self.test = test
        self.then = then
        self.otherwise = otherwise
        self.offset = then.offset
        self.end = (otherwise or test).end

    def parts(self) -> Iterable[Node]:
        return (self.test, self.then, *((self.otherwise,) if self.otherwise else ()))


class Items(Node):
    """A list or a tuple."""

    __slots__ = ("is_tuple", "items")

    def __init__(self, items: Sequence[Node], offset: int, end: int, *, is_tuple: bool) -> None:
        self.items = items
        self.is_tuple = is_tuple
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return self.items


class Pairs(Node):
    """A mapping."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Sequence[tuple[Node, Node]], offset: int, end: int) -> None:
        self.pairs = pairs
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (node for pair in self.pairs for node in pair)


class Text(Node):
    """Text outside all tags."""

    __slots__ = ("text",)

    def __init__(self, text: str, offset: int, end: int) -> None:
        self.text = text
        self.offset = offset
        self.end = end


class Hole(Node):
    """`{{ value }}`."""

    __slots__ = ("value",)

    def __init__(self, value: Node, offset: int, end: int) -> None:
        self.value = value
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.value,)


class If(Node):
    """`{% if %}` with its `elif` branches and `else`."""

    __slots__ = ("branches", "otherwise")

    def __init__(
        self,
        branches: Sequence[tuple[Node, Sequence[Node]]],
        otherwise: Sequence[Node],
        offset: int,
        end: int,
    ) -> None:
        self.branches = branches
        self.otherwise = otherwise
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (*(node for test, body in self.branches for node in (test, *body)), *self.otherwise)


class Target(Node):
    """What a `for` or `set` binds: one name, or several in any nesting."""

    __slots__ = ("name", "targets")

    def __init__(self, name: str, targets: "Sequence[Target]", offset: int, end: int) -> None:
        self.name = name
        """Empty when `targets` are unpacked."""
        self.targets = targets
        self.offset = offset
        self.end = end

    def names(self) -> "list[str]":
        """Return every name that is bound, in order."""
        return [self.name] if self.name else [name for target in self.targets for name in target.names()]


class For(Node):
    """`{% for target in items if test %} body {% else %} otherwise {% endfor %}`."""

    __slots__ = ("body", "items", "otherwise", "target", "test")

    def __init__(
        self,
        head: tuple[Target, Node, Node | None],
        body: Sequence[Node],
        otherwise: Sequence[Node],
        offset: int,
        end: int,
    ) -> None:
        self.target, self.items, self.test = head
        self.body = body
        self.otherwise = otherwise
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.items, *((self.test,) if self.test else ()), *self.body, *self.otherwise)


class Set(Node):
    """`{% set target = value %}`."""

    __slots__ = ("target", "value")

    def __init__(self, target: Target, value: Node, offset: int, end: int) -> None:
        self.target = target
        self.value = value
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.value,)


class SetBlock(Node):
    """`{% set target | filters %} body {% endset %}`; the filters stand around a `Captured`."""

    __slots__ = ("body", "target", "value")

    def __init__(self, target: Target, value: Node, body: Sequence[Node], offset: int, end: int) -> None:
        self.target = target
        self.value = value
        self.body = body
        self.offset = offset
        self.end = end

    def parts(self) -> Iterable[Node]:
        return (self.value, *self.body)


class Captured(Node):
    """The text of the block that is being set."""

    __slots__ = ()


def dotted(path: Path) -> str:
    """Return a path as a template writes it: `steps.files[0]`."""
    first, *rest = path
    return str(first) + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in rest)


def place_of(name: str, node: Node) -> Node:
    """Return the chain below the node that reads a name, or the node itself."""
    waiting = [node]
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, Chain) and dotted(part.path).startswith(name):
            return part
        waiting += part.parts()
    return node


def depth_of(nodes: Iterable[Node]) -> int:
    """Return how deep the tree is, without recursion, so that no text can exhaust the stack."""
    depth = 0
    level = list(nodes)
    while level:
        depth += 1
        level = [part for node in level for part in node.parts()]
    return depth
