"""Takes a prompt apart: what is asked, and the text that it is asked about.

The text stands in tags or quotes, below the line that asks, above it, or behind its colon.
"""

import re
from typing import NamedTuple

_ASKS = re.compile(
    r"(?:please |now |in \w+ \w+,? |based on .{3,40}, )*(?:can you |could you )?"
    r"(?:summ|condens|shorten|digest|tl;?dr|extract|list|find|name|give|choose|pick|select|classif|categori|decide|rate|"
    r"answer|describe|explain|what|which|who|when|where|why|how|is |are |do |does |did |has |identify|tag |key ?words?|"
    r"headline|title|return|write|translat|tell|label|sort |fill|report|turn|create|generate|make|get |detect|judge|rank|"
    r"read |determine|provide|collect|pull|outline|highlight|compose|implement|fix|compute|calculate|rewrite|you are)",
    re.IGNORECASE,
)
_TAGGED = re.compile(
    r"<(text|document|article|content|context|input|source)>\n?(.*?)</\1>", re.DOTALL | re.IGNORECASE
)
_QUOTED = re.compile(r"(\"\"\"|'''|```\w*\n)(.+?)(?:\"\"\"|'''|```)\s*\Z", re.DOTALL)
_LONGEST = 600


class Instruction(NamedTuple):
    """A prompt in its two parts; either may be empty."""

    asked: str
    text: str


def read_instruction(prompt: str, system: str = "") -> Instruction:
    """Return what is asked and the text; a prompt that asks nothing is all text."""
    prompt = prompt.strip()
    tagged = _TAGGED.search(prompt)
    if tagged:
        return Instruction((prompt[: tagged.start()] + prompt[tagged.end() :]).strip(), tagged[2].strip())
    head, _, rest = prompt.partition("\n")
    quoted = _QUOTED.search(prompt)
    if quoted and quoted.start() and _asks(prompt[: quoted.start()]):
        return Instruction(prompt[: quoted.start()].strip(), quoted[2].strip())
    if _asks(head) and rest.strip():
        return Instruction(head, rest.strip())
    before, colon, behind = head.partition(": ")
    if colon and _asks(before) and not rest.strip():
        return Instruction(before, behind)
    above, _, tail = prompt.rpartition("\n")
    if above.strip() and _asks(tail):
        return Instruction(tail, above.strip())
    return Instruction(prompt, "") if _asks(prompt) else Instruction(system.strip(), prompt)


def _asks(text: str) -> bool:
    text = text.strip()
    if not text or len(text) > _LONGEST or text.startswith(("#", "|", "- ", "* ")):
        return False
    return _ASKS.match(text) is not None or (text.endswith((":", "?")) and len(text) <= 200)
