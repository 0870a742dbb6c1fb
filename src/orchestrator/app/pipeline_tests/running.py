"""Runs tests: each with parts, a store, a workspace and a time of its own, several at once."""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from orchestrator.app.files import compile_file
from orchestrator.app.inputs import gather_inputs
from orchestrator.app.pipeline_tests.bench import Bench
from orchestrator.app.pipeline_tests.checking import Difference, differences
from orchestrator.app.pipeline_tests.coverage import Coverage, coverage_of
from orchestrator.app.pipeline_tests.fixtures import with_fixtures
from orchestrator.app.pipeline_tests.suite import Suite
from orchestrator.app.recording.player import Player, ReplayedClock, ReplayedRandomness
from orchestrator.app.recording.scrubbing import Scrubber
from orchestrator.app.result import result_of
from orchestrator.app.runs import Runs, Start
from orchestrator.app.trust import ToolsTrust
from orchestrator.app.virtual_time import START, VirtualLoop
from orchestrator.core.pipeline_test import PipelineTest
from orchestrator.core.run_state import RunState
from orchestrator.errors import SetupError, UserError
from orchestrator.settings import load_settings
from orchestrator.state.open import open_store

_MOST_BYTES = 50_000_000
"""Of a pipeline's folder: each test works on a copy."""
_LEFT_OUT = shutil.ignore_patterns(".py-orc", ".git", "__pycache__", ".venv", "node_modules")


class TestReport(Struct, frozen=True, kw_only=True):
    """What became of one test."""

    __test__ = False  # it is none itself

    test: PipelineTest
    differences: tuple[Difference, ...] = ()
    state: RunState | None = None
    """None where the run did not even start."""

    @property
    def ok(self) -> bool:
        """Whether every expectation was met."""
        return not self.differences

    def as_data(self) -> dict[str, object]:
        """Return it as plain data."""
        return {
            "name": self.test.name,
            "ok": self.ok,
            "at": str(self.test.location) if self.test.location else None,
            "differences": [difference.as_data() for difference in self.differences],
        }


class SuiteReport(Struct, frozen=True, kw_only=True):
    """What became of all tests of one pipeline."""

    file: str
    tests: tuple[TestReport, ...]
    coverage: Coverage

    @property
    def ok(self) -> bool:
        """Whether every test passed."""
        return all(test.ok for test in self.tests)

    def as_data(self) -> dict[str, object]:
        """Return it as plain data."""
        return {
            "file": self.file,
            "ok": self.ok,
            "tests": [test.as_data() for test in self.tests],
            "coverage": self.coverage.as_data(),
        }


def run_suites(
    suites: Sequence[Suite], *, trust: ToolsTrust, at_once: int | None = None
) -> list[SuiteReport]:
    """Run all tests of several pipelines, in parallel; reports come in the order of the suites."""
    for suite in suites:
        _check_size(suite.file.resolve().parent)
    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        waiting = [
            (suite, [pool.submit(run_test, suite.file, test, trust=trust) for test in suite.tests])
            for suite in suites
        ]
        return [_report(suite, [future.result() for future in futures]) for suite, futures in waiting]


def run_test(file: Path, test: PipelineTest, *, trust: ToolsTrust) -> TestReport:
    """Run one test; the caller's thread must have no event loop."""
    with TemporaryDirectory(prefix="py-orc-test-") as folder:
        workspace = Path(folder, "workspace")
        shutil.copytree(file.resolve().parent, workspace, ignore=_LEFT_OUT, symlinks=True)
        try:
            return _run_in(workspace, file, test, trust)
        except UserError as error:
            at = test.location
            refused = Difference(what="start", expected=test.status, actual=str(error), location=at)
            return TestReport(test=test, differences=(refused,))


def _report(suite: Suite, reports: Sequence[TestReport]) -> SuiteReport:
    runs = [(one.state, frozenset(one.test.fixtures)) for one in reports if one.state is not None]
    coverage = coverage_of(suite.pipeline, runs)
    return SuiteReport(file=str(suite.file), tests=tuple(reports), coverage=coverage)


def _run_in(workspace: Path, file: Path, test: PipelineTest, trust: ToolsTrust) -> TestReport:
    player = None
    if test.replay:
        player = Player(Path(test.file).parent / test.replay, Scrubber(str(workspace), {}))
    clock = player.clock if player else ReplayedClock([START])
    randomness = player.randomness if player else ReplayedRandomness([])
    settings = load_settings(file.parent, {}, workspace=workspace, store="memory:", offline=True)
    bench = Bench(
        settings,
        open_store("memory:"),
        clock=clock,
        randomness=randomness,
        trust=trust,
        given=(),
        models=(),
        hooks=(),
        observers=(),
        tape=player,
    )
    bench.fixtures = test.fixtures
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(clock)) as runner:
        return runner.run(_run(bench, file, test))


async def _run(bench: Bench, file: Path, test: PipelineTest) -> TestReport:
    try:
        kit = bench.kit(str(file))
        pipeline = with_fixtures(compile_file(file, kit.actions, bench.workspace), test.fixtures)
        workspace = str(bench.workspace)
        found = gather_inputs(pipeline.inputs, test.inputs, environ={}, workspace=workspace)
        if bench.tape is not None:
            bench.tape.begin(pipeline.name, found.secrets)
        start = Start(
            pipeline=pipeline,
            inputs=found.values,
            secrets=found.secrets,
            workspace=workspace,
            tools=kit.tools,
        )
        runs = Runs(bench.store, bench.clock, bench.randomness)
        state = await runs.start(start, kit.engine, kit.actions, observers_of=lambda _: ())
    finally:
        await bench.close()
    return TestReport(test=test, differences=tuple(differences(test, result_of(state))), state=state)


def _check_size(folder: Path) -> None:
    left_out: Mapping[str, None] = dict.fromkeys((".py-orc", ".git", "__pycache__", ".venv", "node_modules"))
    size = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in left_out]
        size += sum(os.lstat(os.path.join(parent, name)).st_size for name in files)  # noqa: PTH118 - many files
        if size > _MOST_BYTES:
            raise SetupError(
                f"the folder {folder} holds more than {_MOST_BYTES:,} bytes, and each test works on a copy",
                hint="give the pipeline a folder of its own.",
            )
