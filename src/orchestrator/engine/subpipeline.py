"""`pipeline.run`: another file as a nested scope of the same journal."""

from collections.abc import Callable, Mapping
from typing import cast

from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import DecisionMade
from orchestrator.core.pipeline import Pipeline
from orchestrator.engine.block import run_block
from orchestrator.engine.inputs import complete_inputs
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.outputs import render_outputs
from orchestrator.engine.run import Run
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError
from orchestrator.errors import ActionError

_DEEPEST = 16
"""Files inside files; computed names could go on for ever."""


async def run_subpipeline(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, stopping: Callable[[], bool]
) -> tuple[object, frozenset[str]]:
    """Run another file in a scope of its own; the value is its outputs."""
    call = cast("LinkedCall", linked.call)
    params = cast("Mapping[str, object]", call.parameters.render(scope.names))
    pipeline = await _find(run, scope, path, params.get("file"))
    if scope.depth >= _DEEPEST:
        raise ActionError(
            f"pipelines call each other more than {_DEEPEST} deep (here: {pipeline.name!r})",
            error_class="invalid_request",
        )
    given = cast("Mapping[str, object]", params.get("inputs") or {})
    inputs = complete_inputs(pipeline, given)
    names = {"inputs": inputs, "run": scope.names["run"]}
    inner = Scope(names, pipeline, prefix=f"{path}.", depth=scope.depth + 1)
    try:
        await run_block(run, pipeline.root, inner, stopping)
    except FailedError:
        if pipeline.on_failure is not None:
            after = inner.child(f"{path}.~on_failure.")
            await run_block(run, pipeline.on_failure, after, stopping)
        raise
    return render_outputs(pipeline, inner, step=path), inner.all_labels()


async def _find(run: Run, scope: Scope, path: TaskPath, file: object) -> Pipeline:
    if not isinstance(file, str) or not file:
        raise ActionError(
            f"`file` must be the name of a pipeline file, not {file!r}", error_class="invalid_request"
        )
    known = scope.pipeline.pipelines.get(file)
    if known is not None:
        return known
    loader = run.means.loader
    if loader is None:
        raise ActionError(
            f"cannot load {file!r}: this engine has no access to files", error_class="invalid_request"
        )
    decided = run.state.decisions.get((path, "pipeline"))
    if decided is not None:
        return await loader.restore(cast("Mapping[str, object]", decided))
    pipeline = await loader.load(file, relative_to=scope.pipeline.file)
    run.record(DecisionMade(run.means.clock.now(), path, "pipeline", loader.keep(pipeline)))
    return pipeline
