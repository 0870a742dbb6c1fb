"""The functions that a template may call by name."""


# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping, Sequence

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe, weigh


def make_range(frame: Frame, start: object, stop: object = None, step: object = 1) -> list[int]:
    """Return the list of whole numbers from `start` to before `stop`."""
    if stop is None:
        start, stop = 0, start
    for bound in (start, stop, step):
        if not isinstance(bound, int):
            raise Refused(f"`range` needs whole numbers, not {describe(bound)}", "convert it with `| int`.")
    if step == 0:
        raise Refused("`range` needs a step that is not 0")
    numbers = range(start, stop, step)  # pyright: ignore[reportArgumentType] - whole numbers, as just asked
    length = len(numbers) if -(2**62) < stop - start < 2**62 else 2**62  # pyright: ignore[reportOperatorIssue]
    frame.element_room(length)
    return list(numbers)


def make_mapping(
    frame: Frame, pairs: Mapping[object, object] | Sequence[object] = (), /, **named: object
) -> object:
    """Return a mapping of the pairs and the named arguments."""
    weigh(frame, pairs)
    return {**dict(pairs), **named}  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]


FUNCTIONS: Mapping[str, Callable[..., object]] = {"range": make_range, "dict": make_mapping}

REFUSED: Mapping[str, str] = {
    "namespace": "data cannot be changed; use `{% set %}`, or a filter such as `sum` or `map`.",
    "cycler": "use `loop.cycle(…)`.",
    "joiner": "use the filter `join`.",
    "lipsum": "there is nothing random in a template.",
    "now": "there is no clock in a template; `run.started_at` is when the run began.",
    "random": "there is nothing random in a template.",
    "super": "documents with blocks are made by the action `text.template`.",
    "caller": "documents with macros are made by the action `text.template`.",
}
"""Functions of Jinja2 and wishes that are not part of the language, with what to do instead."""
