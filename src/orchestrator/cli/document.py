"""JSON on stdout: one document per command, or one per line."""

import sys

from orchestrator.app.plain import plain
from orchestrator.cli.streams import write


def print_document(data: object) -> None:
    """Print one indented JSON document."""
    _write(data, indent=True)


def print_line(data: object) -> None:
    """Print one JSON document on a line of its own."""
    _write(data, indent=False)


def _write(data: object, *, indent: bool) -> None:
    import orjson

    data = plain(data)
    try:
        text = orjson.dumps(data, option=orjson.OPT_INDENT_2 if indent else 0).decode()
    except TypeError:  # a whole number beyond 64 bits
        import json

        text = json.dumps(data, ensure_ascii=False, indent=2 if indent else None)
    write(sys.stdout, text + "\n")
