"""`py-orc show`: what a run, or one of its tasks, did."""

from collections.abc import Mapping
from typing import Annotated

import typer

from orchestrator.app.derived import derived_value
from orchestrator.app.origins import known_task
from orchestrator.app.paths import enclosing, round_of
from orchestrator.app.plain import clock_time, legible, span, written
from orchestrator.app.result import result_of, route_of
from orchestrator.app.sanitising import one_line
from orchestrator.app.spending import spending_of
from orchestrator.cli.completion import complete_step
from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import Json, Run, Store, door
from orchestrator.cli.results import made_text, print_outputs, value_text
from orchestrator.cli.terminal import Paper, out, width
from orchestrator.core.ids import TaskPath
from orchestrator.core.run_state import RunState, TaskState

_CHILDREN = 25
"""Tasks of one container that are listed; `show RUN STEP` has the others."""


def show(
    run: Run,
    step: Annotated[
        str,
        typer.Argument(metavar="[STEP]", help="A task's path, or a step's id.", autocompletion=complete_step),
    ] = "",
    *,
    store: Store = "",
    json: Json = False,
) -> None:
    """Show what a run or one of its tasks did.

    A run as the tree of its tasks, a task with its whole value. Times are those of this machine's zone, durations run from
    the beginning to the end, pauses included; `--json` has UTC and seconds.

    Examples:

    \b
      py-orc show last
      py-orc show last 'digest[3].summary'
      py-orc show 01a1fa06 --json
    """
    raise typer.Exit(guarded(lambda: _show(run, step, store, json=json), json=json))


def _show(run: str, step: str, store: str, *, json: bool) -> int:
    with door(store) as orchestrator:
        state = orchestrator.state(run)
        status = state.status
        if status == "running" and not any(
            summary.run_id == state.run_id for summary in orchestrator.runs(status="running", limit=10_000)
        ):
            status = "interrupted"
    if step:
        path = known_task(state, step)
        _show_task(state, path, json=json)
    elif json:
        from orchestrator.cli.document import print_document

        print_document(run_data(state, status))
    else:
        _print_run(out(), state, status)
    return COMPLETED


def run_data(state: RunState, status: str) -> dict[str, object]:
    """Return a run as plain data: its result document, and what it began with."""
    return {
        **result_of(state).as_data(),
        "status": status,
        "file": state.file,
        "workspace": state.workspace,
        "inputs": state.inputs,
    }


def _print_run(paper: Paper, state: RunState, status: str) -> None:
    seconds = None if state.ended_at is None else state.ended_at - state.created_at
    paper.line(
        f"{paper.symbol(status)} {paper.paint(state.pipeline, 'bold')} {paper.status(status)}  {span(seconds)}"
    )
    facts = [str(state.run_id), clock_time(state.created_at), state.file]
    paper.line(f"  {paper.paint('  '.join(fact for fact in facts if fact), 'dim')}")
    for name, value in state.inputs.items():
        paper.line(f"  input {name}: {one_line(written(value), width() - 12)}")
    for line in _tree(paper, state):
        paper.line(line)
    for line in _spending(paper, state):
        paper.line(line)
    for warning in state.warnings:
        paper.line(f"{paper.paint('warning:', 'yellow')} {paper.clean(warning)}")
    if state.failure is not None:
        paper.line(f"{paper.paint('error:', 'red')} {paper.clean(state.failure.message)}")
    if state.status in {"completed", "partial"}:
        print_outputs(paper, state.outputs)
    if status == "interrupted":
        paper.line(paper.paint(f"  → continue it with: py-orc resume {state.run_id}", "cyan"))


def _spending(paper: Paper, state: RunState) -> list[str]:
    """Return a line per model that cost something, and one for what nobody saw answered."""
    lines = [
        f"  cost {paper.clean(name)}: ${spending.usage.cost:f}  {paper.paint(f'by {paper.clean(spending.price)}', 'dim')}"
        for name, spending in spending_of(state).items()
        if spending.usage.cost
    ]
    if state.usage.uncertain is not None:
        lines.append(
            f"  uncertain: ${state.usage.uncertain:f}  {paper.paint('set aside for calls whose answer nobody saw', 'dim')}"
        )
    return lines


