"""py-orc: AI workflows in a YAML file, compiled, planned, run as a DAG and resumed after any crash.

The public names are loaded when they are first used, so importing the package costs next to nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.app.orchestrator import Orchestrator as Orchestrator
    from orchestrator.app.progress import Progress as Progress
    from orchestrator.app.progress import ProgressTracker as ProgressTracker
    from orchestrator.app.result import RunResult as RunResult
    from orchestrator.app.result import StepResult as StepResult
    from orchestrator.app.runs import Doubts as Doubts
    from orchestrator.compiler import build as build
    from orchestrator.core.action import Action as Action
    from orchestrator.core.action import ActionContext as ActionContext
    from orchestrator.core.action import ActionOutcome as ActionOutcome
    from orchestrator.core.action import ActionSpec as ActionSpec
    from orchestrator.core.action import Effect as Effect
    from orchestrator.core.clock import Clock as Clock
    from orchestrator.core.clock import Randomness as Randomness
    from orchestrator.core.control_system import ControlSystem as ControlSystem
    from orchestrator.core.failure import Failure as Failure
    from orchestrator.core.hook import Hook as Hook
    from orchestrator.core.hook import Observer as Observer
    from orchestrator.core.journal import Record as Record
    from orchestrator.core.model import Model as Model
    from orchestrator.core.model import ModelProfile as ModelProfile
    from orchestrator.core.model import ModelRequest as ModelRequest
    from orchestrator.core.model import ModelResponse as ModelResponse
    from orchestrator.core.pipeline import Pipeline as Pipeline
    from orchestrator.core.pipeline import Step as Step
    from orchestrator.core.run_state import RunState as RunState
    from orchestrator.core.run_state import TaskState as TaskState
    from orchestrator.core.store import RunSummary as RunSummary
    from orchestrator.core.store import Store as Store
    from orchestrator.core.usage import Usage as Usage
    from orchestrator.errors import ActionError as ActionError
    from orchestrator.errors import CompileError as CompileError
    from orchestrator.errors import InputError as InputError
    from orchestrator.errors import Location as Location
    from orchestrator.errors import OrchestratorError as OrchestratorError
    from orchestrator.errors import Problem as Problem
    from orchestrator.errors import RunBusyError as RunBusyError
    from orchestrator.errors import RunExistsError as RunExistsError
    from orchestrator.errors import RunInterruptedError as RunInterruptedError
    from orchestrator.errors import SetupError as SetupError
    from orchestrator.errors import StoreError as StoreError
    from orchestrator.errors import UnknownRunError as UnknownRunError
    from orchestrator.errors import UserError as UserError
    from orchestrator.tools.tool import tool as tool

    __version__: str

_HOMES = {
    "Orchestrator": "app.orchestrator",
    "Progress": "app.progress",
    "ProgressTracker": "app.progress",
    "RunResult": "app.result",
    "StepResult": "app.result",
    "Doubts": "app.runs",
    "build": "compiler",
    "Action": "core.action",
    "ActionContext": "core.action",
    "ActionOutcome": "core.action",
    "ActionSpec": "core.action",
    "Effect": "core.action",
    "Clock": "core.clock",
    "Randomness": "core.clock",
    "ControlSystem": "core.control_system",
    "Failure": "core.failure",
    "Hook": "core.hook",
    "Observer": "core.hook",
    "Record": "core.journal",
    "Model": "core.model",
    "ModelProfile": "core.model",
    "ModelRequest": "core.model",
    "ModelResponse": "core.model",
    "Pipeline": "core.pipeline",
    "Step": "core.pipeline",
    "RunState": "core.run_state",
    "TaskState": "core.run_state",
    "RunSummary": "core.store",
    "Store": "core.store",
    "Usage": "core.usage",
    "ActionError": "errors",
    "CompileError": "errors",
    "InputError": "errors",
    "Location": "errors",
    "OrchestratorError": "errors",
    "Problem": "errors",
    "RunBusyError": "errors",
    "RunExistsError": "errors",
    "RunInterruptedError": "errors",
    "SetupError": "errors",
    "StoreError": "errors",
    "UnknownRunError": "errors",
    "UserError": "errors",
    "tool": "tools.tool",
}
"""Every public name with the module it lives in."""

__all__ = (
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
)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return globals().setdefault(name, version("py-orc"))
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'orchestrator' has no attribute {name!r}")
    from importlib import import_module

    return globals().setdefault(name, getattr(import_module(f"orchestrator.{home}"), name))


def __dir__() -> list[str]:
    return sorted(__all__)
