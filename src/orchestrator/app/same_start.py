"""Whether a start under a key that a run has already means that very run."""

from collections.abc import Iterator, Mapping

from orchestrator.app.plain import plain
from orchestrator.app.runs import Start
from orchestrator.compiler import inner_documents
from orchestrator.compiler.canonical import digest_of
from orchestrator.core.run_state import RunState


def differences(state: RunState, start: Start) -> list[str]:
    """Return what a run was started with that another start has otherwise; secrets were never kept."""
    return [*_of_documents(state, start), *_of_inputs(state, start)]


def _of_documents(state: RunState, start: Start) -> Iterator[str]:
    pipeline = start.pipeline
    if pipeline.name != state.pipeline:
        yield f"the pipeline is `{pipeline.name}` now"
    elif pipeline.digest != digest_of(state.document):
        yield "the pipeline was changed"
    elif digest_of(inner_documents(pipeline)) != digest_of(state.documents):
        yield "a pipeline that it runs was changed"
    if start.workspace != state.workspace:
        yield f"the workspace was {state.workspace}"


def _of_inputs(state: RunState, start: Start) -> Iterator[str]:
    names = sorted(state.inputs.keys() | start.inputs.keys())
    changed = [name for name in names if _written(state.inputs, name) != _written(start.inputs, name)]
    if changed:
        noun = "input" if len(changed) == 1 else "inputs"
        yield f"other values for the {noun} {', '.join(changed)}"


def _written(inputs: Mapping[str, object], name: str) -> str | None:
    """Return a value so that 1, 1.0 and true differ, and a value differs from none."""
    return digest_of({"value": plain(inputs[name])}) if name in inputs else None
