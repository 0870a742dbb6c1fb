"""Writes the parts of the docs that follow from the code: `python -m docs.generate`, or `make reference`.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`. With `--check` nothing is written, and the exit code
is 1 when a part is stale; a test asks for that.
"""

import json
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from docs.reference.actions import actions, actions_overview
from docs.reference.commands import commands
from docs.reference.decisions import decisions
from docs.reference.keys import KEY_TABLES, input_types, key_table, not_yet
from docs.reference.limits import limits
from docs.reference.records import error_classes, records
from docs.reference.templates import (
    filters,
    functions,
    loop_fields,
    methods,
    refused_filters,
    template_tests,
)
from orchestrator import Orchestrator

DOCS = Path(__file__).parent
SCHEMA_FILE = DOCS / "pipeline.schema.json"
Part = Callable[[], str]
_PART = re.compile(r"<!-- generated: (\S+) -->\n.*?<!-- end of \1 -->", re.DOTALL)


def main(words: list[str]) -> int:
    """Write every page that has generated parts, and the schema for editors; returns the exit code."""
    stale = {
        path: text for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text
    }
    for path, text in sorted(stale.items()):
        print(f"{'stale:' if '--check' in words else 'wrote'} {path.relative_to(DOCS.parent)}")
        if "--check" not in words:
            path.write_text(text, encoding="utf-8")
    return int("--check" in words and bool(stale))


def pages() -> dict[Path, str]:
    """Return each file with generated parts as it should be."""
    with tempfile.TemporaryDirectory() as empty, Orchestrator("memory:", workspace=empty, environ={}) as door:
        specs = [spec for tool in door.tools() for spec in tool.actions]
        schema = json.dumps(door.schema(), indent=1, ensure_ascii=False) + "\n"
    parts: dict[str, Part] = {
        **{f"keys-{name}": partial(key_table, name) for name in KEY_TABLES},
        "input-types": input_types,
        "not-yet": not_yet,
        "filters": filters,
        "refused-filters": refused_filters,
        "tests": template_tests,
        "functions": functions,
        "methods": methods,
        "loop-fields": loop_fields,
        "error-classes": error_classes,
        "actions-overview": partial(actions_overview, specs),
        "actions": partial(actions, specs),
        "commands": commands,
        "records": records,
        "decisions": partial(decisions, DOCS / "adr"),
        "limits": limits,
    }
    found = {SCHEMA_FILE: schema}
    for path in DOCS.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        if "<!-- generated: " in text:
            found[path] = _PART.sub(partial(_filled, parts, path), text)
    return found


def _filled(parts: Mapping[str, Part], path: Path, place: re.Match[str]) -> str:
    name = place[1]
    if name not in parts:
        raise SystemExit(f"{path}: there is no generated part {name}; there are {', '.join(parts)}")
    return f"<!-- generated: {name} -->\n\n{parts[name]()}\n\n<!-- end of {name} -->"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
