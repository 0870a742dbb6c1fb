"""Mappings of the language, held against their tables of keys."""

from collections.abc import Iterable, Mapping
from typing import cast

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.kinds import Kind
from orchestrator.compiler.origin import Place
from orchestrator.compiler.schema import MEANT, NOT_YET, Keys
from orchestrator.core.misfit import joined, shown
from orchestrator.core.suggestion import nearest
from orchestrator.expressions import is_template

Entry = Mapping[str, object]


def checked(c: Compilation, entry: Entry, table: Keys, place: Place) -> Entry:
    """Return the mapping without its wrong keys and values, each reported; the mapping itself when all is right."""
    for key, value in entry.items():
        found = table.get(key)
        if found is None or not found.kind.accepts(value):
            return _sound_part(c, entry, table, place)
    return entry


def check_companions(c: Compilation, entry: Entry, raw: Entry, table: Keys, place: Place) -> None:
    """Report keys that mean nothing without another one beside them, right or wrong."""
    for key in entry:
        beside = table[key].beside
        if beside and not any(other in raw for other in beside):
            needed = joined([f"`{other}`" for other in beside])
            hint = f"add {needed}, or take `{key}` away."
            c.problems.error((place, key), f"`{key}` needs {needed} beside it", hint=hint, key=True)


def wrong_kind(c: Compilation, key: str, kind: Kind, value: object, place: Place) -> None:
    """Report a value of the wrong kind."""
    message = f"`{key}` must be {kind.expected}, not {shown(value)}"
    hint = _repair(kind, value)
    if value is None and kind.expected == "a mapping":
        hint = f"indent what belongs to it further than `{key}`, or take the key away."
    c.problems.error(place, message, hint=hint)


def unknown_key(c: Compilation, key: object, known: Iterable[str], place: Place) -> None:
    """Report a key that the language does not have, or does not have yet."""
    names = list(known)
    at = (place, key)
    if key in NOT_YET and key not in ("approve", "signal", "secrets"):
        message, hint = NOT_YET[cast("str", key)]
        c.problems.error(at, message, hint=hint, key=True)
        return
    meant = MEANT.get(cast("str", key), "")
    near = meant if meant in names else c.problems.near(key, names)
    hint = f"did you mean `{near}`?" if near else f"the keys here are {_listed(names)}."
    c.problems.error(at, f"unknown key `{key}`", hint=hint, key=True)


def _sound_part(c: Compilation, entry: Entry, table: Keys, place: Place) -> Entry:
    sound: dict[str, object] = {}
    misplaced: dict[str, object] = {}
    for key, value in entry.items():
        found = table.get(key)
        if found is None:
            parameter = _parameter_meant(c, entry, key, table)
            if parameter:
                deeper = ", indented further" if _is_left_empty(entry) else ""
                hint = f"`{parameter}` is a parameter of `{entry['action']}`: write it under `with`{deeper}."
                c.problems.error((place, key), f"unknown key `{key}`", hint=hint, key=True)
                misplaced[parameter] = value
            elif "with" in table and _is_left_empty(entry) and not c.problems.near(key, table):
                hint = "where it belongs under `with`, indent it further."
                c.problems.error((place, key), f"unknown key `{key}`", hint=hint, key=True)
            else:
                unknown_key(c, key, table, place)
        elif not found.kind.accepts(value):
            wrong_kind(c, key, found.kind, value, (place, key))
        else:
            sound[key] = value
    given = sound.get("with", {})
    if misplaced and isinstance(given, Mapping):
        sound["with"] = {**misplaced, **cast("Entry", given)}  # said already: nothing is missing
    return sound


def _is_left_empty(entry: Entry) -> bool:
    """Tell whether nothing stands under `with`, as when its keys are not indented."""
    return "with" in entry and entry["with"] is None


def _parameter_meant(c: Compilation, entry: Entry, key: object, table: Keys) -> str:
    """Return the parameter of a step's action that a key of the step was meant to be; empty when there is none."""
    name = entry.get("action")
    info = c.action_info(name) if "with" in table and type(name) is str else None
    if info is None or type(key) is not str or key in MEANT or key in NOT_YET:
        return ""
    if key in info.expected:
        return key
    return "" if c.problems.near(key, table) else c.problems.near(key, info.expected)


def _repair(kind: Kind, value: object) -> str:
    if isinstance(value, str) and is_template(value) and not kind.moving:
        return "this is settled when the file is compiled, so no template can stand here."
    if kind.choices:
        near = nearest(value, kind.choices)
        return f"did you mean `{near}`?" if near else ""
    if kind.expected.startswith("a text") and isinstance(value, int | float):
        return f'quote it: "{value}".'
    if value is None:
        return "give it a value, or take the key away."
    return ""


def _listed(names: list[str]) -> str:
    return joined([f"`{name}`" for name in names], last="and")
