"""Writes the parts of the docs that follow from the code: `python -m docs.generate`, or `make reference`.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`. A test fails when one of them is stale.
"""

import inspect
import io
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from orchestrator import Orchestrator
from orchestrator.compiler import schema as language
from orchestrator.compiler.editor_schema import key_table
from orchestrator.core import journal
from orchestrator.core.action import ActionSpec
from orchestrator.core.failure import ERROR_CLASSES, NOT_RETRIED
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.expressions.filters import FILTERS, REFUSED_FILTERS
from orchestrator.expressions.functions import FUNCTIONS
from orchestrator.expressions.loops import LOOP_FIELDS
from orchestrator.expressions.methods import METHODS
from orchestrator.expressions.predicates import TESTS

DOCS = Path(__file__).parent
SCHEMA_FILE = DOCS / "pipeline.schema.json"
_PART = re.compile(r"<!-- generated: (\S+) -->\n.*?<!-- end of \1 -->", re.DOTALL)
_COLUMNS = 92


class Bound(NamedTuple):
    """A limit of the code: where its number stands, and what it bounds."""

    place: str
    """Module and name, below `orchestrator.`."""
    what: str


LIMITS = (
    Bound("app.files:MAX_BYTES", "bytes of a pipeline file"),
    Bound("compiler.source:MAX_CHARACTERS", "characters of a document that the compiler reads"),
    Bound("compiler.source:MAX_DEPTH", "levels of nesting in a document"),
    Bound("compiler.source:MAX_ALIASED", "nodes that YAML aliases may stand for"),
    Bound("compiler.scalars:LONGEST_NUMBER", "characters of a number"),
    Bound("compiler.joining:_LENGTH_OF_CHAIN", "files in one chain of `extends` or `include`"),
    Bound("engine.subpipeline:_DEEPEST", "pipelines that run each other, one inside the other"),
    Bound("engine.plain:_DEEPEST", "levels of nesting in a value"),
    Bound("app.inputs:MAX_CHARACTERS", "characters of all texts in one input"),
    Bound("app.inputs:MAX_DEPTH", "levels of nesting in an input"),
    Bound("expressions.frame:DEFAULT_LIMITS.steps", "steps of one template: iterations, calls, sizes of what they make"),
    Bound("expressions.frame:DEFAULT_LIMITS.text", "characters of one text that a template makes"),
    Bound("expressions.frame:DEFAULT_LIMITS.elements", "elements of one list or mapping that a template makes"),
    Bound("expressions.frame:INTEGER_BITS", "bits of an integer that a template makes"),
    Bound("expressions.parser:MAX_DEPTH", "levels of nesting in one expression"),
    Bound("expressions.filters.backtracking:_MAX_PATTERN", "characters of a regular expression in a template"),
    Bound("settings.settings:Settings.max_parallel", "actions at a time, unless `max_parallel` says otherwise"),
    Bound("settings.settings:Settings.grace", "seconds that running steps get after Ctrl-C, unless `grace` says otherwise"),
    Bound("models.generate:REPAIRS", "times a model is asked again after an answer that does not fit `output`"),
    Bound("models.generate:LONGEST_ANSWER", "characters of a model's answer that are kept"),
    Bound("engine.attempt:_CRASHES_ALLOWED", "attempts that may end their process; the next one fails as `crashed`"),
    Bound("tools.files:MAX_BYTES", "bytes that `filesystem.read` takes, unless `max_bytes` says otherwise"),
    Bound("tools.data.files:MAX_BYTES", "bytes that `data.read` takes, unless `max_bytes` says otherwise"),
    Bound("tools.listing:MAX_VISITED", "entries that one `filesystem.list` looks at"),
    Bound("state.run_ids:SHORTEST_PREFIX", "characters that a shortened run id needs at least"),
)  # fmt: skip
"""Every limit that a user can meet, in the order in which a pipeline meets them."""


def main() -> int:
    """Write every page that has generated parts, and the schema for editors."""
    for path, text in sorted(pages().items()):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(DOCS.parent)}")
    return 0


def pages() -> dict[Path, str]:
    """Return each file with generated parts as it should be."""
    with tempfile.TemporaryDirectory() as empty, Orchestrator("memory:", workspace=empty, environ={}) as door:
        parts = _parts([spec for tool in door.tools() for spec in tool.actions])
        schema = json.dumps(door.schema(), indent=1, ensure_ascii=False) + "\n"
    found = {SCHEMA_FILE: schema}
    for path in DOCS.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        if "<!-- generated: " in text:
            found[path] = _PART.sub(partial(_filled, parts, path), text)
    return found


