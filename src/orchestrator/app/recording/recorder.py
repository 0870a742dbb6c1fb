"""The tape of a run that is recorded: every answer is on disk before the run goes on with it."""

import threading
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import cast

from msgspec import to_builtins

from orchestrator.app.recording.cassette import (
    FORMAT,
    HEADER,
    Beginning,
    Recording,
    name_of,
    prepare_folder,
    write_file,
)
from orchestrator.app.recording.scrubbing import Scrubber
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.tape import Taped
from orchestrator.state.tags import tag

_READINGS = 2
"""Readings of the clock that begin a run: its record, and its id."""


class Recorder:
    """Writes a cassette."""

    playing = False
    make_loop: Callable[[], AbstractEventLoop] | None = None
    """A run that is recorded needs no event loop of its own kind."""

    def __init__(self, folder: Path, scrubber: Scrubber, *, clock: Clock, randomness: Randomness) -> None:
        prepare_folder(folder)
        self._folder = folder
        self._scrubber = scrubber
        self._lock = threading.Lock()
        self._recordings: dict[str, Recording] = {}
        self._beginnings: list[Beginning] = []
        self.clock: Clock = _HeardClock(clock, self._hear_time)
        self.randomness: Randomness = _HeardRandomness(randomness, self._hear_chance)
        self._write_header()

    def begin(self, pipeline: str, secrets: Mapping[str, str]) -> None:
        """Take note that a run begins."""
        with self._lock:
            self._scrubber.hide(secrets)
            self._beginnings.append(Beginning(pipeline=pipeline))
            self._write_header()

    def play(self, kind: Taped, request: Mapping[str, object]) -> Mapping[str, object]:
        """Refuse: this tape only listens."""
        raise AssertionError((kind, request))

    def keep(self, kind: Taped, request: Mapping[str, object], answer: Mapping[str, object]) -> None:
        """Write an answer down."""
        asked = cast("Mapping[str, object]", tag(self._scrubber.scrub(request)))
        said = tag(self._scrubber.scrub(answer))
        name = name_of(kind, asked)
        with self._lock:
            recording = self._recordings.setdefault(name, Recording(kind=kind, request=asked))
            recording.answers.append(said)
            write_file(self._folder / name, to_builtins(recording))

    def _hear_time(self, now: float) -> None:
        if self._beginnings and len(self._beginnings[-1].clock) < _READINGS:
            self._beginnings[-1].clock.append(now)
            self._write_header()

    def _hear_chance(self, drawn: bytes) -> None:
        if self._beginnings and not self._beginnings[-1].chance:
            self._beginnings[-1].chance.append(drawn.hex())
            self._write_header()

    def _write_header(self) -> None:
        runs = [to_builtins(each) for each in self._beginnings]
        write_file(self._folder / HEADER, {"cassette": FORMAT, "runs": runs})


class _HeardClock:
    """The clock of a run that is recorded."""

    def __init__(self, clock: Clock, hear: Callable[[float], None]) -> None:
        self._clock = clock
        self._hear = hear

    def now(self) -> float:
        """Return the time of day."""
        now = self._clock.now()
        self._hear(now)
        return now

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait."""
        return self._clock.sleep(seconds)

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        """Bound a block."""
        return self._clock.timeout(seconds)


class _HeardRandomness:
    """The chance of a run that is recorded."""

    def __init__(self, randomness: Randomness, hear: Callable[[bytes], None]) -> None:
        self._randomness = randomness
        self._hear = hear

    def random(self) -> float:
        """Return a number in [0, 1)."""
        return self._randomness.random()

    def bytes(self, count: int) -> bytes:
        """Return unguessable bytes."""
        drawn = self._randomness.bytes(count)
        self._hear(drawn)
        return drawn
