"""The same few words about steps wherever they are shown: plans, pictures, lists."""

import re

from orchestrator.core.pipeline import ANSWER_NAME, ForEach, Loop
from orchestrator.core.template import Template

_ANSWER = re.compile(rf"\b{ANSWER_NAME}\d+\b")
"""The name under which a template reads the answer to an `<AUTO>` tag."""


def expression(template: Template) -> str:
    """Return the source of a condition or list without its braces."""
    text = " ".join(template.source.split())
    if text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1:
        text = text[2:-2].strip()
    return _ANSWER.sub("<AUTO>", text)


def repeats(body: ForEach | Loop) -> str:
    """Return how a body repeats: `each path in steps.files.paths`, `while …, at most 5 times`."""
    if isinstance(body, ForEach):
        many = f"{body.batch} × {body.name}" if body.batch else body.name
        return f"each {many} in {expression(body.items)}"
    word = "until" if body.until else "while"
    return f"{word} {expression(body.condition)}, at most {body.max_iterations} times"
