"""What a step does: a call, a group, a loop over items, a loop on a condition, or a choice between branches."""

from typing import cast

from orchestrator.compiler.calls import read_call
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import Draft, View
from orchestrator.compiler.learning import learn_items, learn_value
from orchestrator.compiler.mappings import Entry, checked, wrong_kind
from orchestrator.compiler.origin import Place
from orchestrator.compiler.schema import CASE, REDUCE, RESERVED_NAMES
from orchestrator.compiler.shapes import ITERATION, POSITION
from orchestrator.compiler.values import NOTHING, compile_condition, compile_text_value, compile_value
from orchestrator.core.misfit import joined
from orchestrator.core.pipeline import Block, Body, Call, ForEach, Loop, Reduce, Switch
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.template import Template
from orchestrator.expressions import is_template

NO_BODY = Call(action="", parameters=NOTHING)
"""Stands for a body that cannot be read."""
_LOOPS = ("for_each", "while", "until")
_WORK = ("action", "steps", "switch")


def read_body(c: Compilation, entry: Entry, raw: Entry, place: Place, view: View) -> tuple[Body, View]:
    """Return what a step does, and the view of its own templates: in a loop of one action they see the item.

    `raw` is the entry with the keys that were wrong, so that those are not called missing.
    """
    work = [key for key in _WORK if key in raw]
    loops = [key for key in _LOOPS if key in raw]
    if len(work) != 1 or len(loops) > 1 or (loops and work == ["switch"]):
        _say_what_is_wrong(c, work, loops, place)
        return NO_BODY, view
    if work[0] not in entry or (loops and loops[0] not in entry):
        return NO_BODY, view
    if not loops:
        if work == ["action"]:
            return read_call(c, entry, place, view), view
        return (_group(c, entry, place, view) if work == ["steps"] else _switch(c, entry, place, view)), view
    read = _for_each if loops == ["for_each"] else _loop
    return read(c, entry, raw, place, view)


def _say_what_is_wrong(c: Compilation, work: list[str], loops: list[str], place: Place) -> None:
    if len(loops) > 1:
        names = joined([f"`{key}`" for key in loops], last="and")
        c.problems.error(
            (place, loops[1]), f"{names} exclude each other", hint="keep one, and nest loops.", key=True
        )
    elif not work:
        hint = "add `action`, `steps` or `switch`."
        c.problems.error(place, "this step does nothing", hint=hint)
    elif len(work) > 1:
        names = joined([f"`{key}`" for key in work], last="and")
        hint = "keep one; a group holds the others as steps of its own."
        c.problems.error((place, work[1]), f"{names} exclude each other", hint=hint, key=True)
    else:
        hint = "put the `switch` into `steps` inside the loop."
        c.problems.error((place, "switch"), f"`switch` cannot stand beside `{loops[0]}`", hint=hint, key=True)


def _steps(
    c: Compilation, entry: Entry, place: Place, view: View, names: dict[str, object]
) -> tuple[Block, View]:
    """Return the block under `steps`, and the view from its end."""
    sequential = entry.get("strategy") == "sequential"
    block = c.blocks(c, entry["steps"], (place, "steps"), view, names=names, sequential=sequential)
    draft = next((item for item in reversed(view.deferred) if isinstance(item, Draft)), view.draft)
    end = view.within(draft, names)
    if "value" not in entry:
        return block, end
    value = compile_value(c, entry["value"], (place, "value"), end)
    learn_value(c, view, entry["value"], names)
    return Block(steps=block.steps, graph=block.graph, value=value), end


def _group(c: Compilation, entry: Entry, place: Place, view: View) -> Block:
    return _steps(c, entry, place, view, view.names)[0]


def _for_each(c: Compilation, entry: Entry, raw: Entry, place: Place, view: View) -> tuple[Body, View]:
    del raw
    items = _choice_or_list(c, entry["for_each"], (place, "for_each"), view)
    name = cast("str", entry.get("as", "item"))
    if name in RESERVED_NAMES:
        c.problems.error(
            (place, "as"), f"`{name}` is taken by the language", hint="choose another name for the item."
        )
    item: dict[str, object] = {}
    learn_items(c, view, items, item, (place, "for_each"), batch="batch" in entry)
    names = {**view.names, name: item, "loop": POSITION}
    inside = View(view.draft, view.at, names, view.deferred)
    if "action" in entry:
        body: Call | Block = read_call(c, entry, place, inside)
    else:
        body, _ = _steps(c, entry, place, view, names)
    reduce = None
    if "reduce" in entry:
        reduce = _reduce(c, cast("Entry", entry["reduce"]), (place, "reduce"), view, inside)
    loop = ForEach(
        items=items,
        name=name,
        body=body,
        max_parallel=cast("int | None", entry.get("max_parallel")),
        batch=cast("int | None", entry.get("batch")),
        reduce=reduce,
    )
    return loop, inside if type(body) is Call else view


