"""Files joined into one document: the base that `extends` names, and the steps that `include` brings.

Joined are YAML nodes, not data, so that every part still knows its place. A node that came from another file is a graft:
it and everything below it stand in that file's text. Nodes are never changed; what changes is made anew.
"""

from collections.abc import Callable
from posixpath import dirname, join, normpath
from typing import cast

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from orchestrator.compiler.node_walk import entries, extent, key_value
from orchestrator.compiler.source import compose, plain_data
from orchestrator.compiler.text import Text
from orchestrator.core.file_reader import FileReader
from orchestrator.core.misfit import shown
from orchestrator.errors import CompileError, OrchestratorError, Problem

_LISTS_OF_STEPS = frozenset(("steps", "else", "default", "on_failure"))
_REPLACED = frozenset(("output", "default"))
"""Keys whose mappings replace those of the base instead of merging with them."""
_BODIES = frozenset(("action", "steps", "switch"))
_OF_BODY = frozenset(("action", "with", "steps", "value", "strategy", "switch", "cases", "default"))
_LENGTH_OF_CHAIN = 16
_BESIDE_STEPS = frozenset(("steps", "name", "version", "description", "language"))
_NO_TAG = cast("str", None)
"""What the loader leaves on nodes that are plain text or collections."""
Grafts = dict[Node, Text]


def join_files(root: Node, text: Text, files: FileReader | None) -> tuple[Node, Grafts]:
    """Return the document with bases and includes in their places; raises `CompileError` with all that fail."""
    joining = _Joining(files)
    node = joining.document(root, text, (text.file,))
    if joining.problems:
        raise CompileError(joining.problems)
    return node, joining.grafts


class _Joining:
    """One walk over a document and the files that it names."""

    __slots__ = ("_files", "grafts", "problems")

    def __init__(self, files: FileReader | None) -> None:
        self._files = files
        self.grafts: Grafts = {}
        self.problems: list[Problem] = []

    def document(self, root: Node, text: Text, chain: tuple[str, ...]) -> Node:
        """Return a document joined with its base."""
        root = self._spliced(root, text, chain)
        base_name = _field(root, "extends")
        if base_name is None:
            return root
        root = _mapping(root, [(key, value) for key, value in entries(root) if key_value(key) != "extends"])
        found = self._read(base_name, text, chain)
        if found is None:
            return root
        base_text, base_root = found
        if type(base_root) is not MappingNode:
            self._problem(
                f"the base `{base_name.value}` is no mapping", base_name, text, "name a pipeline file."
            )
            return root
        base = self.document(base_root, base_text, (*chain, base_text.file))
        base = _moved(base, dirname(base_name.value), self._keep_file)
        return self._merged(base, root, base_text)

    def _spliced(self, node: Node, text: Text, chain: tuple[str, ...]) -> Node:
        """Return a mapping with every include below it replaced by the steps of its file."""
        if type(node) is not MappingNode:
            return node
        pairs = entries(node)
        changed = [(key, self._spliced_value(str(key.value), value, text, chain)) for key, value in pairs]
        if all(new[1] is old[1] for new, old in zip(changed, pairs, strict=True)):
            return node
        return _mapping(node, changed)

    def _spliced_value(self, key: str, value: Node, text: Text, chain: tuple[str, ...]) -> Node:
        if key in _LISTS_OF_STEPS and type(value) is SequenceNode:
            return self._spliced_steps(value, text, chain)
        if key == "on_error":
            if type(value) is SequenceNode:
                return _sequence(value, [self._spliced(item, text, chain) for item in value.value])
            return self._spliced(value, text, chain)
        if key == "cases" and type(value) is MappingNode:
            return _mapping(
                value, [(k, self._spliced_value("steps", v, text, chain)) for k, v in entries(value)]
            )
        if key == "cases" and type(value) is SequenceNode:
            return _sequence(value, [self._spliced(item, text, chain) for item in value.value])
        return value

    def _spliced_steps(self, node: SequenceNode, text: Text, chain: tuple[str, ...]) -> Node:
        steps: list[Node] = []
        for item in node.value:
            name = _field(item, "include")
            if name is None:
                steps.append(self._spliced(item, text, chain))
            else:
                steps += self._included(item, name, text, chain)
        return _sequence(node, steps)

    def _included(self, item: Node, name: Node, text: Text, chain: tuple[str, ...]) -> list[Node]:
        """Return the steps of the file that an include names."""
        if len(item.value) > 1:
            hint = "write the include as an entry of its own: `- include: FILE`."
            self._problem("an include takes no other keys", item, text, hint)
            return []
        found = self._read(name, text, chain)
        if found is None:
            return []
        other, root = found
        steps = root
        if type(root) is MappingNode:
            for key, _ in entries(root):
                if key.value not in _BESIDE_STEPS and not str(key.value).startswith("x-"):
                    hint = f"move it to {text.file}, which includes the steps only; or run the file with `pipeline.run`."
                    self._problem(f"`{key.value}` has no effect in an included file", key, other, hint)
            steps = next((value for key, value in entries(root) if key.value == "steps"), root)
        if type(steps) is not SequenceNode:
            self._problem("an included file is a list of steps, or a mapping with `steps`", steps, other, "")
            return []
        joined = self._spliced_steps(steps, other, (*chain, other.file))
        folder = dirname(name.value)
        moved: list[Node] = [_moved(step, folder, self._keep_file) for step in joined.value]
        for step in moved:
            self.grafts.setdefault(step, other)
        return moved

    def _keep_file(self, old: Node, new: Node) -> None:
        if old in self.grafts:
            self.grafts[new] = self.grafts[old]

    def _read(self, name: Node, text: Text, chain: tuple[str, ...]) -> tuple[Text, Node] | None:
        """Return the text and root node of a file that another one names."""
        if (
            type(name) is not ScalarNode
            or type(key_value(name)) is not str
            or not name.value
            or "{{" in name.value
        ):
            said = shown(name.value) if type(name) is ScalarNode else "a collection"
            self._problem(
                f"a file name is needed here, not {said}", name, text, "write the name of one file."
            )
            return None
        if self._files is None:
            self._problem(
                f"`{name.value}` cannot be read here", name, text, "compile the pipeline from a file."
            )
            return None
        try:
            path, content = self._files.read(name.value, text.file)
        except OSError as error:
            message = f"`{name.value}` cannot be read: {error.strerror or error}"
            self._problem(message, name, text, "names are relative to the file that holds them.")
            return None
        except OrchestratorError as error:
            self._problem(str(getattr(error, "message", error)), name, text, str(getattr(error, "hint", "")))
            return None
        if path in chain or len(chain) > _LENGTH_OF_CHAIN:
            walk = " → ".join((*chain[chain.index(path) if path in chain else 0 :], path))
            self._problem(
                f"the files name each other in a circle: {walk}", name, text, "take one of them away."
            )
            return None
        try:
            other = Text(content, path)
            root = compose(other)
            plain_data(root, other)
        except CompileError as error:
            self.problems += error.problems
            return None
        return other, root

    def _merged(self, base: Node, child: Node, base_text: Text) -> Node:
        """Return the child's mapping over the base's."""
        if type(base) is not MappingNode or type(child) is not MappingNode:
            return child
        own = {key_value(key): (key, value) for key, value in entries(child)}
        dropped: frozenset[object] = frozenset()
        if _BODIES & own.keys() and "id" in own:
            brought = _BODIES & own.keys()
            same = brought & {key_value(key) for key, _ in entries(base)}
            dropped = frozenset() if same else _OF_BODY
            if "action" in same and _text(own["action"][1]) != _text(_field(base, "action")):
                dropped = frozenset(("with",))
        pairs: list[tuple[Node, Node]] = []
        for key, value in entries(base):
            name = key_value(key)
            if name in own and name not in dropped:
                pairs.append((own[name][0], self._merged_value(name, value, own.pop(name)[1], base_text)))
            elif name not in own and name not in dropped:
                self.grafts.setdefault(value, base_text)
                pairs.append((key, value))
        return _mapping(child, [*pairs, *own.values()])

    def _merged_value(self, name: object, base: Node, child: Node, base_text: Text) -> Node:
        if name in ("steps", "on_failure") and type(base) is SequenceNode and type(child) is SequenceNode:
            return self._merged_steps(base, child, base_text)
        return child if name in _REPLACED else self._merged(base, child, base_text)

    def _merged_steps(self, base: SequenceNode, child: SequenceNode, base_text: Text) -> Node:
        """Return the base's steps with their namesakes of the child over them, and the child's new ones behind."""
        own = {_text(_field(step, "id")): step for step in child.value}
        steps: list[Node] = []
        for step in base.value:
            namesake = own.pop(_text(_field(step, "id")), None)
            if namesake is None:
                self.grafts.setdefault(step, base_text)
            steps.append(step if namesake is None else self._merged(step, namesake, base_text))
        return _sequence(child, [*steps, *own.values()])

    def _problem(self, message: str, node: Node, text: Text, hint: str) -> None:
        start, end = extent(node)
        self.problems.append(Problem(message, text.location(start, end - start), hint=hint))


