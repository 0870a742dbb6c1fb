"""`py-orc models`: which models there are, and which one each step would get."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from orchestrator.app.model_listing import ListedModel, StepModels
from orchestrator.app.plain import written
from orchestrator.cli.exits import COMPLETED, FAILED, guarded
from orchestrator.cli.options import Json, door
from orchestrator.cli.terminal import Paper, out
from orchestrator.errors import UserError

EXPLAIN = "explain"


def models(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[explain FILE]", help="Say which models each step of a file would ask, and why."
        ),
    ] = None,
    *,
    usable: Annotated[bool, typer.Option("--usable", help="List only what can be asked now.")] = False,
    json: Json = False,
) -> None:
    """List the models that steps can ask.

    What each can do, costs and is good for; which can be asked now, and why the others cannot. Prices are US dollars per million tokens. Asks no model; contacts nothing but model servers on this machine.

    Examples:

    \b
      py-orc models
      py-orc models --usable
      py-orc models explain digest.yaml
    """
    raise typer.Exit(guarded(lambda: _models(words or [], usable=usable, json=json), json=json))


def _models(words: Sequence[str], *, usable: bool, json: bool) -> int:
    if not words:
        return _list(usable=usable, json=json)
    if words[0] != EXPLAIN or len(words) != 2:
        raise UserError(f"py-orc models does not know {' '.join(words)!r}\n  → py-orc models explain FILE")
    return _explain(words[1], json=json)


def _list(*, usable: bool, json: bool) -> int:
    with door("memory:") as orchestrator:
        found = [model for model in orchestrator.models() if not (usable and model.why_not)]
    if json:
        from orchestrator.cli.document import print_document

        print_document({"models": [model.as_data() for model in found]})
        return COMPLETED
    paper = out()
    for model in found:
        paper.line(_line(paper, model))
    return COMPLETED


def _line(paper: Paper, model: ListedModel) -> str:
    sign = paper.symbol("skipped" if model.why_not else "completed")
    price = model.price
    facts = [
        f"quality {model.quality}",
        f"speed {model.speed}",
        f"{model.context:,} tokens" if model.context else "",
        "price unknown"
        if price is None
        else "free"
        if not price.output
        else f"${price.input:f}/${price.output:f}",
        ", ".join(model.abilities),
        "" if model.weight is None else f"weight {model.weight:g}",
    ]
    told = " · ".join(fact for fact in facts if fact)
    why = f"  {paper.paint(model.why_not, 'yellow')}" if model.why_not else ""
    return f"{sign} {model.name:<32} {paper.paint(told, 'dim')}{why}"


def _explain(file: str, *, json: bool) -> int:
    with door("memory:") as orchestrator:
        found = orchestrator.explain_models(file)
    if json:
        from orchestrator.cli.document import print_document

        print_document({"file": file, "steps": [step.as_data() for step in found]})
    else:
        paper = out()
        for step in found:
            for line in _step(paper, step):
                paper.line(line)
        if not found:
            paper.line("no step asks a model")
    return FAILED if any(step.problem for step in found) else COMPLETED


def _step(paper: Paper, step: StepModels) -> Iterator[str]:
    wish = "auto" if step.wish is None else written(step.wish)
    yield f"{paper.paint(step.step, 'bold')}  model: {paper.clean(wish)}"
    for number, model in enumerate(step.models, 1):
        if model.refusal:
            why = paper.paint(f"not asked: {model.refusal}", "yellow")
        else:
            why = paper.paint(model.reason, "dim")
        yield f"  {number}. {model.model}  {why}"
    if step.problem:
        yield f"  {paper.paint('nobody:', 'red')} {paper.clean(step.problem)}"