def _reduce(c: Compilation, raw: Entry, place: Place, view: View, inside: View) -> Reduce | None:
    entry = checked(c, raw, REDUCE, place)
    missing = [key for key in REDUCE if key not in raw]
    if missing:
        names = joined([f"`{key}`" for key in missing], last="and")
        hint = 'write all three: `{as: total, start: 0, value: "{{ total + result }}"}`.'
        c.problems.error(place, f"`reduce` lacks {names}", hint=hint)
    if "as" not in entry or missing:
        return None
    name = cast("str", entry["as"])
    if name in RESERVED_NAMES:
        c.problems.error((place, "as"), f"`{name}` is taken by the language", hint="choose another name.")
    return Reduce(
        name=name,
        start=compile_value(c, entry["start"], (place, "start"), view),
        value=compile_value(c, entry["value"], (place, "value"), inside.seeing({name: {}, "result": {}})),
    )


def _loop(c: Compilation, entry: Entry, raw: Entry, place: Place, view: View) -> tuple[Body, View]:
    until = "until" in entry
    kind = "until" if until else "while"
    if "max_iterations" not in raw:
        hint = "add `max_iterations: 10`, say; at the limit the loop ends with a warning, or fails with `on_limit: fail`."
        c.problems.error((place, kind), f"`{kind}` needs a limit", hint=hint, key=True)
    names = {**view.names, "loop": ITERATION}
    inside = View(view.draft, view.at, names, view.deferred)
    if not until:
        condition = compile_condition(c, entry[kind], (place, kind), inside)
    if "action" in entry:
        body: Call | Block = read_call(c, entry, place, inside)
        end = inside.seeing({"result": {}})
    else:
        body, end = _steps(c, entry, place, view, names)
    if until:
        condition = compile_condition(c, entry[kind], (place, kind), end)
    loop = Loop(
        condition=condition,  # pyright: ignore[reportPossiblyUnboundVariable]
        until=until,
        body=body,
        max_iterations=cast("int", entry.get("max_iterations", 1)),
        fail_at_limit=entry.get("on_limit") == "fail",
    )
    return loop, inside if type(body) is Call else view


def _switch(c: Compilation, entry: Entry, place: Place, view: View) -> Switch:
    value = _choice_or_list(c, entry["switch"], (place, "switch"), view)
    view.draft.conditions[view.at] = value
    if "cases" not in entry:
        c.problems.error(
            (place, "switch"), "`switch` has no `cases`", hint="add `cases:` with steps per value.", key=True
        )
    cases: list[tuple[object, Block]] = []
    seen: set[tuple[type, object]] = set()
    for key, steps, where in _cases(c, entry.get("cases", {}), (place, "cases")):
        if (type(key), key) in seen:
            c.problems.error(where, f"the case `{key}` stands here a second time", hint="join the two.")
        seen.add((type(key), key))
        cases.append((key, c.blocks(c, steps, where, view)))
    default = c.blocks(c, entry["default"], (place, "default"), view) if "default" in entry else None
    return Switch(value=value, cases=tuple(cases), default=default)


def _cases(c: Compilation, cases: object, place: Place) -> list[tuple[object, object, Place]]:
    """Return key, steps and place of each case, from either form."""
    found: list[tuple[object, object, Place]] = []
    if is_list(cases):
        for index, raw in enumerate(cases):
            where = (place, index)
            if not is_mapping(raw) or not CASE.keys() <= raw.keys():
                c.problems.error(where, "a case in a list is written `{case: …, steps: […]}`")
                continue
            case = checked(c, raw, CASE, where)
            if CASE.keys() <= case.keys():
                found.append((case["case"], case["steps"], (where, "steps")))
        return found
    for key, steps in cast("dict[object, object]", cases).items():
        if not is_list(steps):
            wrong_kind(c, str(key), CASE["steps"].kind, steps, (place, key))
            continue
        found.append((key, steps, (place, key)))
    return found


def _choice_or_list(c: Compilation, value: object, place: Place, view: View) -> Template:
    """Return a `switch` or `for_each`: a text with holes, a bare expression, or a literal."""
    if type(value) is str and is_template(value):
        return compile_text_value(c, value, place, view)
    if type(value) is str:
        return compile_condition(c, value, place, view)
    return compile_value(c, value, place, view)
