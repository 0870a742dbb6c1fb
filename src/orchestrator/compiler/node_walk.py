"""Ways through YAML nodes: from a path to a node, and from a node to its stretch of text."""

from collections.abc import Iterable, Mapping
from typing import cast

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from orchestrator.compiler.source import is_merge
from orchestrator.compiler.spans import value_indexes
from orchestrator.compiler.text import Text

Tables = dict[Node, dict[tuple[type, object], tuple[Node, Node]]]
"""Keys and values of mappings by the key's value; filled as mappings are walked through."""


def walk(
    root: Node, text: Text, grafts: Mapping[Node, Text], steps: Iterable[object], tables: Tables
) -> tuple[Text, Node | None, Node]:
    """Return the text, key and node at the end of a path, or at the last part of it that exists."""
    key: Node | None = None
    node = root
    for step in steps:
        found = _entry(node, step, tables)
        if found is None:
            break
        key, node = found
        text = grafts.get(node, text)
    return text, key, node


def key_value(node: Node) -> object:
    """Return the value of a scalar key."""
    tag: object = node.tag
    return cast("tuple[object]", tag)[0] if isinstance(tag, tuple) else node.value


def entries(node: Node) -> list[tuple[Node, Node]]:
    """Return the keys and values of a mapping, with those that `<<` brings behind its own."""
    if type(node) is not MappingNode:
        return []
    own: list[tuple[Node, Node]] = []
    brought: list[tuple[Node, Node]] = []
    for key, value in node.value:
        if is_merge(key):
            sources: list[Node] = value.value if type(value) is SequenceNode else [value]
            for source in sources:
                brought += entries(source)
        else:
            own.append((key, value))
    return own + brought if brought else own


def extent(node: Node) -> tuple[int, int]:
    """Return start and end of a scalar or flow collection, of a block mapping's first key, or of a list's dash."""
    start = node.start_mark.index
    if type(node) is MappingNode and not node.flow_style and node.value:
        return extent(node.value[0][0])
    if type(node) is SequenceNode and not node.flow_style:
        return start, start + 1
    return start, max(start + 1, node.end_mark.index)


def stretch(content: str, node: Node, offset: int, length: int) -> tuple[int, int]:
    """Return start and end in the file of a part of a scalar's value."""
    if type(node) is not ScalarNode:
        return extent(node)
    start, end = node.start_mark.index, node.end_mark.index
    indexes = value_indexes(content, start, end, style=node.style or "", value=node.value)
    first = indexes[min(offset, len(node.value))]
    last = indexes[min(offset + max(length, 1), len(node.value)) - 1] if node.value else first
    return first, max(first, last) + 1


def _entry(node: Node, step: object, tables: Tables) -> tuple[Node | None, Node] | None:
    if type(node) is SequenceNode:
        items: list[Node] = node.value
        return (None, items[step]) if type(step) is int and step < len(items) else None
    table = tables.get(node)
    if table is None:
        table = tables[node] = {}
        for key, value in entries(node):
            found = key_value(key)
            table.setdefault((type(found), found), (key, value))
    return table.get((type(step), step))
