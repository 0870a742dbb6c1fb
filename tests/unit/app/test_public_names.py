"""What the package exports."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import orchestrator

PUBLIC = [
    "Action",
    "ActionContext",
    "ActionError",
    "ActionOutcome",
    "ActionSpec",
    "Clock",
    "CompileError",
    "ControlSystem",
    "Doubts",
    "Effect",
    "Failure",
    "Hook",
    "InputError",
    "Location",
    "Model",
    "ModelProfile",
    "ModelRequest",
    "ModelResponse",
    "Observer",
    "Orchestrator",
    "OrchestratorError",
    "Pipeline",
    "Problem",
    "Progress",
    "ProgressTracker",
    "Randomness",
    "Record",
    "RunBusyError",
    "RunExistsError",
    "RunInterruptedError",
    "RunResult",
    "RunState",
    "RunSummary",
    "SetupError",
    "Step",
    "StepResult",
    "Store",
    "StoreError",
    "TaskState",
    "UnknownRunError",
    "Usage",
    "UserError",
    "__version__",
    "build",
    "tool",
]


def test_the_public_names_are_these_and_no_others() -> None:
    assert sorted(orchestrator.__all__) == sorted(PUBLIC) == dir(orchestrator)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(orchestrator, name) is not None
    assert getattr(orchestrator, name) is getattr(orchestrator, name)


def test_type_checkers_and_the_running_program_see_the_same_names() -> None:
    source = Path(orchestrator.__file__).read_text(encoding="utf-8")
    seen = re.findall(r"from orchestrator\.(\S+) import \w+ as (\w+)", source)
    assert {name for _, name in seen} == set(PUBLIC) - {"__version__"}
    for home, name in seen:
        assert getattr(import_module(f"orchestrator.{home}"), name) is getattr(orchestrator, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Orchestrater"):
        _ = orchestrator.Orchestrater  # type: ignore[attr-defined]
