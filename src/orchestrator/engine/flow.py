"""Groups, loops and branches: steps whose work is done by blocks inside them.

Each returns its value and the labels that the value carries. Nothing is recorded here but decisions: what a container is
worth follows from its inner tasks, so a resumed run walks the same way again and finds them done.
"""

from collections.abc import Sequence
from typing import cast

from orchestrator.core.failure import Failure
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskSkipped
from orchestrator.core.pipeline import Block, ForEach, Loop, Reduce, Switch
from orchestrator.core.plain import is_mapping
from orchestrator.core.status import SETTLED
from orchestrator.core.undefined import Undefined
from orchestrator.engine.block import IN_PLACE_AT_ONCE, block_labels, block_value, run_block, turn
from orchestrator.engine.containing import Valued
from orchestrator.engine.for_each import Items
from orchestrator.engine.item import run_body
from orchestrator.engine.labels import NO_LABELS, reads_of
from orchestrator.engine.linking import LinkedStep
from orchestrator.engine.open_values import answer
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError
from orchestrator.engine.task_limit import refuse_items
from orchestrator.errors import TemplateError


async def run_group(run: Run, block: Block, scope: Scope, path: TaskPath, stopping: Stopping) -> Valued:
    """Run the steps of a group, a branch or a case."""
    inner = scope.child(f"{path}.")
    await run_block(run, block, inner, stopping)
    return block_value(block, inner), block_labels(run, block, inner)


async def run_switch(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued | None:
    """Run the branch that the value chooses; None when no branch does."""
    switch = cast("Switch", linked.step.body)
    if linked.step.open_values:
        await answer(run, linked, "switch", scope, path, stopping)

    def choose() -> object:
        value = switch.value.render(scope.names)
        for number, (key, _) in enumerate(switch.cases):
            if type(key) is type(value) and key == value:
                return number
        return -1

    number = cast("int", run.decide(path, "switch", choose))
    blocks = [block for _, block in switch.cases]
    chosen = blocks[number] if number >= 0 else switch.default
    for block in (*blocks, switch.default):
        if block is not None and block is not chosen:
            skip_inside(run, block, path, "another case was chosen")
    return None if chosen is None else await run_group(run, chosen, scope, path, stopping)


def skip_inside(run: Run, block: Block, path: TaskPath, reason: str) -> None:
    """Record the steps of a branch that will not run."""
    for step in block.steps:
        inner = TaskPath(f"{path}.{step.id}")
        known = run.task(inner)
        if known is None or known.status not in SETTLED:
            run.record(TaskSkipped(run.means.clock.now(), inner, reason))


async def run_loop(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping) -> Valued:
    """Run the body until its condition ends it; the value is the list of iterations."""
    loop = cast("Loop", linked.step.body)
    iterations: list[object] = []
    labels = NO_LABELS
    previous: object = Undefined(
        "loop.previous", skipped=True, hint="there is no iteration before the first."
    )
    for number in range(1, loop.max_iterations + 2):
        here = TaskPath(f"{path}#{number}")
        names = {"loop": {"iteration": number, "previous": previous}}
        inner = scope.child(f"{here}.", names, {"loop": labels} if labels else {})
        if linked.step.open_values and not loop.until:
            await answer(run, linked, "while", inner, here, stopping)
        if not loop.until and not run.decide(here, "while", lambda i=inner: loop.condition.test(i.names)):
            return iterations, labels
        if number > loop.max_iterations:
            break
        previous, marks = await run_body(run, linked, loop.body, inner, here, stopping)
        iterations.append(previous)
        labels |= marks
        if linked.step.open_values and loop.until:
            if not isinstance(loop.body, Block):
                inner.learn("result", previous, marks)
            await answer(run, linked, "until", inner, here, stopping)
        if loop.until and _is_enough(run, loop, inner, here, previous):
            return iterations, labels
        if loop.until and number == loop.max_iterations:
            break
        if number % IN_PLACE_AT_ONCE == 0:
            await turn()
    _at_limit(run, loop, path)
    return iterations, labels


def _is_enough(run: Run, loop: Loop, scope: Scope, path: TaskPath, result: object) -> object:
    """Ask `until`: it sees the steps of the iteration, or the result of the loop's own action."""
    names = scope.names if isinstance(loop.body, Block) else {**scope.names, "result": result}
    return run.decide(path, "until", lambda: loop.condition.test(names))


def _at_limit(run: Run, loop: Loop, path: TaskPath) -> None:
    what = "`until` never became true" if loop.until else "`while` was still true"
    message = f"{path} stopped at its limit of {loop.max_iterations} iterations: {what}"
    if loop.fail_at_limit:
        raise FailedError(Failure("failed", message, path))
    run.warn(message, path)


async def run_for_each(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Stopping
) -> Valued:
    """Run the body once per item, as many at a time as allowed; the value is in the order of the items."""
    loop = cast("ForEach", linked.step.body)
    if linked.step.open_values:
        await answer(run, linked, "for_each", scope, path, stopping)
    items = cast("list[object]", run.decide(path, "items", lambda: _items(run, loop, scope)))
    run.goes_through(path, len(items))
    marks = scope.labels_read(reads_of(loop.items))
    each = Items(run, linked, scope, path, items, stopping, marks=marks)
    results = await each.run()
    if loop.reduce is None:
        return results, each.labels
    return _folded(loop.reduce, scope, each.names, results), each.labels | marks | scope.labels_read(
        reads_of(loop.reduce.start, loop.reduce.value)
    )


def _folded(
    reduce: Reduce, scope: Scope, names: Sequence[dict[str, object]], results: Sequence[object]
) -> object:
    total = reduce.start.render(scope.names)
    for own, result in zip(names, results, strict=True):
        total = reduce.value.render({**scope.names, **own, reduce.name: total, "result": result})
    return total


def _items(run: Run, loop: ForEach, scope: Scope) -> list[object]:
    items = _all_items(loop, scope)
    if loop.batch is not None:
        items = list[object](items[at : at + loop.batch] for at in range(0, len(items), loop.batch))
    refuse_items(len(items), max(len(run.state.tasks), run.items))
    return items


def _all_items(loop: ForEach, scope: Scope) -> list[object]:
    value = loop.items.render(scope.names)
    if is_mapping(value):
        return [{"key": key, "value": item} for key, item in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return list(value)
    kind = type(value).__name__
    message = f"`for_each` needs a list, but this is {'text' if kind == 'str' else kind}"
    raise TemplateError(
        message, length=len(loop.items.source), hint="text can be taken apart with `| split`."
    )
