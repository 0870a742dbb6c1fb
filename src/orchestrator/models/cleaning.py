"""What a model wrote, made safe to keep and to show: no control sequences, no hidden reordering."""

import re

from orchestrator.core.plain import is_list, is_mapping

_STEERING = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|\Z)"  # titles, links, the clipboard
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
    r"|[\u202a-\u202e\u2066-\u2069]"  # overrides and isolates that show text in another order than it is read
)


def cleaned(value: object) -> object:
    """Return the value with each text in it cleaned, at any depth, names included."""
    if isinstance(value, str):
        return cleaned_text(value)
    if is_mapping(value):
        return {cleaned_text(name): cleaned(item) for name, item in value.items()}
    if is_list(value):
        return [cleaned(item) for item in value]
    return value


def cleaned_text(text: str) -> str:
    """Return the text without control sequences; line ends become line feeds, tabs stay."""
    if text.isprintable() and not _STEERING.search(text):
        return text
    return _STEERING.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
