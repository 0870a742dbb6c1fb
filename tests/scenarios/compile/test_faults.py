"""Files with one fault each: exactly that is reported, at exactly its place."""

from pathlib import Path

import pytest
import yaml

from orchestrator.compiler import DiskFiles, compile_text
from orchestrator.errors import CompileError
from unit.compiler.known_actions import ACTIONS

FAULTS = Path(__file__).parent / "faults"


@pytest.mark.parametrize("name", sorted(folder.name for folder in FAULTS.iterdir()))
def test_a_fault_is_reported_at_its_place(name: str) -> None:
    file = FAULTS / name / "pipeline.yaml"
    expected = yaml.safe_load((file.parent / "problems.yaml").read_text())

    with pytest.raises(CompileError) as caught:
        compile_text(file.read_text(), file=str(file), actions=ACTIONS, files=DiskFiles(file.parent))

    found = [_facts(problem, fact) for problem, fact in zip(caught.value.problems, expected, strict=False)]
    assert found == expected
    assert len(caught.value.problems) == len(expected), str(caught.value)


def _facts(problem, expected):
    """Return as much of a problem as is expected; messages and hints may go on."""
    where = problem.location
    found = {"line": where.line, "column": where.column, "length": where.length}
    found["message"] = problem.message[: len(expected.get("message", ""))]
    found["hint"] = problem.hint[: len(expected.get("hint", ""))]
    return {key: value for key, value in found.items() if key in expected}
