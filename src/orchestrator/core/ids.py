"""Names of things: runs, steps and tasks."""

from typing import NewType

from orchestrator.core.clock import Clock, Randomness

RunId = NewType("RunId", str)
"""A UUIDv7: unguessable, and sorted by the time of its making."""

StepId = NewType("StepId", str)
"""The `id` of a step as written, unique in its file."""

TaskPath = NewType("TaskPath", str)
"""One execution of a step in a run: `digest[3].summarise`, `refine#2.judge`."""


def new_run_id(clock: Clock, randomness: Randomness) -> RunId:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7)."""
    milliseconds = int(clock.now() * 1000) & 0xFFFF_FFFF_FFFF
    noise = int.from_bytes(randomness.bytes(10), "big")
    number = milliseconds << 80 | 0x7 << 76 | (noise >> 68) << 64 | 0b10 << 62 | noise & 0x3FFF_FFFF_FFFF_FFFF
    digits = f"{number:032x}"
    return RunId(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")
