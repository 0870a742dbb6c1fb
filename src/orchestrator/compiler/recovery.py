"""What `on_error` and `undo` say."""

from collections.abc import Callable
from typing import cast

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import Cause, View
from orchestrator.compiler.kinds import RECOVERY as RECOVERY_KIND
from orchestrator.compiler.mappings import Entry, checked, wrong_kind
from orchestrator.compiler.origin import Place
from orchestrator.compiler.references import nearest_hint
from orchestrator.compiler.schema import RECOVERIES, RECOVERY
from orchestrator.compiler.values import compile_value
from orchestrator.core.failure import ERROR_CLASSES
from orchestrator.core.ids import StepId
from orchestrator.core.misfit import joined
from orchestrator.core.pipeline import Block, ErrorRule

Handler = Callable[[list[object], Place], Block]
"""Reads the steps of a handler."""


def read_on_error(
    c: Compilation, value: object, place: Place, view: View, *, group: bool, handler: Handler
) -> tuple[ErrorRule, ...]:
    """Return the rules of `on_error` in the order they are tried."""
    if type(value) is not list:
        rule = _rule(c, value, place, view, handler, group=group)
        return (rule,) if rule else ()
    entries = cast("list[object]", value)
    if not entries:
        c.problems.error(place, "`on_error` is an empty list", hint="write a rule, or take the key away.")
    rules: list[ErrorRule] = []
    for index, entry in enumerate(entries):
        if rules and rules[-1].match is None:
            message = "this rule is never reached: the one before it takes every error"
            c.problems.error((place, index), message, hint="move it up, or give the one before it a `match`.")
            break
        rule = _rule(c, entry, (place, index), view, handler, group=group)
        if rule:
            rules.append(rule)
    return tuple(rules)


def _rule(
    c: Compilation,
    value: object,
    place: Place,
    view: View,
    handler: Handler,
    *,
    group: bool,
) -> ErrorRule | None:
    if not RECOVERY_KIND.accepts(value):
        wrong_kind(c, "on_error", RECOVERY_KIND, value, place)
        return None
    if type(value) is str:
        return ErrorRule(fail=value == "fail", tolerate=value == "continue")
    entry = checked(c, cast("Entry", value), RECOVERY, place)
    said = [key for key in RECOVERIES if key in entry]
    if len(said) != 1:
        _not_one(c, said, cast("Entry", value), place)
        return None
    match = cast("str | None", entry.get("match"))
    if match is not None:
        _check_match(c, match, (place, "match"))
    if entry.get("undo") and not group:
        message = "`undo` here takes back what a block had done, and this step is a single action"
        c.problems.error((place, "undo"), message, hint="take it away.", key=True)
    goto = entry.get("goto")
    return ErrorRule(
        match=match,
        fail="fail" in entry,
        tolerate="continue" in entry,
        value=compile_value(c, entry["value"], (place, "value"), view.seeing(handled=True))
        if "value" in entry
        else None,
        goto=_target(c, cast("str", goto), (place, "goto"), view) if goto is not None else None,
        handler=handler(cast("list[object]", entry["steps"]), (place, "steps")) if "steps" in entry else None,
        undo=bool(entry.get("undo")),
    )


def _not_one(c: Compilation, said: list[str], value: Entry, place: Place) -> None:
    if len(said) > 1:
        names = joined([f"`{key}`" for key in said], last="and")
        c.problems.error((place, said[1]), f"{names} exclude each other", hint="keep one of them.", key=True)
    elif all(key in RECOVERY for key in value) and not any(key in value for key in RECOVERIES):
        names = joined([f"`{key}`" for key in RECOVERIES])
        c.problems.error(place, "this rule does not say what to do", hint=f"add {names}.")


def _check_match(c: Compilation, match: str, place: Place) -> None:
    if match in ERROR_CLASSES:
        return
    from orchestrator.core.backtracking import UnboundedPatternError, cost_of, fault_of

    try:
        cost_of(match)
    except UnboundedPatternError as error:
        message = f"`match` is no pattern that can be searched in time: {error.message}"
        c.problems.error(place, message, hint=error.hint)
        return
    fault = fault_of(match)
    if fault:
        message = f"`match` is no error class and no regular expression: {fault}"
        hint = nearest_hint(c, match, list(ERROR_CLASSES), "the error classes are")
        c.problems.error(place, message, hint=hint)


def _target(c: Compilation, goto: str, place: Place, view: View) -> StepId | None:
    draft, at = view.draft, view.at
    if goto not in draft.ids:
        hint = nearest_hint(c, goto, draft.ids[at + 1 :], "the later steps here are")
        c.problems.error(place, f"there is no step `{goto}` in this block", hint=hint)
        return None
    target = draft.ids.index(goto)
    if target <= at:
        message = f"`goto` leads forward only, and `{goto}` {'is this step' if target == at else 'stands before it'}"
        c.problems.error(place, message, hint="to repeat steps use `retry`, `while` or `until`.")
        return None
    draft.edges[target].setdefault(at, Cause(place))
    return StepId(goto)
