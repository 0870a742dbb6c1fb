"""Taking completed work back (compensation): in reverse order of completion, over all scopes and loop items.

What was stopped while it acted comes first. Each way back is a journalled task of its own, with its own retries; one that fails is reported and does not keep the
others from being undone. Tasks in doubt are not touched: nobody knows what there is to undo.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from orchestrator.core.action import Action, ActionContext, Effect
from orchestrator.core.ids import TaskPath
from orchestrator.core.journal import TaskFailed, TaskUndone, UndoStarted
from orchestrator.core.pipeline import Step, Undo
from orchestrator.core.run_state import TaskState
from orchestrator.core.secret import reveal
from orchestrator.engine.attempt import perform
from orchestrator.engine.linking import LinkedCall, LinkedStep
from orchestrator.engine.run import Run, Undoable
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError, ParkedError
from orchestrator.engine.task import Task
from orchestrator.errors import SetupError

_SEPARATORS = tuple(".[#/~")


async def undo_tasks(run: Run, group: str) -> None:
    """Undo every completed task inside a group; all tasks when `group` is empty.

    Raises `ParkedError`, after all others, when a person must decide whether one was undone.
    """
    if not any(_is_to_undo(run, path, group) for path in run.undoable):
        return
    if group not in run.state.undoing:
        run.record(UndoStarted(run.means.clock.now(), group))
    parked = False
    unfinished = [path for path in run.undoable if run.state.tasks[path].status != "completed"]
    for path in (*reversed(unfinished), *reversed(run.state.completed)):
        if _is_to_undo(run, path, group):
            try:
                await _undo_one(run, path, run.undoable[path])
            except ParkedError:
                parked = True
    if parked:
        raise ParkedError


def remember(run: Run, linked: LinkedStep, scope: Scope, path: TaskPath, result: object) -> None:
    """Keep what is needed to undo a task later."""
    run.undoable[path] = Undoable(linked, scope, result)


def can_be_undone(task: TaskState, step: Step) -> bool:
    """Whether there is something to take back: a task that completed, or one that was stopped while it acted.

    The latter only where the action knows its own way back, which works whether it had got far or not; an action that
    must happen only once is in doubt instead.
    """
    if step.undo is None or task.status == "completed":
        return step.undo is not None
    stopped = task.status in ("running", "cancelled") and task.effect == Effect.IDEMPOTENT
    return stopped and step.undo.call is None


def _is_to_undo(run: Run, path: TaskPath, group: str) -> bool:
    undoable = run.undoable.get(path)
    if undoable is None or not can_be_undone(run.state.tasks[path], undoable.linked.step):
        return False
    return not group or (path.startswith(group) and path[len(group) :].startswith(_SEPARATORS))


async def _undo_one(run: Run, path: TaskPath, undoable: Undoable) -> None:
    linked, scope, result = undoable
    undo, back = linked.step.undo, TaskPath(f"{path}~undo")
    known = run.task(back)
    if undo is None or (known is not None and known.status == "failed"):
        return
    try:
        if known is None or known.status != "completed":
            call = linked.links.call(undo.call) if undo.call else _own_way_back(run, linked, path)
            task = Task(
                call=call,
                step=_undo_step(linked.step, undo),
                path=back,
                names={**scope.names, "result": result},
                needs=scope.needs,
                stopping=lambda: run.halted,
            )
            await perform(run, task)
    except FailedError as error:
        run.record(TaskFailed(run.means.clock.now(), back, error.failure))
        run.warn(f"{path} could not be undone: {error.failure.message}", path)
    else:
        run.record(TaskUndone(run.means.clock.now(), path))


def _undo_step(step: Step, undo: Undo) -> Step:
    return Step(id=step.id, body=step.body, retry=undo.retry, timeout=step.timeout, model=step.model)


def _own_way_back(run: Run, linked: LinkedStep, path: TaskPath) -> LinkedCall:
    """Return the call that takes an action back by its own means."""
    call, memento = linked.call, reveal(run.state.tasks[path].memento, run.secrets)
    if call is None or call.action.revert is None:
        raise SetupError(
            f"step {linked.id!r} says `undo: true`, but its action has no way back",
            hint="the action has changed since the file was compiled.",
        )
    revert, spec = call.action.revert, call.action.spec

    def take_back(params: Mapping[str, object], ctx: ActionContext) -> object:
        return revert(params, memento, ctx)

    action = Action(spec=replace(spec, effect=Effect.IDEMPOTENT, runs="thread"), function=take_back)
    return LinkedCall(
        name=f"{spec.name} (undo)", parameters=call.parameters, action=action, effect=Effect.IDEMPOTENT
    )
