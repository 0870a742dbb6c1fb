"""Pipeline + journal → outputs: the scheduler and everything that happens around one task."""

from orchestrator.engine.engine import Engine
from orchestrator.engine.language import ACTIONS
from orchestrator.engine.treasury import Treasury

__all__ = ["ACTIONS", "Engine", "Treasury"]