def _filled(parts: Mapping[str, Callable[[], str]], path: Path, part: re.Match[str]) -> str:
    name = part[1]
    if name not in parts:
        raise SystemExit(f"{path}: there is no generated part {name}; there are {', '.join(parts)}")
    return f"<!-- generated: {name} -->\n\n{parts[name]()}\n\n<!-- end of {name} -->"


def _parts(specs: list[ActionSpec]) -> dict[str, Callable[[], str]]:
    keys = {
        "top": language.TOP, "step": language.STEP, "input": language.INPUT, "defaults": language.DEFAULTS,
        "retry": language.RETRY, "cache": language.CACHE, "undo": language.UNDO, "recovery": language.RECOVERY,
        "reduce": language.REDUCE, "case": language.CASE, "include": language.INCLUDE,
    }  # fmt: skip
    return {
        **{f"keys-{name}": _keys_of(table) for name, table in keys.items()},
        "input-types": lambda: _table(("type", "JSON type of the value"), language.INPUT_TYPES.items()),
        "not-yet": _not_yet,
        "filters": lambda: _functions(FILTERS, skipped=2),
        "refused-filters": lambda: _table(("not there", "instead"), _quoted(REFUSED_FILTERS.items())),
        "tests": lambda: _functions(TESTS, skipped=2),
        "functions": lambda: _functions(FUNCTIONS, skipped=1),
        "methods": _methods,
        "loop-fields": lambda: ", ".join(f"`loop.{name}`" for name in LOOP_FIELDS) + ".",
        "error-classes": _error_classes,
        "actions": lambda: "\n\n".join(_action(spec) for spec in specs),
        "actions-overview": lambda: _overview(specs),
        "commands": _commands,
        "records": _records,
        "decisions": _decisions,
        "limits": lambda: _table(("at most", "of what"), [_bound(bound) for bound in LIMITS]),
    }


def _keys_of(table: language.Keys) -> Callable[[], str]:
    def rows() -> Iterable[tuple[str, str, str]]:
        for name, takes, meaning in key_table(table):
            beside = table[name].beside
            needed = f" Only beside {_listed(beside)}." if beside else ""
            yield f"`{name}`", takes, meaning + needed

    return lambda: _table(("key", "takes", "meaning"), rows())


def _not_yet() -> str:
    rows = [(f"`{name}`", hint) for name, (_, hint) in language.NOT_YET.items()]
    return _table(("reserved word", "until then"), [*rows, ("`<AUTO>`", language.NO_AUTO[1])])


def _functions(table: Mapping[str, Callable[..., object]], *, skipped: int) -> str:
    names: dict[Callable[..., object], list[str]] = {}
    for name, function in table.items():
        names.setdefault(function, []).append(name)
    rows = [
        (_listed(sorted(known)), _arguments(function, skipped), _first_line(function))
        for function, known in sorted(names.items(), key=lambda entry: min(entry[1]))
    ]
    return _table(("name", "arguments", "what it does"), rows)


def _arguments(function: Callable[..., object], skipped: int) -> str:
    parameters = list(inspect.signature(function).parameters.values())[skipped:]
    return ", ".join(f"`{_argument(parameter)}`" for parameter in parameters) or "–"


def _argument(parameter: inspect.Parameter) -> str:
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(
        parameter.kind, ""
    )
    value = parameter.default
    plain = value is None or isinstance(value, str | int | float | bool | tuple)
    shown = "" if value is inspect.Parameter.empty else f"={_as_written(value) if plain else '…'}"
    return f"{stars}{parameter.name}{shown}"


def _as_written(value: object) -> str:
    """Return a default as a template writes it."""
    words = {"None": "null", "True": "true", "False": "false"}
    return words.get(repr(value), repr(value))


def _methods() -> str:
    kinds: dict[str, list[str]] = {}
    words = {
        "str": "text",
        "list": "list",
        "tuple": "tuple",
        "Mapping": "mapping",
        "float": "float",
        "Loop": "`loop`",
    }
    for name, table in METHODS.items():
        for kind in table:
            kinds.setdefault(words.get(kind.__name__, kind.__name__), []).append(f"`{name}`")
    return _table(("value", "methods"), [(kind, ", ".join(sorted(names))) for kind, names in kinds.items()])


