"""Tokens → the tree of one expression: a Pratt parser with Jinja2's precedences.

Loosest first: `if else`, `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`, `**` (left to right, as in Jinja2),
signs, then filters, tests, keys and calls. A sign binds closer than a filter: `-x | abs` is `(-x) | abs`.
"""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Sequence

from orchestrator.errors import TemplateError
from orchestrator.expressions.catalogue import check_filter, check_function, check_method, check_test
from orchestrator.expressions.cursor import Cursor
from orchestrator.expressions.lexer import Token
from orchestrator.expressions.literals import number_value, text_value
from orchestrator.expressions.tree import (
    Arguments,
    Binary,
    Call,
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
    Target,
    Test,
    Unary,
    depth_of,
)

MAX_DEPTH = 100
"""How deep brackets, signs and long operator chains may nest."""

CONSTANTS: dict[str, object] = {
    "true": True, "True": True, "false": False, "False": False, "none": None, "None": None,
}  # fmt: skip
KEYWORDS = frozenset(("and", "or", "not", "in", "is", "if", "else", "elif", "for"))
_WORDS = KEYWORDS | CONSTANTS.keys()

_OR, _AND, _NOT, _COMPARE, _SUM, _CONCAT, _PRODUCT, _POWER = range(1, 9)
_RANKS = {
    "or": _OR, "and": _AND, "not": _COMPARE, "in": _COMPARE,
    "==": _COMPARE, "!=": _COMPARE, "<": _COMPARE, "<=": _COMPARE, ">": _COMPARE, ">=": _COMPARE,
    "+": _SUM, "-": _SUM, "~": _CONCAT, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT, "**": _POWER,
}  # fmt: skip
_SIGNS = frozenset("+-")
_KEYS = frozenset((".", "[", "("))
_APPLIES = frozenset(("|", "is", "("))
_NO_ARGUMENTS = Arguments()
_ENDS_A_TEST = frozenset(("else", "or", "and", "if", "in", "not", "is"))