def _field(node: Node, name: str) -> Node | None:
    return next((value for key, value in entries(node) if key.value == name), None)


def _text(node: Node | None) -> str:
    return str(node.value) if node is not None else ""


def _mapping(like: Node, pairs: list[tuple[Node, Node]]) -> Node:
    return MappingNode(_NO_TAG, pairs, like.start_mark, like.end_mark, flow_style=_in_brackets(like))


def _sequence(like: Node, items: list[Node]) -> Node:
    if all(new is old for new, old in zip(items, like.value, strict=False)) and len(items) == len(like.value):
        return like
    return SequenceNode(_NO_TAG, items, like.start_mark, like.end_mark, flow_style=_in_brackets(like))


def _in_brackets(node: Node) -> bool:
    return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)


def _moved(node: Node, folder: str, keep: Callable[[Node, Node], None]) -> Node:
    """Return steps of another folder's file with the files that they run named from here."""
    if not folder or type(node) is ScalarNode:
        return node
    if type(node) is SequenceNode:
        new = _sequence(node, [_moved(item, folder, keep) for item in node.value])
    else:
        runs = _text(_field(node, "action")) == "pipeline.run"
        pairs: list[tuple[Node, Node]] = []
        for key, value in entries(node):
            moved = _moved_file(value, folder) if runs and key.value == "with" else value
            pairs.append((key, _moved(moved, folder, keep) if key.value != "with" else moved))
        changed = any(new[1] is not old[1] for new, old in zip(pairs, entries(node), strict=True))
        new = _mapping(node, pairs) if changed else node
    if new is not node:
        keep(node, new)
    return new


def _moved_file(parameters: Node, folder: str) -> Node:
    pairs: list[tuple[Node, Node]] = []
    for key, value in entries(parameters):
        moved = value
        if key.value == "file" and type(value) is ScalarNode and "{{" not in value.value:
            name = normpath(join(folder, value.value))
            moved = ScalarNode(_NO_TAG, name, value.start_mark, value.end_mark, style=value.style)
        pairs.append((key, moved))
    return _mapping(parameters, pairs)
