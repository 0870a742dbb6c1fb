"""The keys of pipeline files, from the tables that the compiler checks them with."""

from collections.abc import Iterator

import orchestrator.compiler.schema as language
from docs.reference.markdown import table
from orchestrator.compiler.editor_schema import key_table as rows_of

KEY_TABLES = {
    "top": language.TOP,
    "step": language.STEP,
    "input": language.INPUT,
    "defaults": language.DEFAULTS,
    "retry": language.RETRY,
    "cache": language.CACHE,
    "budget": language.BUDGET,
    "undo": language.UNDO,
    "recovery": language.RECOVERY,
    "reduce": language.REDUCE,
    "case": language.CASE,
    "include": language.INCLUDE,
    "test": language.TEST,
    "expect": language.EXPECT,
}


def key_table(name: str) -> str:
    """Return one mapping of the language: its keys, what they take and mean."""
    return table(("key", "takes", "meaning"), _rows(KEY_TABLES[name]))


def input_types() -> str:
    """Return the types of inputs."""
    return table(
        ("type", "JSON type of the value"),
        [(f"`{name}`", json) for name, json in language.INPUT_TYPES.items()],
    )


def not_yet() -> str:
    """Return the reserved words, with what to do instead."""
    rows = [(f"`{name}`", hint) for name, (_, hint) in language.NOT_YET.items()]
    return table(("reserved word", "until then"), rows)


def _rows(keys: language.Keys) -> Iterator[tuple[str, str, str]]:
    for name, takes, meaning in rows_of(keys):
        beside = keys[name].beside
        yield (
            f"`{name}`",
            takes,
            f"{meaning} Only beside {' or '.join(f'`{key}`' for key in beside)}." if beside else meaning,
        )
