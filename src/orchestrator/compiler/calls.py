"""A step's action with its parameters, held against the action's JSON Schema as far as they are literal."""

from typing import cast

from orchestrator.compiler.auto_tags import is_computed
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import View
from orchestrator.compiler.kinds import PAUSE
from orchestrator.compiler.learning import learn_fields
from orchestrator.compiler.mappings import Entry
from orchestrator.compiler.origin import Place
from orchestrator.compiler.parameters import check_parameters
from orchestrator.compiler.references import nearest_hint
from orchestrator.compiler.schema import NOT_YET
from orchestrator.compiler.subpipelines import read_subpipeline
from orchestrator.compiler.values import compile_mapping
from orchestrator.core.misfit import shown
from orchestrator.core.pipeline import ANSWER_ACTION, Call
from orchestrator.core.quantities import LONGEST, duration
from orchestrator.expressions import is_template

_NOTHING: dict[str, object] = {}
_UNSEALED = frozenset(("let", "wait", "fail"))
"""Actions whose parameters are kept in the journal."""


def read_call(c: Compilation, entry: Entry, place: Place, view: View, *, undoes: bool = False) -> Call:
    """Return the call that `action` and `with` describe: of a step, or of what `undoes` it."""
    name = cast("str", entry["action"])
    parameters = cast("dict[str, object]", entry.get("with", _NOTHING))
    at: Place = (place, "with")
    info = None if name == ANSWER_ACTION else c.action_info(name)
    if info is None:
        _unknown_action(c, name, (place, "action"))
        return Call(action=name, parameters=compile_mapping(c, parameters, at, view.seeing(sealed=True), {}))
    fields: dict[str, object] | None = None
    if not undoes:
        c.own_shapes[view.draft.ids[view.at]] = info.action.spec.result
        if name == "let":
            learn_fields(c, view, parameters, fields := {})
    seen = view if name in _UNSEALED else view.seeing(sealed=True)
    template = compile_mapping(c, parameters, at, seen, info.expected, fields)
    if not info.loose:
        check_parameters(
            c, name, info.schema, parameters, template, at if "with" in entry else (place, "action")
        )
    if name == "pipeline.run":
        read_subpipeline(c, parameters, at, view)
    elif name == "wait":
        _check_wait(c, parameters, at)
    return Call(action=name, parameters=template)


def _check_wait(c: Compilation, parameters: dict[str, object], place: Place) -> None:
    if "signal" in parameters:
        c.problems.error((place, "signal"), NOT_YET["signal"][0], hint=NOT_YET["signal"][1], key=True)
    wanted = parameters.get("for")
    fixed = type(wanted) in (int, float) or (type(wanted) is str and not is_computed(wanted))
    if fixed and duration(wanted, zero=True) is None:
        message = f"`for` must be {PAUSE.expected}, not {shown(wanted)}"
        c.problems.error((place, "for"), message, hint=f"the longest time is {LONGEST:,.0f} seconds.")


def _unknown_action(c: Compilation, name: str, place: Place) -> None:
    if name in NOT_YET:
        c.problems.error(place, NOT_YET[name][0], hint=NOT_YET[name][1])
    elif "<AUTO" in name:
        c.problems.error(
            place,
            "an action cannot be left open with `<AUTO>`",
            hint="name the action; to choose between several, use `switch`.",
        )
    elif is_template(name):
        hint = "name the action; to choose between several, use `switch`."
        c.problems.error(place, "an action cannot be computed", hint=hint)
    else:
        c.problems.error(place, f"there is no action `{name}`", hint=_near_action(c, name))


def _near_action(c: Compilation, name: str) -> str:
    known = c.action_names()
    tool = name.partition(".")[0]
    siblings = [other for other in known if other.partition(".")[0] == tool]
    if siblings and "." in name:
        return nearest_hint(c, name, siblings, f"the actions of `{tool}` are")
    near = c.problems.near(name, known) or next((other for other in known if other.endswith(f".{name}")), "")
    return f"did you mean `{near}`?" if near else "`py-orc tools` lists the actions that are installed."
