"""The tape of a run that is replayed: nothing is asked but the recording, and time passes only when nothing else can.

So a replay opens no connection, waits for nothing, and gives the same outputs every time, byte for byte.
"""

import threading
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import cast

from orchestrator.app.recording.cassette import Recording, name_of, read_cassette
from orchestrator.app.recording.misses import miss, used_up
from orchestrator.app.recording.scrubbing import Scrubber
from orchestrator.app.virtual_time import VirtualClock, VirtualLoop
from orchestrator.core.tape import Taped
from orchestrator.errors import SetupError
from orchestrator.state.tags import tag, untag


class Player:
    """Plays a cassette."""

    playing = True

    def __init__(self, folder: Path, scrubber: Scrubber) -> None:
        beginnings, recordings = read_cassette(folder)
        self._folder = folder
        self._scrubber = scrubber
        self._lock = threading.Lock()
        self._recordings = {name_of(each.kind, each.request): each for each in recordings}
        self._given: dict[str, int] = {}
        first = beginnings[0] if beginnings else None
        self.clock = ReplayedClock(first.clock if first else [])
        self.randomness = ReplayedRandomness(first.chance if first else [])

    def make_loop(self) -> VirtualLoop:
        """Return an event loop that lives in the time of the replay."""
        return VirtualLoop(self.clock, endless=True)

    def begin(self, pipeline: str, secrets: Mapping[str, str]) -> None:
        """Rewind for a run."""
        del pipeline
        with self._lock:
            self._scrubber.hide(secrets)
            self._given.clear()
            self.clock.rewind()

    def keep(self, kind: Taped, request: Mapping[str, object], answer: Mapping[str, object]) -> None:
        """Refuse: this tape only plays."""
        raise AssertionError((kind, request, answer))

    def play(self, kind: Taped, request: Mapping[str, object]) -> Mapping[str, object]:
        """Return the next recorded answer; raises `ActionError` when there is none."""
        asked = cast("Mapping[str, object]", tag(self._scrubber.scrub(request)))
        name = name_of(kind, asked)
        recording = self._recordings.get(name)
        if recording is None:
            raise miss(kind, asked, self._recordings.values())
        with self._lock:
            given = self._given.get(name, 0)
            self._given[name] = given + 1
        if given >= len(recording.answers):
            raise used_up(kind, asked, len(recording.answers))
        return self._answer(name, recording, given)

    def _answer(self, name: str, recording: Recording, index: int) -> Mapping[str, object]:
        try:
            answer = dict(cast("dict[str, object]", untag(recording.answers[index])))
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise SetupError(
                f"answer {index + 1} of the recording {self._folder / name} cannot be understood: {error!r}",
                hint="record the run again, with --record.",
            ) from None
        return cast("Mapping[str, object]", self._scrubber.restore(answer))


class ReplayedClock(VirtualClock):
    """Virtual time that begins when the recorded run began."""

    def __init__(self, beginning: list[float]) -> None:
        super().__init__(*beginning[:1])
        self._beginning = tuple(beginning)
        self._next: list[float] = []

    def rewind(self) -> None:
        """Begin again with the recorded readings."""
        if self._beginning:
            self.set_time_of_day(self._beginning[-1])
        self._next = list(reversed(self._beginning))

    def now(self) -> float:
        """Return the time of day of the recorded run's beginning, and what passed since."""
        return self._next.pop() if self._next else super().now()


class ReplayedRandomness:
    """The chance that the recorded run began with, then chance that repeats itself."""

    def __init__(self, beginning: list[str]) -> None:
        self._next = [bytes.fromhex(text) for text in reversed(beginning)]
        self._seed = "".join(beginning)
        self._drawn = 0

    def random(self) -> float:
        """Return a number in [0, 1)."""
        return (int.from_bytes(self.bytes(7, recorded=False), "big") >> 3) * 2.0**-53

    def bytes(self, count: int, *, recorded: bool = True) -> bytes:
        """Return bytes, the recorded ones first."""
        if recorded and self._next and len(self._next[-1]) == count:
            return self._next.pop()
        drawn = b""
        while len(drawn) < count:
            self._drawn += 1
            drawn += blake2b(f"{self._seed}:{self._drawn}".encode()).digest()
        return drawn[:count]
