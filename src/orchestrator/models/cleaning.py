"""What a model wrote, made safe to keep and to show: no control sequences, no hidden reordering."""

from orchestrator.core.cleaning import clean
from orchestrator.core.plain import is_list, is_mapping


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
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))