class Parser(Cursor):
    """Reads one expression after the other from the tokens of one tag."""

    __slots__ = ("_depth",)

    def __init__(self, text: str, start: int, *, close: str, opened: int = 0) -> None:
        super().__init__(text, start, close=close, opened=opened)
        self._depth = 0

    def whole(self) -> Node:
        """Parse the expression of a hole, up to the closing mark."""
        node = self.listing()
        self.finish()
        return self.bounded(node)

    def bounded(self, node: Node) -> Node:
        """Return the node; long chains of operators or filters make trees too deep to walk."""
        if len(self.tokens) > MAX_DEPTH and depth_of((node,)) > 2 * MAX_DEPTH:
            raise TemplateError(
                "this expression nests too deeply", offset=node.offset, hint="part it with `{% set %}`."
            )
        return node

    def listing(self, *, choices: bool = True, stop: str = "") -> Node:
        """Parse an expression, or a tuple when commas part several."""
        first = self.choice() if choices else self.operation(0)
        if self.token[1] != "," or self.token[0] != "op":
            return first
        items = [first]
        while self.accept(","):
            if self._ends_listing(stop):
                break
            items.append(self.choice() if choices else self.operation(0))
        return Items(items, first.offset, self.before(), is_tuple=True)

    def choice(self) -> Node:
        """Parse an expression with an inline `if`."""
        node = self.operation(0)
        while self.token[1] == "if":
            self._deeper()
            self.advance()
            test = self.operation(0)
            node = Choice(test, node, self.choice() if self.accept("else") else None)
            self._depth -= 1
        return node

    def operation(self, rank: int) -> Node:
        """Parse operators that bind closer than `rank`."""
        self._deeper()
        node = self._negation() if self.token[1] == "not" and rank <= _NOT else self._signed()
        while (found := _RANKS.get(self.token[1], 0)) > rank:
            operator = self.token[1]
            if found == _COMPARE:
                if operator == "not" and self.tokens[self.index + 1][1] != "in":
                    break
                node = self._comparison(node)
            elif found == _CONCAT:
                node = self._concatenation(node)
            else:
                self.advance()
                right = self.operation(found)
                node = Logic(operator, node, right) if found <= _AND else Binary(operator, node, right)
        self._depth -= 1
        return node

    def target(self) -> Target:
        """Parse what `for` or `set` binds."""
        start = self.token[2]
        targets = [self._single_target()]
        if self.token[1] != ",":
            return targets[0]
        while self.accept(","):
            if self.token[1] in {"in", "=", ")"}:
                break
            targets.append(self._single_target())
        return Target("", targets, start, self.before())

    def filters(self, node: Node) -> Node:
        """Parse the filters behind a value."""
        while self.token[1] == "|":
            node = self._filter(node)
        return node

    def _ends_listing(self, stop: str) -> bool:
        kind, text, _, _ = self.token
        return kind == "end" or text == ")" or (stop != "" and text == stop)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TemplateError(
                "this expression nests too deeply", offset=self.token[2], hint="part it with `{% set %}`."
            )

    def _negation(self) -> Node:
        start = self.advance()[2]
        return Unary("not", self.operation(_NOT), start)

    def _comparison(self, first: Node) -> Node:
        rest: list[tuple[str, Node]] = []
        while _RANKS.get(self.token[1]) == _COMPARE:
            operator = self.token[1]
            if operator == "not":
                if self.tokens[self.index + 1][1] != "in":
                    break
                self.advance()
                operator = "not in"
            self.advance()
            rest.append((operator, self.operation(_COMPARE)))
        return Compare(first, rest)

    def _concatenation(self, first: Node) -> Node:
        items = [first]
        while self.accept("~"):
            items.append(self.operation(_CONCAT))
        return Concat(items)

    def _signed(self) -> Node:
        if self.token[1] not in _SIGNS:
            node = self._primary()
            if self.token[1] in _KEYS:
                node = self._keyed(node)
        else:
            node = self._with_signs()
        return self._applied(node) if self.token[1] in _APPLIES else node

    def _with_signs(self) -> Node:
        signs: list[Token] = []
        while self.token[1] in _SIGNS:
            signs.append(self.advance())
        node = self._keyed(self._primary())
        for _, sign, start, _ in reversed(signs):
            node = _negative(node, start) if sign == "-" else Unary(sign, node, start)
        return node

    def _primary(self) -> Node:
        kind, text, start, end = self.token
        if kind == "name":
            if text in _WORDS:
                return self._word(text, start, end)
            self.index += 1
            self.token = self.tokens[self.index]
            return Chain((text,), start, end)
        if kind == "string":
            return self._text()
        if kind == "int":
            self.advance()
            return Const(number_value(text, start), start, end)
        if kind == "float":
            self.advance()
            return Const(float(text.replace("_", "")), start, end)
        if text == "(":
            return self._parentheses()
        if text == "[":
            return self._list()
        if text == "{":
            return self._mapping()
        raise self.unexpected("a value")

    def _word(self, text: str, start: int, end: int) -> Node:
        if text not in CONSTANTS:
            raise self.unexpected("a value", hint=f"`{text}` is a word of the language.")
        self.advance()
        return Const(CONSTANTS[text], start, end)

    def _text(self) -> Node:
        _, text, start, end = self.advance()
        value = text_value(text, start)
        while self.token[0] == "string":
            _, text, begin, end = self.advance()
            value += text_value(text, begin)
        return Const(value, start, end)

    def _parentheses(self) -> Node:
        start = self.advance()[2]
        if self.token[1] == ")":
            return Items((), start, self.advance()[3], is_tuple=True)
        node = self.listing()
        end = self.expect(")")[3]
        if not isinstance(node, Chain):  # a chain's text is its path and nothing else
            node.offset, node.end = start, end
        return node

    def _list(self) -> Node:
        start = self.advance()[2]
        items = self._sequence("]")
        return Items(items, start, self.before(), is_tuple=False)

    def _sequence(self, close: str) -> list[Node]:
        items: list[Node] = []
        while self.token[1] != close:
            if items:
                self.expect(",")
                if self.token[1] == close:
                    break
            items.append(self.choice())
        self.advance()
        return items

    def _mapping(self) -> Node:
        start = self.advance()[2]
        pairs: list[tuple[Node, Node]] = []
        while self.token[1] != "}":
            if pairs:
                self.expect(",")
                if self.token[1] == "}":
                    break
            key = self.choice()
            self.expect(":", hint="a mapping is written `{'key': value}`.")
            pairs.append((key, self.choice()))
        self.advance()
        return Pairs(pairs, start, self.before())

    def _keyed(self, node: Node) -> Node:
        while True:
            text = self.token[1]
            if text == ".":
                node = self._dotted(node)
            elif text == "[":
                node = self._bracketed(node)
            elif text == "(":
                node = self._call(node)
            else:
                return node

    def _dotted(self, node: Node) -> Node:
        before = self.tokens[self.index - 1][3]
        self.advance()
        kind, text, start, end = self.token
        if kind == "int":
            self.advance()
            return _key(node, number_value(text, start), end, before)
        if kind != "name":
            raise self.unexpected("a name")
        self.advance()
        if self.token[1] != "(":
            return _key(node, text, end, before)
        check_method(text, start)
        arguments = self._arguments()
        return Call(node, text, arguments, node.offset, self.before())

    def _bracketed(self, node: Node) -> Node:
        before = self.before()
        start = self.advance()[2]
        keys: list[Node | tuple[Node | None, Node | None, Node | None]] = []
        while self.token[1] != "]":
            if keys:
                self.expect(",")
            keys.append(self._subscript())
        end = self.advance()[3]
        if len(keys) == 1:
            key = keys[0]
            if isinstance(key, tuple):
                return Slice(node, key, end)
            value = key.value if isinstance(key, Const) else None
            if isinstance(value, (str, int)) and not isinstance(value, bool):
                return _key(node, value, end, before)
            return Item(node, key, end)
        plain = [key for key in keys if isinstance(key, Node)]
        if len(plain) < len(keys) or not keys:
            raise TemplateError("one key or one slice is expected", offset=start, length=end - start)
        return Item(node, Items(plain, start, end, is_tuple=True), end)

    def _subscript(self) -> Node | tuple[Node | None, Node | None, Node | None]:
        bounds: list[Node | None] = [None, None, None]
        if self.token[1] != ":":
            bounds[0] = self.choice()
            if self.token[1] != ":":
                return bounds[0]
        for place in (1, 2):
            if self.accept(":") and self.token[1] not in {":", "]", ","}:
                bounds[place] = self.choice()
        return (bounds[0], bounds[1], bounds[2])

    def _call(self, node: Node) -> Node:
        if not isinstance(node, Chain) or len(node.path) != 1:
            raise TemplateError(
                "a value cannot be called",
                offset=self.token[2],
                hint="call a method with its name, as in `.items()`, or a function such as `range(3)`.",
            )
        name = str(node.path[0])
        check_function(name, node.offset)
        return Call(None, name, self._arguments(), node.offset, self.before())

    def _applied(self, node: Node) -> Node:
        while True:
            kind, text, _, _ = self.token
            if text == "|":
                node = self._filter(node)
            elif text == "is" and kind == "name":
                node = self._test(node)
            elif text == "(":
                return self._call(node)
            else:
                return node

    def _filter(self, node: Node) -> Node:
        self.advance()
        _, name, start, end = self.expect_name("the name of a filter")
        arguments = self._arguments() if self.token[1] == "(" else _NO_ARGUMENTS
        check_filter(name, arguments, start)
        return Filter(node, name, arguments, start, max(end, self.before()))

    def _test(self, node: Node) -> Node:
        self.advance()
        negated = self.accept("not")
        _, name, start, _ = self.expect_name("the name of a test")
        arguments = self._test_arguments()
        check_test(name, arguments, start)
        test = Test(node, name, arguments, start, self.before())
        return Unary("not", test, node.offset) if negated else test

    def _test_arguments(self) -> Arguments:
        kind, text, start, end = self.token
        if text == "(":
            return self._arguments()
        if kind == "name" and text in _ENDS_A_TEST:
            if text == "is":
                raise TemplateError(
                    "tests cannot be chained", offset=start, length=end - start, hint="join them with `and`."
                )
            return _NO_ARGUMENTS
        if kind in {"name", "string", "int", "float"} or text in {"[", "{"}:
            return Arguments((self._keyed(self._primary()),))
        return _NO_ARGUMENTS

    def _arguments(self) -> Arguments:
        self.expect("(")
        positional: list[Node] = []
        named: list[tuple[str, Node]] = []
        while self.token[1] != ")":
            if positional or named:
                self.expect(",")
                if self.token[1] == ")":
                    break
            if self.token[1] in {"*", "**"}:
                raise self.unexpected(
                    "an argument", hint="arguments cannot be unpacked here; write them one by one."
                )
            if self.token[0] == "name" and self.tokens[self.index + 1][1] == "=":
                named.append(self._named_argument(named))
            elif named:
                raise self.unexpected("a named argument", hint="arguments without a name come first.")
            else:
                positional.append(self.choice())
        self.advance()
        return Arguments(positional, named)

    def _named_argument(self, named: Sequence[tuple[str, Node]]) -> tuple[str, Node]:
        _, name, start, _ = self.advance()
        if any(name == other for other, _ in named):
            raise TemplateError(f"`{name}` is given twice", offset=start, length=len(name))
        self.advance()
        return name, self.choice()

    def _single_target(self) -> Target:
        if self.accept("("):
            target = self.target()
            self.expect(")")
            return target
        _, name, start, end = self.expect_name("a name")
        if name in CONSTANTS or name in KEYWORDS:
            raise TemplateError(f"`{name}` cannot be set", offset=start, length=end - start)
        if self.token[1] == ".":
            raise self.unexpected("`=`", hint="data cannot be changed; set a name of its own.")
        return Target(name, (), start, end)


def _key(node: Node, key: str | int, end: int, before: int) -> Node:
    """Return the chain made longer by a literal key; an `Item` of anything else, brackets around a chain included."""
    if isinstance(node, Chain) and node.end == before and len(node.path) < MAX_DEPTH:
        node.path = (*node.path, key)
        node.end = end
        return node
    return Item(node, Const(key, end, end), end)


def _negative(node: Node, start: int) -> Node:
    """Return the negated node; a literal becomes a literal, so that `x[-1]` is a chain."""
    if isinstance(node, Const) and type(node.value) in {int, float}:
        return Const(-node.value, start, node.end)  # pyright: ignore[reportOperatorIssue] - a number, as just asked
    return Unary("-", node, start)
