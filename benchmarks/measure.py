"""Timing that a busy machine does not spoil: contestants take turns, and the medians are compared."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    workload: str
    raw: float
    """Seconds of the raw limit, per unit."""
    ours: float
    """Seconds of py-orc, per unit."""
    goal: float | None
    """The ratio that py-orc promises; None where it promises nothing and the figure is for information."""
    raw_name: str
    unit: str = "step"

    @property
    def ratio(self) -> float:
        """How many times the raw limit it costs."""
        return self.ours / self.raw

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.goal is None or self.ratio <= self.goal


def medians(contestants: Sequence[Callable[[], float]], *, rounds: int) -> list[float]:
    """Return each contestant's median seconds; each call times itself, and they take turns."""
    for contestant in contestants:
        contestant()
    times: list[list[float]] = [[] for _ in contestants]
    for _ in range(rounds):
        for own, contestant in zip(times, contestants, strict=True):
            own.append(contestant())
    return [statistics.median(own) for own in times]


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
