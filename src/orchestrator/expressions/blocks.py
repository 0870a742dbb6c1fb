"""Text with `{{ }}`, `{% %}` and `{# #}` → its tree.

`{% raw %}`, comments and the whitespace marks `-` and `+` are as in Jinja2; a trailing newline is kept. A hole that
holds nothing but a dotted name, by far the most frequent one, is read by one pattern without tokens.
"""

import re
from collections.abc import Sequence

from orchestrator.core.suggestion import suggestion
from orchestrator.errors import TemplateError
from orchestrator.expressions.parser import CONSTANTS, KEYWORDS, MAX_DEPTH, Parser
from orchestrator.expressions.tree import Captured, Chain, For, Hole, If, Node, Set, SetBlock, Text

PLAIN_HOLE = re.compile(r"\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)[ \t]*\}\}")
"""A hole with a dotted name; `\\{\\{-` and every other form go through the lexer."""

_TAG = re.compile(r"\{[{%#]")
_COMMENT_END = re.compile(r"[-+]?#\}")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*(-?)%\}")
_RAW_END = re.compile(r"\{%([-+]?)\s*endraw\s*([-+]?)%\}")
_NAME = re.compile(r"[-+]?\s*([A-Za-z_]\w*)")
_BLOCKS = ("if", "elif", "else", "endif", "for", "endfor", "set", "endset", "raw", "endraw")
_DOCUMENT_BLOCKS = frozenset(
    (
        "macro",
        "include",
        "extends",
        "block",
        "import",
        "from",
        "call",
        "filter",
        "with",
        "autoescape",
        "do",
        "trans",
    )
)


def plain_chain(text: str, start: int, found: re.Match[str]) -> Chain | None:
    """Return the chain of a plain hole, None when its first word belongs to the language."""
    dotted = found[1]
    path = tuple(dotted.split("."))
    if path[0] in KEYWORDS or path[0] in CONSTANTS:
        return None
    begin = text.find(dotted, start + 2)
    return Chain(path, begin, begin + len(dotted))


