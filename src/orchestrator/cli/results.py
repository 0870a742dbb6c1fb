"""What a run leaves on the screen: its outputs on stdout, a closing word on stderr."""

from collections.abc import Mapping
from shlex import quote

from orchestrator.app.derived import Derived
from orchestrator.app.plain import plain, span
from orchestrator.app.result import RunResult
from orchestrator.cli.terminal import Paper


def print_outputs(paper: Paper, outputs: Mapping[str, object]) -> None:
    """Print each output under its name: text as it is, structures as JSON."""
    for name, value in outputs.items():
        text = value_text(value)
        if "\n" in text:
            paper.line(f"{paper.paint(name, 'bold')}:")
            paper.line("\n".join(f"  {line}" for line in paper.clean(text).split("\n")))
        else:
            paper.line(f"{paper.paint(name, 'bold')}: {paper.clean(text)}")


def value_text(value: object) -> str:
    """Return a value as people read it: text as it is, structures as JSON, long ones over several lines."""
    short = compact(value)
    if isinstance(value, str) or len(short) <= 80:
        return short
    import json

    return json.dumps(plain(value), ensure_ascii=False, indent=2)


def made_text(made: Derived) -> str:
    """Return the value of a group or loop as people read it, with what it was made of."""
    if not made.known:
        return f"value: {made.why}"
    return f"value, made of {counted(made.tasks, 'inner task')}:\n{value_text(made.value)}"


def compact(value: object) -> str:
    """Return a value as text with structures on one line."""
    if isinstance(value, str):
        return value
    import json

    return json.dumps(plain(value), ensure_ascii=False)


def print_ending(paper: Paper, result: RunResult, *, brief: bool = False) -> None:
    """Print how a run ended, and what to do next where it did not end well.

    Args:
        paper: Where to.
        result: The run.
        brief: Whether a tree above has told about the steps already.
    """
    usage = result.usage
    tokens = usage.input_tokens + usage.output_tokens
    facts = [span(result.duration), counted(len(result.steps), "task")]
    facts += [f"{tokens:,} tokens" if tokens else "", f"${usage.cost}" if usage.cost is not None else ""]
    told = " · ".join(fact for fact in facts if fact)
    paper.line(
        f"{paper.symbol(result.status)} {paper.clean(result.pipeline)} {paper.status(result.status)}  {paper.paint(told, 'dim')}"
    )
    for warning in result.warnings:
        paper.line(f"  {paper.paint('warning:', 'yellow')} {_indented(paper.clean(warning))}")
    if not brief:
        _failures(paper, result)
    if result.error is not None:
        where = f"{result.error.step}: " if result.error.step else ""
        paper.line(f"  {paper.paint('error:', 'red')} {where}{_indented(paper.clean(result.error.message))}")
    for advice in _advice(result):
        paper.line(paper.paint(f"  → {advice}", "cyan"))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 task`, `3 tasks`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _indented(text: str) -> str:
    """Return a text whose further lines stand below its first."""
    return text.replace("\n", "\n    ")


def _failures(paper: Paper, result: RunResult) -> None:
    known = result.error.step if result.error else ""
    for path, step in result.steps.items():
        if step.status == "failed" and step.error is not None and path != known:
            paper.line(f"  {paper.symbol('failed')} {path}: {_indented(paper.clean(step.error.message))}")


def _advice(result: RunResult) -> list[str]:
    if result.status in {"failed", "partial"}:
        return [f"see what it did with: py-orc show {result.run_id}"]
    doubts = [path for path, step in result.steps.items() if step.status == "in_doubt"]
    if result.status == "cancelled":
        return [f"whether {path} happened stays open: look there yourself" for path in doubts]
    return [
        f"did {path} happen? Then: py-orc resume {result.run_id} --done '{path}=VALUE'; "
        f"to do it again: py-orc resume {result.run_id} --again {quote(path)}"
        for path in doubts
    ]
