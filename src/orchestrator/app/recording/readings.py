"""The time and chance that a pure action reads, kept by task and attempt, so that a replay reads the same."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar, cast

from orchestrator.core.action import ActionContext, Params
from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.tape import Tape, Taped

Reading = TypeVar("Reading", float, bytes)


def with_readings(
    function: Callable[[Params, ActionContext], object], tape: Tape
) -> Callable[[Params, ActionContext], object]:
    """Return the function with a context whose clock and randomness go through a tape."""

    def read(parameters: Params, context: ActionContext) -> object:
        return function(parameters, cast("ActionContext", _ReadContext(context, tape)))

    return read


class _ReadContext:
    """A context like another, with time and chance of its own."""

    def __init__(self, context: ActionContext, tape: Tape) -> None:
        self._context = context
        readings = _Readings(tape, context.task, context.attempt)
        self.clock = _ReadClock(context.clock, readings)
        self.randomness = _ReadRandomness(context.randomness, readings)

    def __getattr__(self, name: str) -> object:
        return getattr(self._context, name)


class _Readings:
    """The readings of one attempt."""

    def __init__(self, tape: Tape, task: str, attempt: int) -> None:
        self._tape = tape
        self._task = task
        self._attempt = attempt

    def of(self, kind: Taped, what: str, read: Callable[[], Reading]) -> Reading:
        """Return the next reading."""
        asked = {"task": self._task, "attempt": self._attempt, "what": what}
        if self._tape.playing:
            return cast("Reading", self._tape.play(kind, asked)["value"])
        value = read()
        self._tape.keep(kind, asked, {"value": value})
        return value


class _ReadClock:
    def __init__(self, clock: Clock, readings: _Readings) -> None:
        self._clock = clock
        self._readings = readings

    def now(self) -> float:
        return self._readings.of("clock", "now", self._clock.now)

    def monotonic(self) -> float:
        return self._readings.of("clock", "monotonic", self._clock.monotonic)

    def sleep(self, seconds: float) -> Awaitable[None]:
        return self._clock.sleep(seconds)

    def timeout(self, seconds: float | None) -> AbstractAsyncContextManager[object]:
        return self._clock.timeout(seconds)


class _ReadRandomness:
    def __init__(self, randomness: Randomness, readings: _Readings) -> None:
        self._randomness = randomness
        self._readings = readings

    def random(self) -> float:
        return self._readings.of("chance", "random", self._randomness.random)

    def bytes(self, count: int) -> bytes:
        return self._readings.of("chance", f"{count} bytes", lambda: self._randomness.bytes(count))
