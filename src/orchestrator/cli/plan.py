"""`py-orc plan`: what a pipeline will do, before it does it."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from msgspec.structs import replace

from orchestrator.app.bill import Bill, Cost
from orchestrator.app.plain import written
from orchestrator.app.plan import Plan, PlanBlock, PlanStep
from orchestrator.cli.completion import complete_input
from orchestrator.cli.exits import COMPLETED, guarded
from orchestrator.cli.options import File, Json, door
from orchestrator.cli.results import counted
from orchestrator.cli.run import named_values
from orchestrator.cli.terminal import Paper, out

_EFFECTS = {
    "pure": ("pure", "dim"),
    "read": ("reads", "blue"),
    "idempotent": ("repeatable", "green"),
    "once": ("once only", "yellow"),
}


def plan(
    file: File,
    *,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "-i",
            "--input",
            metavar="NAME=VALUE",
            help="An input, as far as it is known. May be repeated.",
            autocompletion=complete_input,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what a pipeline will do and touch.

    The order, what runs together, loops and their bounds, effects, models. Executes nothing and contacts nobody. `…` stands where a value is known only at run time, or depends on an input that was not given.

    Examples:

    \b
      py-orc plan digest.yaml
      py-orc plan digest.yaml -i folder=docs
      py-orc plan digest.yaml --json
    """
    raise typer.Exit(guarded(lambda: _plan(file, values or (), json=json), json=json))


def _plan(file: str, values: Sequence[str], *, json: bool) -> int:
    with door("memory:") as orchestrator:
        found = orchestrator.plan(file, named_values(values, "-i"))
    with door() as orchestrator:
        found = replace(found, bill=orchestrator.bill(file, named_values(values, "-i")))
    if json:
        from orchestrator.cli.document import print_document

        print_document(found.as_data())
    else:
        print_plan(out(), found)
    return COMPLETED


def print_plan(paper: Paper, plan: Plan) -> None:
    """Print a plan as a tree of levels."""
    paper.line(f"{paper.paint(plan.pipeline, 'bold')}  {paper.paint(plan.file, 'dim')}")
    for spec in plan.inputs:
        default = "required" if spec.required else f"default {paper.clean(written(spec.default))}"
        paper.line(f"  input {spec.name}: {spec.type}, {default}")
    for line in _block(paper, plan.root, ""):
        paper.line(line)
    if plan.on_failure is not None:
        paper.line(paper.paint("on failure", "bold"))
        for line in _block(paper, plan.on_failure, "  "):
            paper.line(line)
    if plan.outputs:
        paper.line(f"outputs: {', '.join(plan.outputs)}")
    for line in _summary(paper, plan):
        paper.line(line)


def _block(paper: Paper, block: PlanBlock, indent: str) -> Iterator[str]:
    for number, level in enumerate(block.levels, 1):
        together = paper.paint(" (together)", "dim") if len(level) > 1 else ""
        yield f"{indent}{paper.paint(str(number), 'cyan')}{together}"
        for step in level:
            yield from _step(paper, step, indent + "  ")


def _step(paper: Paper, step: PlanStep, indent: str) -> Iterator[str]:
    notes = [note for note in _notes(paper, step) if note]
    name = step.path.rpartition(".")[2]
    yield f"{indent}{paper.paint(name, 'bold')}  {step.does}" + (f"  {' · '.join(notes)}" if notes else "")
    if step.condition:
        yield f"{indent}  {paper.paint(f'if {step.condition}', 'magenta')}"
    if step.repeats:
        yield f"{indent}  {paper.paint(f'↻ {step.repeats}', 'magenta')}"
    for touch in step.touches:
        yield f"{indent}  {paper.paint(f'{touch.kind} {touch.what}', 'dim')}"
    for label, block in step.blocks.items():
        if label != "steps":
            yield f"{indent}  {paper.paint(label, 'magenta')}"
        yield from _block(paper, block, indent + "    ")


def _notes(paper: Paper, step: PlanStep) -> Iterator[str]:
    if step.effect:
        word, colour = _EFFECTS[step.effect]
        yield paper.paint(word, colour)
    if step.does == "generate":
        yield f"model {_model(step.model)}"
    if step.asks:
        yield f"a model decides {', '.join(step.asks)}"
    if step.attempts > 1:
        yield f"up to {step.attempts} attempts"
    if step.undo:
        yield "can be undone"


def _model(model: object) -> str:
    if isinstance(model, list | tuple):
        return ", then ".join(str(one) for one in model)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(model) if model else "auto"


def _summary(paper: Paper, plan: Plan) -> Iterator[str]:
    steps = [*plan.root.steps(), *(plan.on_failure.steps() if plan.on_failure else ())]
    counts = {effect: sum(1 for step in steps if step.effect == effect) for effect in _EFFECTS}
    told = [f"{number} {_EFFECTS[effect][0]}" for effect, number in counts.items() if number]
    many = f", at most {plan.max_parallel} at a time" if plan.max_parallel else ""
    yield paper.paint(f"{counted(len(steps), 'step')}: {', '.join(told) or 'no actions'}{many}", "dim")
    if plan.bill is not None:
        yield from _bill(paper, plan.bill)
    for warning in plan.warnings:
        yield f"{paper.paint('warning:', 'yellow')} {warning}"


def _bill(paper: Paper, bill: Bill) -> Iterator[str]:
    """Tell what the run may cost, and what makes it unbounded."""
    if bill.total.upper == 0:
        yield f"{paper.paint('cost', 'bold')}: nothing, its models are free"
        return
    learnt = f" after {bill.runs} past run{'' if bill.runs == 1 else 's'}"
    expected = "unknown, no past runs" if bill.expected is None else f"${bill.expected:f}{learnt}"
    yield f"{paper.paint('cost', 'bold')}: at least ${bill.total.lower:f}, expected {expected}, at most {_upper(bill.total)}"
    for path, cost in bill.steps.items():
        yield paper.paint(f"  {path}: at most {_upper(cost)}", "dim")
    for why in dict.fromkeys(bill.total.unbounded):
        yield f"  {paper.paint('unbounded', 'yellow')}: {paper.clean(why)}"


def _upper(cost: Cost) -> str:
    return "unbounded" if cost.upper is None else f"${cost.upper:f}"
