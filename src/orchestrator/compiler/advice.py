"""Whether the models that a step names can do what the step needs: asked of the action, which knows models."""

from collections.abc import Sequence
from typing import cast

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.mappings import Entry
from orchestrator.compiler.origin import TOP, Place
from orchestrator.core.action import ModelAdvice

_NOTHING: dict[str, object] = {}
_DEFAULT: Place = ((TOP, "defaults"), "model")


def check_fit(c: Compilation, entry: Entry, place: Place) -> None:
    """Report what is wrong with the model of a step: its own at its place, the default one where it is needed."""
    action = c.action(cast("str", entry["action"]))
    if action is None or action.advise is None or not c.advises:
        return
    own = "model" in entry
    model = entry["model"] if own else c.defaults.model
    parameters = cast("dict[str, object]", entry.get("with", _NOTHING))
    found = action.advise(model, parameters, cast("Entry | None", entry.get("output")))
    if own:
        _report(c, found, (place, "model"))
    elif found:
        always = action.advise(model, _NOTHING, None)
        _report(c, always, _DEFAULT)
        told = {advice.message for advice in always}
        here = [advice._replace(path=()) for advice in found if advice.message not in told]
        _report(c, here, (place, "action"))


def _report(c: Compilation, found: Sequence[ModelAdvice], place: Place) -> None:
    for advice in found:
        where = place
        for key in advice.path:
            where = (where, key)
        tell = c.problems.error if advice.is_error else c.problems.warning
        tell(where, advice.message, hint=advice.hint)
