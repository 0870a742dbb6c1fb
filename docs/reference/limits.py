"""Every limit that a user can meet, its number read from where the code has it."""

from importlib import import_module
from typing import NamedTuple, cast

from msgspec import Struct

from docs.reference.markdown import table


class Bound(NamedTuple):
    """A limit of the code: where its number stands, and what it bounds."""

    place: str
    """Module and name, below `orchestrator.`."""
    what: str


LIMITS = (
    Bound("app.files:MAX_BYTES", "bytes of a pipeline file"),
    Bound("compiler.source:MAX_CHARACTERS", "characters of a document that the compiler reads"),
    Bound("compiler.source:MAX_DEPTH", "levels of nesting in a document"),
    Bound("compiler.source:MAX_ALIASED", "nodes that YAML aliases may stand for"),
    Bound("compiler.scalars:LONGEST_NUMBER", "characters of a number"),
    Bound("compiler.joining:_LENGTH_OF_CHAIN", "files in one chain of `extends` or `include`"),
    Bound("compiler.blocks:MAX_STEPS", "steps of a file, inner ones and what it includes counted in"),
    Bound("engine.task_limit:MAX_TASKS", "tasks of one run: steps, items, iterations, what actions call"),
    Bound("engine.subpipeline:_DEEPEST", "pipelines that run each other, one inside the other"),
    Bound("engine.result_data:_DEEPEST", "levels of nesting in a value"),
    Bound("app.inputs:MAX_CHARACTERS", "characters of all texts in one input"),
    Bound("app.inputs:MAX_DEPTH", "levels of nesting in an input"),
    Bound("compiler.problems:MAX_PROBLEMS", "errors of a file that are shown"),
    Bound("app.diagram.size:MAX_BOXES", "boxes of a drawn picture; JSON and Mermaid have no such limit"),
    Bound("expressions.template:MAX_LENGTH", "characters of one template"),
    Bound("expressions.frame:DEFAULT_LIMITS.steps", "steps of one template: iterations, calls, sizes of what they make"),
    Bound("expressions.frame:DEFAULT_LIMITS.text", "characters of one text that a template makes"),
    Bound("expressions.frame:DEFAULT_LIMITS.elements", "elements of one list or mapping that a template makes"),
    Bound("core.extent:MAX_PARTS", "parts of a value that a template makes, written out at all depths"),
    Bound("core.extent:MAX_CHARACTERS", "characters of all texts in a value that a template makes, written out"),
    Bound("expressions.frame:INTEGER_BITS", "bits of an integer that a template makes"),
    Bound("expressions.parser:MAX_DEPTH", "levels of nesting in one expression"),
    Bound("core.backtracking:MAX_PATTERN", "characters of a regular expression"),
    Bound("settings.settings:Settings.max_parallel", "actions at a time, unless `max_parallel` says otherwise"),
    Bound("settings.settings:Settings.grace", "seconds that running steps get after Ctrl-C, unless `grace` says otherwise"),
    Bound("models.asking:REPAIRS", "times a model is asked again after an answer that does not fit `output`"),
    Bound("models.asking:LONGEST_ANSWER", "characters of a model's answer that are kept"),
    Bound("models.limits:LONGEST_QUIET", "seconds that calls wait for a provider that asked to be left alone; for more they fail"),
    Bound("models.health:FAILURES", "failures in a row, within a minute, after which a model is left alone for a while"),
    Bound("models.health:PAUSE", "seconds that a failing model is left alone, unless it asks for more"),
    Bound("state.answer_memory:ROOM", "bytes of models' answers that are kept in memory"),
    Bound("engine.attempt:_CRASHES_ALLOWED", "attempts that may end their process; the next one fails as `crashed`"),
    Bound("tools.files:MAX_BYTES", "bytes that `filesystem.read` takes, unless `max_bytes` says otherwise"),
    Bound("tools.data.files:MAX_BYTES", "bytes that `data.read` takes, unless `max_bytes` says otherwise"),
    Bound("tools.listing:MAX_VISITED", "entries that one `filesystem.list` looks at"),
    Bound("state.run_ids:SHORTEST_PART", "characters that a shortened run id needs at least"),
)  # fmt: skip
"""Every limit that a user can meet, in the order in which a pipeline meets them."""


def limits() -> str:
    """Return all limits."""
    return table(("at most", "of what"), [(_number(bound.place), bound.what) for bound in LIMITS])


def _number(place: str) -> str:
    module, _, names = place.partition(":")
    value: object = import_module(f"orchestrator.{module}")
    for name in names.split("."):
        value = _inside(value, name)
    if not isinstance(value, int | float):
        raise TypeError(f"{place} is no number")
    return f"{value:,.0f}"


def _inside(thing: object, name: str) -> object:
    """Return an attribute, or the default of a struct's field."""
    if isinstance(thing, type) and issubclass(thing, Struct):
        defaults = thing.__struct_defaults__
        return dict(zip(thing.__struct_fields__[-len(defaults) :], defaults, strict=True))[name]
    found: object = getattr(cast("object", thing), name)
    return found
