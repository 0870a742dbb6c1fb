"""Reading task paths: `digest[3].summarise`, `refine#2.judge`, `write~undo`, `step/1`."""

from collections.abc import Iterator

from orchestrator.core.ids import StepId, TaskPath

_SUFFIXES = ("[", "#", "~", "/")


def step_id(path: str) -> StepId:
    """Return the id of the step that a task executes: the last name without its counters."""
    name = path.rpartition(".")[2]
    if name.startswith("~"):  # the block `on_failure`
        return StepId(name)
    for suffix in _SUFFIXES:
        name = name.partition(suffix)[0]
    return StepId(name)


def step_path(path: str) -> str:
    """Return the ids from the outermost step to the task's own, joined by dots and without counters."""
    return ".".join(step_id(part) for part in path.split("."))


def round_of(path: str) -> tuple[int, ...]:
    """Return the numbers of the loop items and iterations that a task stands in, for sorting."""
    numbers: list[int] = []
    for part in path.replace("[", "#").split("#")[1:]:
        digits = part.partition("]")[0].partition(".")[0]
        numbers.append(int(digits) if digits.isdecimal() else 0)
    return tuple(numbers)


def enclosing(path: str) -> Iterator[TaskPath]:
    """Yield the paths around a task, innermost first: `a[3].b` lies in `a[3]` and in `a`."""
    while path:
        cut = max(path.rfind(mark) for mark in (".", *_SUFFIXES))
        if cut <= 0:
            return
        path = path[:cut]
        yield TaskPath(path)
