"""What a pipeline is made of: its calls, the files it runs, and the digests that a run keeps of them."""

from collections.abc import Iterator, Mapping

from orchestrator.core.action import ActionSource
from orchestrator.core.pipeline import Block, Call, ForEach, Loop, Pipeline, Step, Switch


def walk(block: Block, prefix: str = "") -> Iterator[tuple[str, Step]]:
    """Yield every step with its path of ids, inner ones after the one around them."""
    for step in block.steps:
        path = f"{prefix}{step.id}"
        yield path, step
        for inner in inner_blocks(step):
            yield from walk(inner, f"{path}.")


def inner_blocks(step: Step) -> Iterator[Block]:
    """Yield the blocks that belong to a step: body, cases, `else`, handlers."""
    body = step.body
    inner = body.body if isinstance(body, ForEach | Loop) else body
    if isinstance(inner, Block):
        yield inner
    elif isinstance(inner, Switch):
        yield from (case for _, case in inner.cases)
        if inner.default is not None:
            yield inner.default
    if step.otherwise is not None:
        yield step.otherwise
    yield from (rule.handler for rule in step.on_error if rule.handler is not None)


def all_steps(pipeline: Pipeline) -> Iterator[tuple[str, Step]]:
    """Yield every step of a pipeline, those of `on_failure` too, but not those of other files."""
    yield from walk(pipeline.root)
    if pipeline.on_failure is not None:
        yield from walk(pipeline.on_failure, "~on_failure.")


def called_in(step: Step) -> set[str]:
    """Return the names of the actions that a step itself calls, its way back included."""
    body = step.body.body if isinstance(step.body, ForEach | Loop) else step.body
    names = {body.action} if isinstance(body, Call) else set[str]()
    if step.undo is not None and step.undo.call is not None:
        names.add(step.undo.call.action)
    return names


def called_actions(pipeline: Pipeline) -> set[str]:
    """Return the names of all actions that a pipeline, or a file it runs, calls."""
    names: set[str] = set()
    for _, step in all_steps(pipeline):
        names |= called_in(step)
    for other in pipeline.pipelines.values():
        names |= called_actions(other)
    return names


def action_digests(pipeline: Pipeline, actions: ActionSource) -> dict[str, str]:
    """Return the digest of every action that a pipeline names."""
    found = ((name, actions.find(name)) for name in sorted(called_actions(pipeline)))
    return {name: action.spec.digest for name, action in found if action is not None}


def changed_actions(kept: Mapping[str, str], actions: ActionSource) -> list[str]:
    """Return a sentence part for each action that is gone or another than a run was started with."""
    changes: list[str] = []
    for name, digest in kept.items():
        action = actions.find(name)
        if action is None:
            changes.append(f"{name} is gone")
        elif digest and action.spec.digest != digest:
            changes.append(f"{name} has changed")
    return changes
