"""JSON documents and JSON Lines."""

import json

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import ActionError


def read_json(path: str, text: str) -> object:
    """Return a document; raises ActionError with line and column."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ActionError(
            f"{path}:{error.lineno}:{error.colno}: no JSON: {error.msg}", error_class="invalid_request"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ActionError(f"{path}: no JSON: {error}", error_class="invalid_request") from error


def read_lines(path: str, text: str) -> list[object]:
    """Return the document of each line that is not blank."""
    lines = text.split("\n")  # not splitlines: text in JSON may hold other line ends
    return [read_json(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def write_json(data: object) -> str:
    """Return a document as indented JSON; what JSON does not know becomes text."""
    return json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"


def write_lines(data: object) -> str:
    """Return a list as one line of JSON per item."""
    rows = data["rows"] if is_mapping(data) and "rows" in data else data
    if not is_list(rows):
        raise ActionError("`data` must be a list to be written as JSON Lines", error_class="invalid_request")
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON number")
