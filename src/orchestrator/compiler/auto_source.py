"""Keeps YAML from reading what stands inside `<AUTO>` tags: a question may hold `: `, ` #`, commas and brackets unquoted.

Each such character is exchanged for a private one of the same length before the text is read, so every place stays exact,
and put back in what was read.
"""

import re
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_MEANT: Final = ":#,[]{}&*!|%@`"
_PRIVATE: Final = "".join(chr(0xF8A0 + number) for number in range(len(_MEANT)))
_HIDE: Final = str.maketrans(_MEANT, _PRIVATE)
_SHOW: Final = str.maketrans(_PRIVATE, _MEANT)
_TAG: Final = re.compile(
    r"""<AUTO(?:\s+[\w-]+\s*=\s*(?:\\?"[^"<]*"|'[^'<]*'|[^\s"'<>/]+))*\s*/>"""
    r"|<AUTO(?=[\s>])[^<]*(?:<(?!/?AUTO)[^<]*)*</AUTO>"
)


def hide_questions(content: str) -> str:
    """Return the text with what YAML would misread inside tags exchanged; the length stays."""
    return _TAG.sub(lambda found: found[0].translate(_HIDE), content)


def show_text(content: str) -> str:
    """Return a text with everything put back that was exchanged."""
    return content.translate(_SHOW)


def show_questions(node: Node) -> None:
    """Put back, in every scalar below a node, what was exchanged."""
    waiting: list[Node] = [node]
    seen: set[int] = set()
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, ScalarNode) and "<AUTO" in here.value:
            here.value = here.value.translate(_SHOW)
        elif isinstance(here, SequenceNode):
            waiting += here.value
        elif isinstance(here, MappingNode):
            for pair in here.value:
                waiting += pair