def _error_classes() -> str:
    rows = [
        (f"`{name}`", meaning, "no" if name in NOT_RETRIED else "yes")
        for name, meaning in ERROR_CLASSES.items()
    ]
    return _table(("class", "meaning", "`retry` without `on` tries again"), rows)


def _overview(specs: list[ActionSpec]) -> str:
    rows = [
        (f"[`{spec.name}`](#{_anchor(spec.name)})", spec.effect.value, spec.description) for spec in specs
    ]
    return _table(("action", "effect", "what it does"), rows)


def _anchor(heading: str) -> str:
    return heading.replace(".", "").replace("`", "").lower()


def _action(spec: ActionSpec) -> str:
    lines = [f"### `{spec.name}`", "", f"{spec.description} Effect: `{spec.effect.value}`."]
    parameters = list(_fields(spec.parameters, required=True))
    if parameters:
        lines += ["", _table(("parameter", "takes", "meaning"), parameters)]
    results = list(_fields(spec.result, required=False))
    if results:
        lines += ["", _table(("result", "is", "meaning"), results)]
    elif spec.result.get("type"):
        lines += ["", f"Result: {_type(spec.result)}."]
    return "\n".join(lines)


def _fields(schema: Mapping[str, object], *, required: bool) -> Iterable[tuple[str, str, str]]:
    properties = schema.get("properties")
    needed = schema.get("required")
    for name, field in (properties if is_mapping(properties) else {}).items():
        entry = field if is_mapping(field) else {}
        must = required and is_list(needed) and name in needed
        default = (
            f", `{json.dumps(entry['default'], ensure_ascii=False)}` by default" if "default" in entry else ""
        )
        takes = f"{_type(entry)}{', required' if must else default}"
        yield f"`{name}`", takes, str(entry.get("description", ""))


def _type(schema: Mapping[str, object]) -> str:
    """Return a JSON Schema in a few words."""
    alternatives = schema.get("anyOf")
    if is_list(alternatives):
        return " or ".join(dict.fromkeys(_type(each) for each in alternatives if is_mapping(each)))
    if is_list(options := schema.get("enum")):
        return " or ".join(f"`{option}`" for option in options)
    kind, items = schema.get("type"), schema.get("items")
    if kind == "array":
        return f"list of {_type(items)}" if is_mapping(items) and items else "list"
    if is_list(kind):
        return " or ".join(_WORDS.get(str(each), str(each)) for each in kind)
    return _WORDS.get(str(kind), "any value") + _range(schema)


def _range(schema: Mapping[str, object]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" from {low} on" if low is not None else f" up to {high}" if high is not None else ""


_WORDS = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null",
    "object": "mapping",
}  # fmt: skip


def _commands() -> str:
    """Return the help of each command as a terminal without colours shows it."""
    from typer.main import get_command

    from orchestrator.cli.application import application

    with redirect_stdout(io.StringIO()):
        root = get_command(application())
    outer = root.context_class(
        root, info_name="py-orc", terminal_width=_COLUMNS, help_option_names=["-h", "--help"]
    )
    parts: list[str] = []
    for name, command in root.commands.items():  # pyright: ignore[reportAttributeAccessIssue]
        context = command.context_class(command, info_name=name, parent=outer, terminal_width=_COLUMNS)
        text = command.get_help(context)
        parts.append(
            f"## `py-orc {name}`\n\n<!-- output: the command's own help -->\n\n```text\n{text.strip()}\n```"
        )
    return "\n\n".join(parts)


def _records() -> str:
    kinds = list(journal.Record.__args__)  # pyright: ignore[reportAttributeAccessIssue]
    rows = [(f"`{kind.__name__}`", _listed(kind._fields[1:]) or "–", _first_line(kind)) for kind in kinds]
    return _table(("record", "says", "meaning"), rows)


def _decisions() -> str:
    titles = {path: path.read_text(encoding="utf-8").split("\n")[0] for path in (DOCS / "adr").glob("0*.md")}
    return "\n".join(f"- [{title.removeprefix('# ')}]({path.name})" for path, title in sorted(titles.items()))


def _bound(bound: Bound) -> tuple[str, str]:
    module, _, names = bound.place.partition(":")
    value: object = import_module(f"orchestrator.{module}")
    for name in names.split("."):
        fields = getattr(value, "__dataclass_fields__", {})
        value = fields[name].default if name in fields else getattr(value, name)
    number = f"{value:,.0f}" if isinstance(value, int | float) else str(value)
    return number, bound.what


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _quoted(rows: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((f"`{name}`", meaning) for name, meaning in rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_row(heads), _row(("---",) * len(heads)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
