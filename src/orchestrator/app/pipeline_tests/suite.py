"""The tests of a pipeline file: its own, and those of the file `NAME.test.yaml` beside it."""

from pathlib import Path
from typing import NamedTuple

from orchestrator.app.files import read_pipeline_text
from orchestrator.app.inventory import all_steps
from orchestrator.compiler import compile_tests
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.pipeline_test import PipelineTest
from orchestrator.errors import SetupError

SUFFIX = ".test"


class Suite(NamedTuple):
    """A pipeline with all of its tests."""

    file: Path
    pipeline: Pipeline
    tests: tuple[PipelineTest, ...]


def pipeline_file(file: str | Path) -> Path:
    """Return the pipeline file that a file of tests belongs to; any other file is one itself."""
    path = Path(file)
    if not path.stem.endswith(SUFFIX):
        return path
    return path.with_name(path.stem.removesuffix(SUFFIX) + path.suffix)


def tests_file(file: Path) -> Path:
    """Return the file of tests beside a pipeline file; it need not exist."""
    return file.with_name(f"{file.stem}{SUFFIX}{file.suffix}")


def suite_of(file: Path, pipeline: Pipeline) -> Suite:
    """Return a pipeline with its tests; raises `CompileError` for wrong ones, `SetupError` where there are none."""
    beside = tests_file(file)
    tests = pipeline.tests
    if beside.is_file():
        steps = [step.id for _, step in all_steps(pipeline)]
        text = read_pipeline_text(beside)
        tests += compile_tests(text, file=str(beside), pipeline=pipeline, steps=steps)
    if not tests:
        raise SetupError(
            f"{file} has no tests",
            hint=f"write some under `tests:` or in {beside.name}, or make one of a run with: "
            "py-orc test --new-from RUN",
        )
    return Suite(file, pipeline, tests)
