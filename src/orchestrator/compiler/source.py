"""Text → YAML nodes with positions, and → plain data; what is no honest document is refused with its line.

Refused: duplicate keys, tags, several documents, aliases that grow out of proportion, more than `MAX_DEPTH` levels, more
than `MAX_CHARACTERS`. Scalars follow the YAML 1.2 core schema. Nodes come from PyYAML's C parser where it was built, else
from the pure one; both are asked through the same three hooks, of which `resolve` leaves in a node's tag None for text,
and a tuple with the value for anything else (an explicit tag stays a string, and is refused).
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Protocol, cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from orchestrator.compiler.auto_source import hide_questions, show_questions
from orchestrator.compiler.scalars import core_scalar
from orchestrator.compiler.text import Text
from orchestrator.core.misfit import shown
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import CompileError, Problem

MAX_CHARACTERS = 5_000_000
MAX_DEPTH = 100
MAX_ALIASED = 100_000
"""Nodes that aliases may stand for in all."""

_STARTS_TEXT = frozenset("abcdeghijklmopqrsuvwxyzABCDEGHIJKLMOPQRSUVWXYZ_/*{")
"""What no null, boolean or number starts with, of the usual first characters."""

if TYPE_CHECKING:
    from yaml.error import Mark


def compose(text: Text) -> Node:
    """Return the root node of the only document in the text; raises `CompileError` with its first fault."""
    if len(text.content) > MAX_CHARACTERS:
        raise CompileError([_too_large(text)])
    open_values = "<AUTO" in text.content
    try:
        node = _loader(hide_questions(text.content) if open_values else text.content).get_single_node()
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        from orchestrator.compiler.yaml_errors import syntax_problem

        raise CompileError([syntax_problem(error, text)]) from None
    except Refusal as refusal:
        raise CompileError([refusal.problem(text)]) from None
    if node is None:
        hint = "write at least `name:` and `steps:`."
        raise CompileError([Problem("the file is empty", text.location(0, 1), hint=hint)])
    if open_values:
        show_questions(node)
    return node


def plain_data(node: Node, text: Text) -> object:
    """Return what the node says as dicts, lists and scalars; raises `CompileError` for duplicate keys and the like."""
    return read_data(node, text)[0]


def read_data(node: Node, text: Text) -> tuple[object, bool]:
    """Return what `plain_data` returns, and whether all keys of mappings are texts."""
    reading = _Reading(aliases="&" in text.content)
    try:
        return reading.value(node), reading.only_text_keys
    except Refusal as refusal:
        raise CompileError([refusal.problem(text)]) from None


class Refusal(Exception):  # noqa: N818 (it never leaves this package)
    """A node that is not taken."""

    def __init__(self, message: str, mark: "Mark", *, length: int = 1, hint: str = "") -> None:
        self.message = message
        self.mark = mark
        self.length = length
        self.hint = hint
        super().__init__(message)

    def problem(self, text: Text) -> Problem:
        """Return it with its place in the text."""
        return Problem(self.message, text.location(self.mark.index, self.length), hint=self.hint)


class _Hooks:
    """What both parsers ask for each node."""

    depth = 0

    def resolve(self, kind: object, value: str | None, implicit: Sequence[bool]) -> object:  # noqa: ARG002
        """Return None for text and collections, a tuple with the value for other plain scalars."""
        if value is None or not implicit[0] or (value and value[0] in _STARTS_TEXT):
            return None
        try:
            scalar = core_scalar(value)
        except ValueError as error:
            return (error,)
        return None if scalar is value else (scalar,)

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        """Count the levels on the way down."""
        self.depth += 1
        if self.depth > MAX_DEPTH and parent is not None:
            message = f"the document is nested more than {MAX_DEPTH} levels deep"
            raise Refusal(
                message, parent.start_mark, hint="flatten it, or move parts to a file of their own."
            )

    def ascend_resolver(self) -> None:
        """Count the levels on the way up."""
        self.depth -= 1


class _Loader(Protocol):
    def get_single_node(self) -> Node | None:
        """Return the root of the only document."""
        ...


def _loader(content: str) -> _Loader:
    try:
        return _c_loader(content)
    except ImportError:
        return pure_loader(content)


def _c_loader(content: str) -> _Loader:
    from yaml.cyaml import CParser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

    class Loader(_Hooks, CParser):  # pyright: ignore[reportUntypedBaseClass] (it has no stubs)
        def __init__(self) -> None:
            CParser.__init__(self, content)  # pyright: ignore[reportUnknownMemberType]

    return Loader()


def pure_loader(content: str) -> _Loader:
    """Return the parser that needs no C extension."""
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class Loader(Reader, Scanner, Parser, Composer, _Hooks):
        def __init__(self) -> None:
            content.encode()  # lone surrogates are refused as the C parser does
            Reader.__init__(self, content)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)

        resolve = _Hooks.resolve
        descend_resolver = _Hooks.descend_resolver
        ascend_resolver = _Hooks.ascend_resolver

    return Loader()


class _Reading:
    """One walk from nodes to plain data; aliases share what they stand for."""

    __slots__ = ("_aliased", "_aliases", "_open", "_size", "_sizes", "_values", "only_text_keys", "value")

    def __init__(self, *, aliases: bool) -> None:
        self._aliases = aliases
        self.value: Callable[[Node], object] = self._aliasable if aliases else self._fresh
        self._values: dict[Node, object] = {}
        self._sizes: dict[Node, int] = {}
        self._open: set[Node] = set()
        self._size = 0
        self._aliased = 0
        self.only_text_keys = True

    def _fresh(self, node: Node) -> object:
        if type(node) is ScalarNode:
            tag: object = node.tag
            return node.value if tag is None else _tagged(node, tag)  # pyright: ignore[reportUnnecessaryComparison]
        return self._mapping(node) if type(node) is MappingNode else self._sequence(node)

    def _sequence(self, node: Node) -> list[object]:
        _refuse_tag(node)
        value = self.value
        return [value(item) for item in node.value]

    def _mapping(self, node: Node) -> dict[object, object]:
        _refuse_tag(node)
        value = self.value
        plain = not self._aliases
        result: dict[object, object] = {}
        pairs: list[tuple[Node, Node]] = node.value
        for key_node, value_node in pairs:
            key: Hashable = key_node.value
            if key_node.tag is not None or type(key) is not str:  # pyright: ignore[reportUnnecessaryComparison]
                key = self._key(key_node)
                self.only_text_keys = False
            if plain and type(value_node) is ScalarNode and value_node.tag is None:  # pyright: ignore[reportUnnecessaryComparison]
                result[key] = value_node.value
            else:
                result[key] = value(value_node)
        if len(result) != len(pairs):
            raise _duplicate(pairs)
        return self._merged(node, result) if "<<" in result else result

    def _key(self, node: Node) -> Hashable:
        if type(node) is not ScalarNode:
            raise _odd_key(node)
        return cast("Hashable", self.value(node))

    def _merged(self, node: Node, own: dict[object, object]) -> dict[object, object]:
        """Return the mapping with what `<<` brings; its own keys win, then the earlier of several mappings."""
        at = next((value for key, value in node.value if is_merge(key)), None)
        if at is None:
            return own
        brought = own.pop("<<")
        for mapping in brought if is_list(brought) else [brought]:
            if not is_mapping(mapping):
                message = f"`<<` takes a mapping or a list of mappings, not {shown(mapping)}"
                raise Refusal(message, at.start_mark, hint="name an anchor: `<<: *name`.")
            for key, value in mapping.items():
                own.setdefault(key, value)
        return own

    def _aliasable(self, node: Node) -> object:
        """Return the value of a node that may have been met before; count what aliases multiply."""
        known = self._sizes.get(node)
        if known is not None:
            self._size += known
            self._aliased += known
            if self._aliased > MAX_ALIASED:
                message = f"aliases stand for more than {MAX_ALIASED:,} nodes"
                raise Refusal(message, node.start_mark, hint="write the document without so many aliases.")
            return self._values[node]
        if node in self._open:
            raise Refusal("an anchor contains itself", node.start_mark, hint="take the alias inside it away.")
        self._open.add(node)
        before = self._size
        self._size += 1 + (len(node.value) // 100 if type(node) is ScalarNode else 0)
        self._values[node] = result = self._fresh(node)
        self._open.discard(node)
        self._sizes[node] = self._size - before
        return result


def is_merge(node: Node) -> bool:
    """Tell whether a key is the plain `<<`, which brings in other mappings."""
    return node.value == "<<" and type(node) is ScalarNode and not node.style


def _tagged(node: Node, tag: object) -> object:
    if type(tag) is tuple:
        value = cast("tuple[object]", tag)[0]
        if isinstance(value, ValueError):
            raise Refusal(f"{value} is too long", node.start_mark, hint="quote it, if it is meant as text.")
        return value
    raise _tag_refusal(node)


def _refuse_tag(node: Node) -> None:
    if node.tag is not None:  # pyright: ignore[reportUnnecessaryComparison]
        raise _tag_refusal(node)


def _tag_refusal(node: Node) -> Refusal:
    name = str(node.tag).replace("tag:yaml.org,2002:", "!!")
    return Refusal(
        f"the tag `{name}` is not allowed: pipelines are plain data",
        node.start_mark,
        hint="take the tag away; quote a value that should stay text.",
    )


def _odd_key(node: Node) -> Refusal:
    parent = node.start_mark
    if type(node) is MappingNode and node.flow_style:
        message = "a template that stands for a whole value must be quoted"
        return Refusal(message, parent, length=2, hint='write "{{ … }}" with quotes around it.')
    return Refusal(
        "a key must be a single word or number", parent, hint="quote it, or write a list of mappings."
    )


def _duplicate(pairs: list[tuple[Node, Node]]) -> Refusal:
    seen: dict[object, Node] = {}
    for key, _ in pairs:
        name = key.value if key.tag is None else cast("tuple[object]", key.tag)[0]  # pyright: ignore[reportUnnecessaryComparison]
        first = seen.setdefault(name, key)
        if first is not key:
            return _second(key, first)
    raise AssertionError("a duplicate was counted but not found")


def _second(key: Node, first: Node) -> Refusal:
    length = max(1, key.end_mark.index - key.start_mark.index)
    line = first.start_mark.line + 1
    if key.value != first.value:
        message = f"the keys `{first.value}` (line {line}) and `{key.value}` are equal here"
        hint = "write cases as a list: `- {case: …, steps: […]}`; otherwise quote one of the two."
        return Refusal(message, key.start_mark, length=length, hint=hint)
    message = f"the key `{key.value}` stands here a second time; the first is in line {line}"
    return Refusal(message, key.start_mark, length=length, hint="keep one of the two.")


def _too_large(text: Text) -> Problem:
    message = f"the file has {len(text.content):,} characters; {MAX_CHARACTERS:,} are allowed"
    return Problem(
        message, text.location(0, 1), hint="move data to files of their own, and read them in a step."
    )
