"""The records of a journal, and the classes of failures that they hold."""

from typing import get_args

from docs.reference.markdown import code_list, first_sentence, table
from orchestrator.core.failure import ERROR_CLASSES, NOT_RETRIED
from orchestrator.core.journal import Record


def records() -> str:
    """Return every kind of record."""
    rows = [
        (
            f"`{kind.__name__}`",
            code_list(name for name in kind._fields if name != "at") or "–",
            first_sentence(kind),
        )
        for kind in get_args(Record)
    ]
    return table(("record", "says", "meaning"), rows)


def error_classes() -> str:
    """Return every class that a failure can have."""
    rows = [
        (f"`{name}`", meaning, "no" if name in NOT_RETRIED else "yes")
        for name, meaning in ERROR_CLASSES.items()
    ]
    return table(("class", "meaning", "`retry` without `on` tries again"), rows)
