"""`py-orc test`: the tests beside pipelines, offline, with what they covered."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.exits import COMPLETED, FAILED, guarded
from orchestrator.cli.options import Json, Store, door
from orchestrator.cli.terminal import Paper, out
from orchestrator.errors import UserError

if TYPE_CHECKING:
    from orchestrator.app.pipeline_tests.running import SuiteReport, TestReport

_MISSED = 20
"""Lines about what was not exercised, per file."""


def run_tests(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…", help="Pipeline files, or files of tests.")
    ] = None,
    *,
    new_from: Annotated[
        str, typer.Option("--new-from", metavar="RUN", help="Write a test made of this run, and run none.")
    ] = "",
    min_coverage: Annotated[
        float, typer.Option("--min-coverage", min=0, max=100, help="Fail below this share, in percent.")
    ] = 0.0,
    trust_tools: Annotated[
        bool, typer.Option("--trust-tools", help="Execute a tools.py from outside the workspace.")
    ] = False,
    store: Store = "",
    json: Json = False,
) -> None:
    """Run the tests of pipelines: those under `tests:`, and those of NAME.test.yaml beside NAME.yaml.

    Each runs offline, in a copy of the pipeline's folder, with time that passes at once. Steps with an effect need a fixture
    or a recording; nothing is ever called for real.

    Examples:

    \b
      py-orc test digest.yaml
      py-orc test pipelines/*.yaml --min-coverage 80
      py-orc test --new-from last
    """
    if new_from:
        raise typer.Exit(guarded(lambda: _new_from(new_from, store, json=json), json=json))
    work = lambda: _test(files or [], min_coverage, trust_tools=trust_tools, json=json)  # noqa: E731
    raise typer.Exit(guarded(work, json=json))


def _test(files: Sequence[str], min_coverage: float, *, trust_tools: bool, json: bool) -> int:
    from orchestrator.app.pipeline_tests.running import run_suites
    from orchestrator.app.pipeline_tests.suite import pipeline_file, suite_of
    from orchestrator.app.trust import ToolsTrust

    if not files:
        raise UserError("there is no file to test\n  → name pipeline files: py-orc test FILE…")
    paths = list(dict.fromkeys(pipeline_file(file) for file in files))
    with door("memory:") as orchestrator:
        suites = [suite_of(path, orchestrator.compile(path)) for path in paths]
        trust = ToolsTrust(orchestrator.settings, ask=None, everything=trust_tools)
    reports = run_suites(suites, trust=trust)
    passed = all(report.ok and report.coverage.share >= min_coverage for report in reports)
    if json:
        from orchestrator.cli.document import print_document

        print_document({"ok": passed, "files": [report.as_data() for report in reports]})
    else:
        paper = out()
        for report in reports:
            _print(paper, report, min_coverage)
    return COMPLETED if passed else FAILED


def _new_from(run: str, store: str, *, json: bool) -> int:
    from orchestrator.app.inventory import all_steps
    from orchestrator.app.pipeline_tests.suite import suite_of, tests_file
    from orchestrator.app.pipeline_tests.writing import add_test, free_name, test_of

    with door(store) as orchestrator:
        state = orchestrator.state(run)
        file = Path(state.file)
        if not state.file or not file.is_file():
            raise UserError(
                f"run {state.run_id} has no pipeline file any more\n  → tests stand beside a file"
            )
        pipeline = orchestrator.compile(file)
        has_tests = bool(pipeline.tests) or tests_file(file).is_file()
        taken = (
            frozenset(test.name for test in suite_of(file, pipeline).tests) if has_tests else frozenset[str]()
        )
        name = free_name(f"as run {state.run_id[-8:]}", taken)
        entry = test_of(state, pipeline, orchestrator.actions(file), name=name)
    path = add_test(file, entry, pipeline=pipeline, steps=[step.id for _, step in all_steps(pipeline)])
    if json:
        from orchestrator.cli.document import print_document

        print_document({"file": str(path), "test": entry})
    else:
        paper = out()
        paper.line(f"{paper.symbol('completed')} {path}: {name}")
    return COMPLETED


def _print(paper: Paper, report: "SuiteReport", min_coverage: float) -> None:
    passed = sum(test.ok for test in report.tests)
    symbol = paper.symbol("completed" if report.ok else "failed")
    paper.line(f"{symbol} {paper.clean(report.file)}: {passed} of {len(report.tests)} tests passed")
    for test in report.tests:
        if not test.ok:
            _print_failure(paper, test)
    coverage = report.coverage
    for kind, total in coverage.total.items():
        if total:
            hit = coverage.hit[kind]
            paper.line(f"  {kind:<9} {hit:>4} of {total:<4} {100 * hit / total:>4.0f} %")
    for kind, name, line in coverage.missed[:_MISSED]:
        where = f"{report.file}:{line}" if line else report.file
        paper.line(paper.paint(f"  not exercised: {kind} {paper.clean(name)}  {paper.clean(where)}", "dim"))
    if len(coverage.missed) > _MISSED:
        paper.line(
            paper.paint(f"  … and {len(coverage.missed) - _MISSED} more: --json lists them all", "dim")
        )
    if coverage.share < min_coverage:
        told = f"{coverage.share:.1f} % were exercised, {min_coverage:g} % are asked for"
        paper.line(f"{paper.symbol('failed')} {paper.clean(report.file)}: {told}")


def _print_failure(paper: Paper, report: "TestReport") -> None:
    paper.line(f"  {paper.symbol('failed')} {paper.clean(report.test.name)}")
    for difference in report.differences:
        at = f"  {difference.location}" if difference.location else ""
        paper.line(f"    {difference.what}{paper.paint(paper.clean(at), 'dim')}")
        for line in difference.diff.splitlines():
            colour = {"-": "red", "+": "green"}.get(line[:1], "dim")
            paper.line(f"      {paper.paint(paper.clean(line), colour)}")
