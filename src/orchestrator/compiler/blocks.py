"""Blocks of steps: ids, order, and one step after the other."""

from collections.abc import Mapping
from typing import cast

from orchestrator.compiler.advice import check_fit
from orchestrator.compiler.bodies import NO_BODY, read_body
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.cycles import break_cycles
from orchestrator.compiler.draft import EMPTY_GRAPH, Cause, Draft, View
from orchestrator.compiler.kinds import is_id
from orchestrator.compiler.mappings import Entry, check_companions, checked
from orchestrator.compiler.origin import Place
from orchestrator.compiler.policies import (
    make_retry,
    read_budget,
    read_model,
    read_resources,
    read_retry,
    read_reuse,
)
from orchestrator.compiler.recovery import read_on_error
from orchestrator.compiler.references import wait_for
from orchestrator.compiler.schema import STEP
from orchestrator.compiler.undoing import read_undo
from orchestrator.compiler.values import compile_condition
from orchestrator.core.action import Effect
from orchestrator.core.graph import build_graph
from orchestrator.core.ids import StepId
from orchestrator.core.misfit import shown
from orchestrator.core.pipeline import Block, ErrorRule, Step
from orchestrator.core.policy import NO_RETRY, Retry, Reuse
from orchestrator.core.quantities import duration
from orchestrator.core.schema import compile_schema
from orchestrator.core.template import Reference, Template

LANGUAGE_ACTIONS = frozenset(("let", "wait", "fail", "pipeline.run"))
"""Actions that `defaults` for actions of tools and models leave alone."""
MAX_STEPS = 20_000
"""Steps of one file, the inner ones counted in."""
Rules = tuple[ErrorRule, ...]
_DEPENDENT = frozenset(key for key, entry in STEP.items() if entry.beside) - {"with"}
_USUAL = frozenset(("id", "name", "description", "action", "with", "needs", "model"))


def read_block(
    c: Compilation, entries: list[object], draft: Draft, names: dict[str, object], *, sequential: bool = False
) -> Block:
    """Return the block of a list of steps; `names` are the shapes of what its templates can read."""
    if not entries:
        c.problems.error(draft.place, "there are no steps here", hint="write at least one step.")
        return Block(steps=(), graph=EMPTY_GRAPH)
    place = draft.place
    if len(c.homes) + len(entries) > MAX_STEPS:
        message = f"a file may have {MAX_STEPS:,} steps, and these are too many"
        c.problems.error(
            place, message, hint="let a `for_each` repeat them, or split the file with `pipeline.run`."
        )
        return Block(steps=(), graph=EMPTY_GRAPH)
    draft.entries = entries
    for index, entry in enumerate(entries):
        _register(c, entry, (place, index), draft, index)
    if sequential:
        for index in range(1, len(entries)):
            draft.edges[index][index - 1] = Cause((place, index))
    draft.locations = c.problems.item_locations(place)
    steps = tuple([_read_step(c, entry, (place, at), draft, at, names) for at, entry in enumerate(entries)])
    draft.steps = steps
    break_cycles(c, draft)
    draft.graph = build_graph([sorted(edges) for edges in draft.edges])
    return Block(steps=steps, graph=draft.graph)


def inner_block(
    c: Compilation,
    entries: object,
    place: Place,
    view: View,
    *,
    names: dict[str, object] | None = None,
    handler: bool = False,
    sequential: bool = False,
) -> Block:
    """Return the block inside a step."""
    draft = Draft(place, around=view.draft, at=view.at, handler=handler)
    block = read_block(c, cast("list[object]", entries), draft, names or view.names, sequential=sequential)
    view.deferred.append(draft)
    return block


def _register(c: Compilation, entry: object, place: Place, draft: Draft, index: int) -> None:
    """Make a step's id known to everything that may name it."""
    draft.edges.append({})
    draft.deferred.append([])
    step = cast("Mapping[str, object]", entry).get("id") if isinstance(entry, Mapping) else None
    if step is None or not is_id(step):
        draft.ids.append("")
        if step is None and isinstance(entry, Mapping):
            c.problems.error(place, "this step has no `id`", hint="give it one: letters, digits and `_`.")
        return
    name = cast("str", step)
    draft.ids.append(name)
    if name in c.homes:
        first = c.line_of_step(name)
        where = f"; the first stands in line {first}" if first else ""
        c.problems.error(
            (place, "id"),
            f"the id `{name}` is taken already{where}",
            hint="ids are unique in the whole file: rename one.",
        )
        return
    c.homes[name] = (draft, index)


def _read_step(
    c: Compilation, raw: object, place: Place, draft: Draft, at: int, names: dict[str, object]
) -> Step:
    if type(raw) is not dict:
        if not isinstance(raw, Mapping):
            message = f"a step must be a mapping with `id` and `action`, not {shown(raw)}"
            c.problems.error(place, message, hint="write `- id: …` and its keys below each other.")
            return Step(id=StepId(""), body=NO_BODY)
        raw = dict(cast("Entry", raw))
    entry = checked(c, cast("Entry", raw), STEP, place)
    view = View(draft, at, names, draft.deferred[at])
    step_id = StepId(draft.ids[at])
    defaults = c.defaults
    if "needs" in entry:
        _read_needs(c, entry["needs"], (place, "needs"), view)
    if _USUAL.issuperset(entry) and "action" in entry:
        body, _ = read_body(c, entry, cast("Entry", raw), place, view)
        of_tool = entry["action"] not in LANGUAGE_ACTIONS
        return Step(
            id=step_id,
            name=cast("str", entry.get("name", "")),
            description=cast("str", entry.get("description", "")),
            body=body,
            model=_model(c, entry, place),
            retry=defaults.retry if of_tool else NO_RETRY,
            timeout=defaults.timeout if of_tool else None,
            on_error=_default_rules(c, view) if of_tool and defaults.on_error is not None else (),
            location=draft.locations[at] if draft.locations else None,
            open_values=tuple(draft.open_values.get(at, ())),
        )
    return _read_full_step(c, entry, cast("Entry", raw), place, view, step_id)


