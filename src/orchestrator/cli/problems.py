"""Problems as people read them: where, the line with a caret under it, what to do next."""

from collections.abc import Sequence

from orchestrator.cli.terminal import Paper, err
from orchestrator.errors import CompileError, InputError, Location, OrchestratorError, Problem


def print_error(error: OrchestratorError) -> None:
    """Print an error on stderr; those with several problems as a list."""
    paper = err()
    if isinstance(error, CompileError | InputError):
        print_problems(paper, error.problems)
        return
    first, _, rest = str(error).partition("\n")
    paper.line(f"{paper.paint('error:', 'red', 'bold')} {paper.clean(first)}")
    if rest:
        paper.line(paper.paint(paper.clean(rest), "cyan"))


def print_problems(paper: Paper, problems: Sequence[Problem], *, warning: bool = False) -> None:
    """Print each problem with its place and excerpt."""
    word = paper.paint("warning:", "yellow", "bold") if warning else paper.paint("error:", "red", "bold")
    for problem in problems:
        where = str(problem.location) if problem.location else problem.path
        place = f"{paper.paint(where, 'bold')}: " if where else ""
        paper.line(f"{place}{word} {paper.clean(problem.message)}")
        if problem.location and problem.location.excerpt:
            _excerpt(paper, problem)
        if problem.hint:
            paper.line(paper.paint(f"  → {paper.clean(problem.hint)}", "cyan"))


def problem_data(error: OrchestratorError) -> dict[str, object]:
    """Return an error as plain data."""
    data: dict[str, object] = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, CompileError | InputError):
        data["problems"] = [as_data(problem) for problem in error.problems]
    return data


def as_data(problem: Problem, *, severity: str = "error") -> dict[str, object]:
    """Return a problem as plain data."""
    place: Location | None = problem.location
    return {
        "severity": severity,
        "message": problem.message,
        "hint": problem.hint or None,
        "file": place and place.file,
        "line": place and place.line,
        "column": place and place.column,
        "length": place and place.length,
        "path": problem.path or None,
    }


def _excerpt(paper: Paper, problem: Problem) -> None:
    """Print the source line and the carets, as `Problem` itself writes them."""
    lines = str(problem).split("\n")
    shown, carets = lines[1], lines[2]
    paper.line(paper.clean(shown))
    paper.line(paper.paint(carets, "red"))
