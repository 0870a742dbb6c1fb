"""What a template's names stand for: declared inputs, loop names, and steps, whose reading gives the order."""

from collections.abc import Collection
from itertools import islice

from orchestrator.compiler.compilation import Compilation, Reading
from orchestrator.compiler.draft import Cause, Draft, View
from orchestrator.compiler.origin import Place
from orchestrator.compiler.schema import NOT_YET
from orchestrator.core.misfit import joined
from orchestrator.core.template import Reference

_OF_STEPS = frozenset(("steps", "status", "errors"))


def resolve(c: Compilation, reference: Reference, place: Place, view: View) -> None:
    """Check what a reference starts with; a step that it reads comes before the one that reads."""
    path = reference.path
    name = path[0]
    if name in _OF_STEPS:
        _resolve_step(c, reference, place, view)
    elif name == "inputs":
        _resolve_input(c, reference, place, view)
    elif name not in view.names:
        _unknown_name(c, reference, place, view)


def wait_for(c: Compilation, step: str, view: View, cause: Cause, *, own_failure: bool = False) -> bool:
    """Add the edge to a step, and tell whether it is seen from here.

    A step does not see itself nor those around it; with `own_failure` it does where it has failed already.
    """
    home = c.homes.get(step)
    if home is None:
        return False
    draft: Draft | None = view.draft
    at = view.at
    handled = view.handled
    while draft is not None:
        if home[0] is draft:
            if at == home[1]:
                return handled and own_failure
            if at >= 0:
                draft.edges[at].setdefault(home[1], cause)
            return True
        handled = draft.handler
        at = draft.at
        draft = draft.around
    return False


def _resolve_step(c: Compilation, reference: Reference, place: Place, view: View) -> None:
    path = reference.path
    if len(path) < 2:
        _whole_table(c, reference, place, view)
        return
    step = path[1]
    of_value = path[0] == "steps"
    cause = Cause(place, reference.offset, reference.length)
    if type(step) is not str or not wait_for(c, step, view, cause, own_failure=not of_value):
        c.lost.append((reference, place, view))
    elif of_value and not reference.guarded:
        c.readings.append(Reading(step, reference, place, view))


def report_lost(c: Compilation) -> None:
    """Report the steps that were named but not seen, now that every step is known."""
    for reference, place, view in c.lost:
        message, hint = _why_lost(c, reference, view)
        c.problems.error_inside(place, message, offset=reference.offset, length=reference.length, hint=hint)


def _why_unseen(c: Compilation, step: str) -> tuple[str, str]:
    """Return why a step cannot be named here, and what to do instead."""
    home = c.homes.get(step)
    if home is None:
        several = step.replace(",", " ").split()
        if len(several) > 1 and all(name in c.homes for name in several):
            return f"there is no step `{step}`", f"write several steps as a list: `[{', '.join(several)}]`."
        return f"there is no step `{step}`", nearest_hint(c, step, c.homes, "the steps of this file are")
    around = home[0].around
    if around is None or home[0].at < 0:
        return f"the step `{step}` runs only after the run failed", "it cannot be read from here."
    owner = around.ids[home[0].at]
    return (
        f"the step `{step}` runs inside `{owner}` and is not seen from here",
        f"read it through the value of the step around it: `steps.{owner}`.",
    )


def nearest_hint(c: Compilation, word: str, known: Collection[str], kind: str) -> str:
    """Return a sentence with the nearest name, or with all of a few."""
    near = c.problems.near(word, known)
    if near:
        return f"did you mean `{near}`?"
    if not known:
        return ""
    shown = joined([f"`{name}`" for name in islice(known, 12)], last="and")
    return f"{kind} {shown}{' …' if len(known) > 12 else ''}."


def _why_lost(c: Compilation, reference: Reference, view: View) -> tuple[str, str]:
    table, step = reference.path[0], reference.path[1]
    if type(step) is not str:
        return f"`{table}` goes by the ids of steps, not by numbers", f"write `{table}.ID`."
    if not _is_own(c, step, view):
        return _why_unseen(c, step)
    home = c.homes[step]
    if view.draft is home[0] and view.at == home[1]:
        if "result" in view.names:
            return f"the step `{step}` reads its own value by its id", "write `result` for it."
        if "loop" in view.names and table == "steps":
            return (
                f"the step `{step}` reads its own value",
                "in a loop write `loop.previous` for the iteration before.",
            )
        return (
            f"the step `{step}` reads itself",
            "a step sees only what was there before it; take the reference away.",
        )
    return (
        f"the step `{step}` is around this one, so it has no value yet",
        "read the inner steps that you mean, or an earlier step.",
    )


def _is_own(c: Compilation, step: str, view: View) -> bool:
    """Tell whether a step is the reading one, or one around it."""
    home = c.homes.get(step)
    draft: Draft | None = view.draft
    at = view.at
    while draft is not None:
        if home == (draft, at):
            return True
        draft, at = draft.around, draft.at
    return False


def _whole_table(c: Compilation, reference: Reference, place: Place, view: View) -> None:
    """`steps` as a whole, or with a computed key: fine where everything has run, no order otherwise."""
    if view.draft.at < 0 and (view.at < 0 or view.draft.around is not None):
        return
    table = reference.path[0]
    c.problems.error_inside(
        place,
        f"which step `{table}` means here is known only at run time, so nothing says what must run first",
        offset=reference.offset,
        length=reference.length,
        hint=f"name the step: `{table}.ID`.",
    )


def _resolve_input(c: Compilation, reference: Reference, place: Place, view: View) -> None:
    path = reference.path
    if len(path) < 2:
        if c.secrets and not view.sealed:
            _secret(c, reference, place, "inputs")
        return
    name = path[1]
    if name not in c.inputs:
        message = f"there is no input `{name}`"
        hint = nearest_hint(c, str(name), c.inputs, "the inputs are") or "declare it under `inputs:`."
        if not c.inputs:
            hint = "declare it under `inputs:`."
        c.problems.error_inside(place, message, offset=reference.offset, length=reference.length, hint=hint)
    elif name in c.secrets and not view.sealed:
        _secret(c, reference, place, f"inputs.{name}")


def _secret(c: Compilation, reference: Reference, place: Place, name: str) -> None:
    message = f"`{name}` is secret and cannot stand here"
    if name == "inputs":
        message = "`inputs` as a whole holds a secret and cannot stand here"
    hint = "a secret can only be handed to an action, under `with`, and not to `let`, `wait` or `fail`, whose values are kept."
    c.problems.error_inside(place, message, offset=reference.offset, length=reference.length, hint=hint)


def _unknown_name(c: Compilation, reference: Reference, place: Place, view: View) -> None:
    name = str(reference.path[0])
    message, hint = f"there is no name `{name}` here", ""
    if name in c.too_early:
        hint = c.too_early[name]
    elif name == "secrets":
        message, hint = NOT_YET["secrets"]
    elif name in c.inputs:
        hint = f"write `inputs.{name}`."
    elif name in c.homes:
        hint = f"write `steps.{name}`."
    elif name == "loop":
        hint = "`loop` is known only inside a loop's body."
    elif name == "result":
        hint = "`result` is known only in `reduce`, `undo`, and the `until` of an action."
    hint = hint or nearest_hint(c, name, [*view.names], "the names here are")
    c.problems.error_inside(place, message, offset=reference.offset, length=reference.length, hint=hint)
