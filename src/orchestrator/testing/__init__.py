"""What the tests of py-orc use, for the tests of pipelines, tools and stores of your own.

`run_virtual` and `VirtualClock` make time pass at once, `SeededRandomness` makes chance repeat itself, `RecordingAction`
and `ScriptedModel` stand in for what acts and answers, `Collector` keeps a run's records, and `StoreContract` holds every
promise that a store must keep.
"""

from orchestrator.testing.actions import ActionTable, RecordedCall, RecordingAction, recording_tool
from orchestrator.testing.models import ScriptedModel
from orchestrator.testing.observers import Collector, collect
from orchestrator.testing.randomness import SeededRandomness
from orchestrator.testing.store_contract import StoreContract
from orchestrator.testing.virtual_time import VirtualClock, VirtualLoop, run_virtual

__all__ = [
    "ActionTable",
    "Collector",
    "RecordedCall",
    "RecordingAction",
    "ScriptedModel",
    "SeededRandomness",
    "StoreContract",
    "VirtualClock",
    "VirtualLoop",
    "collect",
    "recording_tool",
    "run_virtual",
]