def _read_full_step(
    c: Compilation, entry: Entry, raw: Entry, place: Place, view: View, step_id: StepId
) -> Step:
    """Return a step of whatever kind."""
    if not _DEPENDENT.isdisjoint(entry) or ("with" in entry and "action" not in raw):
        check_companions(c, entry, raw, STEP, place)
    condition = None
    if "if" in entry:
        condition = _condition(c, entry, (place, "if"), view)
    otherwise = inner_block(c, entry["else"], (place, "else"), view) if "else" in entry else None
    body, inside = read_body(c, entry, raw, place, view)
    action = cast("str", entry.get("action", ""))
    of_tool = bool(action) and action not in LANGUAGE_ACTIONS
    defaults = c.defaults
    return Step(
        id=step_id,
        name=cast("str", entry.get("name", "")),
        description=cast("str", entry.get("description", "")),
        body=body,
        condition=condition,
        otherwise=otherwise,
        retry=_retry(c, entry, place, of_tool=of_tool),
        timeout=duration(entry["timeout"]) if "timeout" in entry else defaults.timeout if of_tool else None,
        on_error=_rules(c, entry, place, inside, of_tool=of_tool),
        undo=read_undo(c, entry, (place, "undo"), inside) if "undo" in entry else None,
        output=_output(c, cast("Entry", entry["output"]), (place, "output")) if "output" in entry else None,
        model=_model(c, entry, place) if action else None,
        reuse=_reuse(c, entry, place) if "cache" in entry else None,
        budget=read_budget(c, entry["budget"], (place, "budget")) if "budget" in entry else None,
        critical=bool(entry.get("critical")),
        effect=Effect(cast("str", entry["effect"])) if "effect" in entry else None,
        resources=read_resources(c, cast("Entry", entry["resources"]), (place, "resources"))
        if "resources" in entry
        else {},
        location=view.draft.locations[view.at] if view.draft.locations else None,
        open_values=tuple(view.draft.open_values.get(view.at, ())),
    )


def _condition(c: Compilation, entry: Entry, place: Place, view: View) -> Template:
    if "for_each" in entry:
        hint = "`if` is asked once, before the items: filter the list, or put `if` inside the body."
        c.too_early = {str(entry.get("as", "item")): hint, "loop": hint}
    condition = compile_condition(c, entry["if"], place, view)
    c.too_early = {}
    view.draft.conditions[view.at] = condition
    return condition


def _read_needs(c: Compilation, needs: object, place: Place, view: View) -> None:
    for index, name in enumerate([needs] if type(needs) is str else cast("list[str]", needs)):
        where: Place = place if type(needs) is str else (place, index)
        if not wait_for(c, name, view, Cause(where)):
            c.lost.append((Reference(("status", name), 0, len(name), guarded=True), where, view))


def _retry(c: Compilation, entry: Entry, place: Place, *, of_tool: bool) -> Retry:
    if "retry" not in entry:
        return c.defaults.retry if of_tool else NO_RETRY
    return make_retry({**c.defaults.retry_keys, **read_retry(c, entry["retry"], (place, "retry"))})


def _model(c: Compilation, entry: Entry, place: Place) -> object:
    model = read_model(c, entry["model"], (place, "model")) if "model" in entry else c.defaults.model
    if model is not None:
        check_fit(c, entry, place, model)
    return model


def _reuse(c: Compilation, entry: Entry, place: Place) -> Reuse | None:
    reuse = read_reuse(c, entry["cache"], (place, "cache"))
    name = cast("str", entry.get("action", ""))
    action = c.action(name)
    effect = entry.get("effect") or (action.spec.effect if action else Effect.PURE)
    if reuse is not None and effect not in ("pure", "read"):
        message = f"`cache` would skip what `{name}` does: its effect is `{effect}`"
        hint = "only results of `pure` and `read` actions can be taken again."
        c.problems.error((place, "cache"), message, hint=hint)
    return reuse


def _rules(c: Compilation, entry: Entry, place: Place, inside: View, *, of_tool: bool) -> Rules:
    if "on_error" not in entry:
        return _default_rules(c, inside) if of_tool and c.defaults.on_error is not None else ()

    def handler(steps: list[object], where: Place) -> Block:
        return inner_block(c, steps, where, inside, handler=True)

    where = (place, "on_error")
    return read_on_error(c, entry["on_error"], where, inside, group="action" not in entry, handler=handler)


def _default_rules(c: Compilation, view: View) -> Rules:
    return read_on_error(
        c, c.defaults.on_error, c.defaults.on_error_place, view, group=False, handler=_no_handler
    )


def _no_handler(_steps: list[object], _place: Place) -> Block:
    return Block(steps=(), graph=EMPTY_GRAPH)


def _output(c: Compilation, schema: Entry, place: Place) -> Entry | None:
    try:
        compile_schema(schema)
    except ValueError as error:
        c.problems.error(place, f"`output` is no valid JSON Schema: {error}", hint="", key=True)
        return None
    return schema
