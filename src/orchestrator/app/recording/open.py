"""From what a user says about recording and replay to the tape of an `Orchestrator`."""

from collections.abc import Mapping
from pathlib import Path

from orchestrator.app.recording.player import Player
from orchestrator.app.recording.recorder import Recorder
from orchestrator.app.recording.scrubbing import Scrubber
from orchestrator.core.clock import Clock, Randomness
from orchestrator.errors import UserError


def open_tape(
    record: str | Path | None,
    replay: str | Path | None,
    *,
    workspace: Path,
    environ: Mapping[str, str],
    clock: Clock,
    randomness: Randomness,
) -> Recorder | Player:
    """Return the tape that records into a folder, or plays one; raises `UserError` for what cannot be done."""
    if record is not None and replay is not None:
        raise UserError("a run is either recorded or replayed\n  → leave --record or --replay out")
    scrubber = Scrubber(str(workspace), environ)
    if replay is not None:
        return Player(Path(replay), scrubber)
    return Recorder(Path(record or ""), scrubber, clock=clock, randomness=randomness)
