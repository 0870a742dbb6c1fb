"""Virtual time for tests, as replays use it."""

from orchestrator.app.virtual_time import START, VirtualClock, VirtualLoop, run_virtual

__all__ = ["START", "VirtualClock", "VirtualLoop", "run_virtual"]
