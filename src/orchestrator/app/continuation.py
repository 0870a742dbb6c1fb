"""Going on with a run that another process began, with the pipeline and the code it began with."""

from collections.abc import Mapping
from pathlib import Path

from orchestrator.app.assemble import Parts
from orchestrator.app.doubts import read_doubts
from orchestrator.app.environment_keys import hidden_in_runs
from orchestrator.app.files import compile_kept
from orchestrator.app.inputs import gather_inputs
from orchestrator.app.result import RunResult, result_of
from orchestrator.app.runs import NO_DOUBTS, Doubts, Runs, check_actions, check_tools
from orchestrator.core.action import ActionSource
from orchestrator.core.hook import Observer
from orchestrator.core.ids import RunId
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import RunState


async def continue_run(
    runs: Runs,
    parts: Parts,
    run_id: RunId,
    *,
    secrets: Mapping[str, object] | None = None,
    doubts: Doubts = NO_DOUBTS,
    on_event: Observer | None = None,
    cancel: str | None = None,
) -> RunResult:
    """Take over a run that nobody holds and bring it to its end; `cancel` names who wants it ended instead."""
    journal, state = await runs.take(run_id)
    try:
        check_tools(state, parts.tools_of(state.file))
        kit = parts.kit(state.file, Path(state.workspace), known=state.tools)
        check_actions(state, kit.actions)
        pipeline = kept_pipeline(state, kit.actions)
        if doubts is not NO_DOUBTS:
            doubts = read_doubts(state, doubts, pipeline, kit.actions)
        wanted = {name: spec for name, spec in pipeline.inputs.items() if spec.type == "secret"}
        found = gather_inputs(
            wanted, secrets or {}, environ=parts.settings.environ, workspace=state.workspace
        )
    except BaseException:
        await journal.close()
        raise
    hidden = hidden_in_runs(found.secrets, parts.settings.environ)
    state = await runs.go_on(
        journal,
        state,
        pipeline,
        kit.engine,
        secrets=hidden,
        observers_of=parts.observers_of_runs(hidden, on_event),
        doubts=doubts,
        cancel=cancel,
    )
    return result_of(state)


def kept_pipeline(state: RunState, actions: ActionSource) -> Pipeline:
    """Return the pipeline of a run as it was when the run began."""
    return compile_kept(state.document, file=state.file, actions=actions, documents=state.documents)
