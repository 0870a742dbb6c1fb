"""Whether the models that a step names can do what the step needs: asked of the action, which knows models."""

from collections.abc import Iterable, Sequence
from typing import cast

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.mappings import Entry
from orchestrator.compiler.origin import TOP, Place
from orchestrator.core.action import ModelAdvice

_NOTHING: dict[str, object] = {}
_DEFAULT: Place = ((TOP, "defaults"), "model")


def check_fit(c: Compilation, entry: Entry, place: Place, model: object) -> None:
    """Report what is wrong with the model of a step: its own at its place, the default one where it is needed."""
    action = c.action(cast("str", entry["action"]))
    if action is None or action.advise is None or not c.advises:
        return
    parameters = cast("dict[str, object]", entry.get("with", _NOTHING))
    found = action.advise(model, parameters, cast("Entry | None", entry.get("output")))
    if not found:
        return
    if "model" in entry:
        if not c.problems.has_error_at((place, "model")):
            _report(c, found if model is entry["model"] else _pathless(found), (place, "model"))
    else:
        always = action.advise(model, _NOTHING, None)
        _report(c, always, _DEFAULT)
        told = {advice.message for advice in always}
        _report(c, _pathless(advice for advice in found if advice.message not in told), (place, "action"))


def _pathless(found: Iterable[ModelAdvice]) -> list[ModelAdvice]:
    """Return advice for a place where the parts of `model` are not written."""
    return [advice._replace(path=()) for advice in found]


def _report(c: Compilation, found: Sequence[ModelAdvice], place: Place) -> None:
    for advice in found:
        where = place
        for key in advice.path:
            where = (where, key)
        tell = c.problems.error if advice.is_error else c.problems.warning
        tell(where, advice.message, hint=advice.hint)
