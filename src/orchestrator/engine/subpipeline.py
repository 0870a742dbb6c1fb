"""`pipeline.run`: another file as a nested scope of the same journal."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import cast

from orchestrator.core.failure import classify
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import DecisionMade
from orchestrator.core.pipeline import Pipeline
from orchestrator.engine.block import run_block
from orchestrator.engine.in_place import labels_read
from orchestrator.engine.inputs import complete_inputs
from orchestrator.engine.labels import reads_of
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.outputs import render_outputs
from orchestrator.engine.result_data import without_undefined
from orchestrator.engine.run import Run, Stopping
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, HaltedError
from orchestrator.engine.task import check_parameters
from orchestrator.errors import ActionError

_DEEPEST = 16
"""Files inside files; computed names could go on for ever."""


async def run_subpipeline(
    run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, attempt: int, stopping: Stopping
) -> tuple[object, frozenset[str]]:
    """Run another file in a scope of its own; the value is its outputs."""
    call = cast("LinkedCall", linked.call)
    params = cast("Mapping[str, object]", without_undefined(call.parameters.render(scope.names)))
    check_parameters(call, params)
    pipeline = await _find(run, scope, path, cast("str", params["file"]))
    if scope.depth >= _DEEPEST:
        raise ActionError(
            f"pipelines call each other more than {_DEEPEST} deep (here: {pipeline.name!r})",
            error_class="invalid_request",
        )
    # A later attempt has tasks of its own: those of an earlier one have their outcomes.
    prefix = f"{path}." if attempt == 1 else f"{path}~{attempt}."
    inner = _scope_of(pipeline, params, prefix, scope, labels_read(linked, scope))
    if pipeline.budget is not None:
        name = f"the budget of {pipeline.name!r}"
        run.open_account(
            prefix, pipeline.budget, name, advice=f"raise `budget` in {pipeline.file or pipeline.name}"
        )
    places = next((name for name in inner.needs if name not in scope.needs), "")
    if places:
        run.means.permits.offer(places, cast("int", pipeline.max_parallel))
    try:
        async with _deadline(run, pipeline, path):
            await run_block(run, pipeline.root, inner, stopping)
        return render_outputs(pipeline, inner, step=path), _labels(pipeline, inner)
    except TimeoutError as error:
        message = f"{pipeline.name!r} took longer than its timeout of {pipeline.timeout:g} s"
        failure = classify(TimeoutError(message), step=path)
        await _after_failure(run, pipeline, inner, prefix, stopping)
        raise FailedError(failure) from error
    except FailedError:
        await _after_failure(run, pipeline, inner, prefix, stopping)
        raise
    finally:
        if places:
            run.means.permits.withdraw(places)


def _scope_of(
    pipeline: Pipeline,
    params: Mapping[str, object],
    prefix: str,
    around: Scope,
    labels: frozenset[str],
) -> Scope:
    """Return the scope of another file: it sees its inputs, and nothing of the file that runs it."""
    given = cast("Mapping[str, object]", params.get("inputs") or {})
    needs = around.needs if pipeline.max_parallel is None else {**around.needs, f"file:{prefix}": 1}
    return Scope(
        {"inputs": complete_inputs(pipeline, given), "run": around.names["run"]},
        pipeline,
        prefix=prefix,
        depth=around.depth + 1,
        needs=needs,
        marks={"inputs": labels} if labels else {},
        seen=around.seen,
    )


def _deadline(run: Run, pipeline: Pipeline, path: TaskPath) -> AbstractAsyncContextManager[object]:
    limit, began = pipeline.timeout, run.state.tasks[path].started_at
    if limit is None or began is None:
        return run.means.clock.timeout(None)
    return run.means.clock.timeout(max(0.0, began + limit - run.means.clock.now()))


async def _after_failure(run: Run, pipeline: Pipeline, scope: Scope, prefix: str, stopping: Stopping) -> None:
    """Run the file's own `on_failure`; what fails in there does not hide why it runs."""
    if pipeline.on_failure is None:
        return
    scope.close(step.id for step in pipeline.root.steps)
    try:
        await run_block(run, pipeline.on_failure, scope.child(f"{prefix}~on_failure."), stopping)
    except FailedError as error:
        run.warn(f"a step of `on_failure` of {pipeline.name!r} failed: {error.failure.message}")
    except HaltedError:
        if run.halted:
            raise


def _labels(pipeline: Pipeline, scope: Scope) -> frozenset[str]:
    return scope.all_labels() | scope.labels_read(reads_of(*pipeline.outputs.values()))


async def _find(run: Run, scope: Scope, path: TaskPath, file: str) -> Pipeline:
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