def _tree(paper: Paper, state: RunState) -> list[str]:
    """Return a line per task, inner ones below the task around them."""
    children: dict[str, list[TaskPath]] = {}
    for path in state.tasks:
        outer = next((around for around in enclosing(path) if around in state.tasks), TaskPath(""))
        children.setdefault(outer, []).append(path)
    lines: list[str] = []

    def add(outer: str, depth: int) -> None:
        inner = sorted(children.get(outer, []), key=round_of)
        for path in inner[:_CHILDREN]:
            lines.append(_line(paper, path, state.tasks[path], depth))
            add(path, depth + 1)
        if len(inner) > _CHILDREN:
            lines.append(f"{'  ' * depth}{paper.paint(f'… {len(inner) - _CHILDREN} more', 'dim')}")

    add("", 0)
    return lines


def _line(paper: Paper, path: TaskPath, task: TaskState, depth: int) -> str:
    cost = f"${task.usage.cost:f}" if task.usage.cost else ""
    facts = [span(_seconds(task)), task.model, cost, f"attempt {task.attempt}" if task.attempt > 1 else ""]
    facts += [
        "from the cache" if task.cached else "",
        task.how if task.status in {"skipped", "recovered"} else "",
    ]
    told = "  ".join(fact for fact in facts if fact)
    head = f"{'  ' * depth}{paper.symbol(task.status)} {path}"
    room = max(20, width() - len(head) - len(told) - 6)
    if task.failure is not None and task.status != "completed":
        rest = paper.paint(one_line(task.failure.message, room), "red")
    elif task.derived or task.value is None:
        rest = ""
    else:
        rest = paper.paint(one_line(legible(task.value), room), "dim")
    return f"{head}  {told}  {rest}".rstrip()


def _seconds(task: TaskState) -> float | None:
    return None if task.started_at is None or task.ended_at is None else task.ended_at - task.started_at


def _attempt(paper: Paper, entry: Mapping[str, object]) -> str:
    """Return one line about a model that was asked or passed over."""
    told = {key: str(value) for key, value in entry.items()}
    outcome = told.get("outcome", "")
    colour = "green" if outcome == "answered" else "yellow"
    sure = f", confidence {told['confidence']}" if "confidence" in told else ""
    by = f" (strategy {told['strategy']})" if "strategy" in told else ""
    head = f"{told.get('level', 'model')}: {told.get('model', '')} {paper.paint(outcome, colour)}{sure}"
    why = told.get("error") or told.get("reason", "")
    return f"{head}{by}  {paper.paint(one_line(why, max(20, width() - len(head) - 4)), 'dim')}"


def _show_task(state: RunState, path: TaskPath, *, json: bool) -> None:
    task = state.tasks[path]
    if json:
        from orchestrator.cli.document import print_document

        entry = result_of(state).steps[path].as_data()
        value = derived_value(state, path).value if task.derived else task.value
        entry.pop("truncated", None)  # asked for by name, a value is told whole
        print_document({"run_id": state.run_id, "task": path, **entry, "value": value})
        return
    paper = out()
    paper.line(_line(paper, path, task, 0))
    if task.started_at is not None:
        paper.line(f"started: {clock_time(task.started_at)}")
    if task.usage.requests:
        paper.line(f"tokens: {task.usage.input_tokens:,} in, {task.usage.output_tokens:,} out")
    for entry in route_of(task):
        paper.line(_attempt(paper, entry))
    if task.failure is not None:
        paper.line(f"{paper.paint(task.failure.error_class, 'red')}: {paper.clean(task.failure.message)}")
        if task.failure.cause:
            paper.line(paper.paint(paper.clean(task.failure.cause), "dim"))
    if task.derived:
        paper.line(paper.clean(made_text(derived_value(state, path))))
    elif task.value is not None:
        paper.line(paper.clean(value_text(task.value)))
