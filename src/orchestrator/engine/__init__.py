"""Pipeline + journal → outputs: the scheduler and everything that happens around one task."""

from orchestrator.engine.engine import Engine
from orchestrator.engine.language import ACTIONS

__all__ = ["ACTIONS", "Engine"]