class BlockParser:
    """A cursor over a template's text."""

    __slots__ = ("_depth", "_position", "_strip", "_text", "_word")

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._strip = False
        self._depth = 0
        self._word = ("", 0, 0)
        """The last tag that ended a body: its name, where it starts, where its expression starts."""

    def whole(self) -> list[Node]:
        """Parse the whole template."""
        return self._body(())

    def _body(self, ends: tuple[str, ...], opened: tuple[str, int] = ("", 0)) -> list[Node]:
        """Parse up to one of the closing tags, which is left in `_word`."""
        body: list[Node] = []
        text = self._text
        while True:
            found = _TAG.search(text, self._position)
            start = found.start() if found else len(text)
            self._add_text(body, start)
            if found is None:
                if ends:
                    name, offset = opened
                    raise TemplateError(
                        f"this `{name}` is never closed",
                        offset=offset,
                        length=2,
                        hint=f"add `{{% {ends[-1]} %}}` where it ends.",
                    )
                return body
            mark = text[start + 1]
            if mark == "{":
                body.append(self._hole(start))
            elif mark == "#":
                self._comment(start)
            elif raw := _RAW.match(text, start):
                self._raw(body, start, raw)
            elif node := self._block(start, ends):
                body.append(node)
            else:
                return body

    def _add_text(self, body: list[Node], end: int) -> None:
        piece = self._text[self._position : end]
        if self._strip:
            piece = piece.lstrip()
        if self._text[end + 2 : end + 3] == "-":
            piece = piece.rstrip()
        if piece:
            if "\r" in piece:
                piece = piece.replace("\r\n", "\n").replace("\r", "\n")
            body.append(Text(piece, self._position, end))
        self._position = end
        self._strip = False

    def _hole(self, start: int) -> Node:
        plain = PLAIN_HOLE.match(self._text, start)
        chain = plain_chain(self._text, start, plain) if plain else None
        if plain and chain:
            self._position = plain.end()
            return Hole(chain, start, self._position)
        parser = self._parser(start + 2, start, "}}")
        value = parser.whole()
        self._after(parser)
        return Hole(value, start, self._position)

    def _parser(self, inside: int, start: int, close: str) -> Parser:
        if self._text[inside : inside + 1] in {"-", "+"}:
            inside += 1
        return Parser(self._text, inside, close=close, opened=start)

    def _after(self, parser: Parser) -> None:
        """Continue behind a tag."""
        _, mark, _, self._position = parser.closing
        self._strip = mark[0] == "-"

    def _comment(self, start: int) -> None:
        inside = start + 2
        if self._text[inside : inside + 1] in {"-", "+"}:
            inside += 1
        end = _COMMENT_END.search(self._text, inside)
        if end is None:
            raise TemplateError(
                "this comment is never closed", offset=start, length=2, hint="add `#}` where it ends."
            )
        self._position = end.end()
        self._strip = end[0][0] == "-"

    def _raw(self, body: list[Node], start: int, raw: re.Match[str]) -> None:
        end = _RAW_END.search(self._text, raw.end())
        if end is None:
            raise TemplateError(
                "this `raw` is never closed", offset=start, length=2, hint="add `{% endraw %}` where it ends."
            )
        self._position = raw.end()
        self._strip = raw[1] == "-"
        self._add_text(body, end.start())
        self._position = end.end()
        self._strip = end[2] == "-"

    def _block(self, start: int, ends: tuple[str, ...]) -> Node | None:
        """Parse one block; None when it is a closing tag that the caller waits for."""
        found = _NAME.match(self._text, start + 2)
        name = found[1] if found else ""
        inside = found.end() if found else start + 2
        self._word = (name, start, inside)
        if name in ends:
            return None
        if name not in {"if", "for", "set"}:
            raise self._odd_block(name, start, found.start(1) if found else start, ends)
        self._depth += 1
        if self._depth > MAX_DEPTH // 2:
            raise TemplateError("these blocks nest too deeply", offset=start, length=2)
        parsers = {"if": self._if, "for": self._for, "set": self._set}
        node = parsers[name](start, inside)
        self._depth -= 1
        return node

    def _odd_block(self, name: str, start: int, offset: int, ends: tuple[str, ...]) -> TemplateError:
        length = max(1, len(name))
        if name in _DOCUMENT_BLOCKS:
            hint = "documents with `include`, `macro` or `extends` are made by the action `text.template`."
            return TemplateError(
                f"`{name}` is not a block of this language", offset=offset, length=length, hint=hint
            )
        if name in _BLOCKS:
            hint = f"`{ends[-1]}` is expected first." if ends else "nothing is open that it could belong to."
            return TemplateError(f"unexpected `{name}`", offset=offset, length=length, hint=hint)
        if not name:
            return TemplateError("the name of a block is expected", offset=start, length=2)
        hint = suggestion(name, _BLOCKS, kind="there are")
        return TemplateError(f"there is no block `{name}`", offset=offset, length=length, hint=hint)

    def _close(self) -> None:
        """Read the rest of a closing tag such as `endif`, which takes nothing."""
        _, start, inside = self._word
        parser = Parser(self._text, inside, close="%}", opened=start)
        parser.accept(":")
        parser.finish()
        self._after(parser)

    def _open(self, parser: Parser) -> None:
        """Continue behind an opening tag."""
        parser.accept(":")
        parser.finish()
        self._after(parser)

    def _if(self, start: int, inside: int) -> Node:
        branches: list[tuple[Node, Sequence[Node]]] = []
        while True:
            parser = Parser(self._text, inside, close="%}", opened=start)
            test = parser.bounded(parser.listing(choices=False))
            self._open(parser)
            branches.append((test, self._body(("elif", "else", "endif"), ("if", start))))
            if self._word[0] != "elif":
                break
            inside = self._word[2]
        otherwise = self._otherwise("endif", ("if", start))
        return If(branches, otherwise, start, self._position)

    def _otherwise(self, end: str, opened: tuple[str, int]) -> list[Node]:
        """Parse the `else` part if there is one, and the closing tag."""
        is_else = self._word[0] == "else"
        self._close()
        if not is_else:
            return []
        body = self._body((end,), opened)
        self._close()
        return body

    def _for(self, start: int, inside: int) -> Node:
        parser = Parser(self._text, inside, close="%}", opened=start)
        target = parser.target()
        if "loop" in target.names():
            raise TemplateError(
                "`loop` belongs to the language", offset=target.offset, length=4, hint="take another name."
            )
        parser.expect("in", hint="a loop is written `{% for item in items %}`.")
        items = parser.bounded(parser.listing(choices=False, stop="if"))
        test = parser.bounded(parser.choice()) if parser.accept("if") else None
        if parser.token[1] == "recursive":
            raise parser.unexpected("the end", hint="recursive loops are not part of the language.")
        self._open(parser)
        body = self._body(("else", "endfor"), ("for", start))
        otherwise = self._otherwise("endfor", ("for", start))
        return For((target, items, test), body, otherwise, start, self._position)

    def _set(self, start: int, inside: int) -> Node:
        parser = Parser(self._text, inside, close="%}", opened=start)
        target = parser.target()
        if parser.accept("="):
            value = parser.whole()
            self._after(parser)
            return Set(target, value, start, self._position)
        value = parser.bounded(parser.filters(Captured(target.offset, target.end)))
        self._open(parser)
        body = self._body(("endset",), ("set", start))
        self._close()
        return SetBlock(target, value, body, start, self._position)
