"""What `undo` says: the action's own way back, or a call of another."""

from typing import cast

from orchestrator.compiler.calls import read_call
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import View
from orchestrator.compiler.mappings import Entry, checked
from orchestrator.compiler.origin import Place
from orchestrator.compiler.policies import make_retry, read_retry
from orchestrator.compiler.schema import UNDO
from orchestrator.core.pipeline import Undo


def read_undo(c: Compilation, entry: Entry, place: Place, view: View) -> Undo | None:
    """Return how a step is taken back."""
    value = entry["undo"]
    if value is True:
        _check_own_way_back(c, entry, place)
        return Undo(call=None)
    keys = checked(c, cast("Entry", value), UNDO, place)
    if "action" not in cast("Entry", value):
        hint = "add `action: …`, or write `undo: true` for the action's own way back."
        c.problems.error(place, "`undo` names no action", hint=hint)
    if "action" not in keys:
        return None
    own = c.own_shapes.get(view.draft.ids[view.at])
    call = read_call(c, keys, place, view.seeing({"result": own or {}}), undoes=True)
    retry = make_retry(read_retry(c, keys["retry"], (place, "retry")) if "retry" in keys else {})
    return Undo(call=call, retry=retry)


def _check_own_way_back(c: Compilation, entry: Entry, place: Place) -> None:
    name = entry.get("action")
    hint = "say how to take it back: `undo: {action: …, with: …}`."
    if name is None:
        c.problems.error(place, "only an action has a way back of its own", hint=hint)
        return
    action = c.action(cast("str", name))
    if action is not None and action.revert is None:
        c.problems.error(place, f"`{name}` has no way back of its own", hint=hint)
