"""`model: <AUTO …>what for</AUTO>`: requirements in words. A model is routed by them; nobody is asked and nothing is paid."""

import json
from collections.abc import Mapping

from orchestrator.compiler.auto_tags import read_tags
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.origin import Place


def requirements_of(c: Compilation, text: str, place: Place) -> Mapping[str, object]:
    """Return the requirements that a tag states: its attributes by name, its words as `about`."""
    tags, faults = read_tags(text, any_attribute=True)
    for fault in faults:
        c.problems.error_inside(
            place, fault.message, offset=fault.offset, length=fault.length, hint=fault.hint
        )
    if faults:
        return {}
    if len(tags) != 1 or text.strip() != text[tags[0].start : tags[0].end]:
        hint = "write one tag alone, or requirements such as `{task: extract}`."
        c.problems.error(place, "the tag must be the whole of `model`", hint=hint)
        return {}
    tag = tags[0]
    wanted = {name: _value(written) for name, written in tag.attributes.items()}
    return {**wanted, "about": " ".join(tag.question.split())} if tag.question else wanted


def _value(written: str) -> object:
    try:
        value: object = json.loads(written)
    except ValueError:
        return written
    return value if isinstance(value, bool | int) else written
