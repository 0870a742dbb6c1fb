"""A scenario: a pipeline file and the run it leads to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from orchestrator.compiler import compile_text
from orchestrator.compiler.files import DiskFiles
from orchestrator.core.pipeline import Pipeline
from orchestrator.testing.actions import ActionTable
from scenarios.lab import Lab

RUNS = Path(__file__).parent / "runs"
SECRETS = {"token": "hunter2-canary"}


class Scenario(Lab):
    """One folder below `runs/`."""

    def __init__(self, name: str) -> None:
        folder = RUNS / name
        self.expected: Mapping[str, Any] = yaml.safe_load((folder / "expected.yaml").read_text())
        super().__init__(lambda table: _compiled(folder / "pipeline.yaml", table), secrets=SECRETS)


def _compiled(path: Path, table: ActionTable) -> Pipeline:
    return compile_text(path.read_text(), file=str(path), actions=table, files=DiskFiles(path.parent))
