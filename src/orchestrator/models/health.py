"""Which models answer at the moment, and how quickly: a circuit breaker per model, as a layer of the gateway.

A breaker is *closed* while calls pass. Failures in a row within a short time open it: calls are refused at once, so that a
chain goes on to its next model instead of waiting for a server that is down. After a pause it is *half-open*: one call
tries while others are still refused; any answer, even a refusal of the request, closes the breaker, a failure opens it
again. Only what the other side is to blame for counts: `transient`, `rate_limited`, `timeout`.
"""

from collections import deque

from orchestrator.core.clock import Clock
from orchestrator.core.model import Model, ModelRequest, ModelResponse
from orchestrator.errors import ActionError, NotAskedError
from orchestrator.models.gateway import Ask, Caller

FAILURES = 5
"""Failures in a row that open a breaker."""
WINDOW = 60.0
"""Seconds within which they must lie."""
PAUSE = 30.0
"""Seconds that an open breaker refuses calls, unless the other side asked for more."""

_TROUBLE = frozenset({"transient", "rate_limited", "timeout"})
_TRYING = 1.0
"""Seconds after which to come back while another call tries."""
_WEIGHT = 0.2
"""What the latest answer counts for in the average."""


class Health:
    """The breakers and latencies of all models that were asked."""

    def __init__(
        self, clock: Clock, *, failures: int = FAILURES, window: float = WINDOW, pause: float = PAUSE
    ) -> None:
        self._clock = clock
        self._failures = failures
        self._window = window
        self._pause = pause
        self._breakers: dict[str, _Breaker] = {}
        self._latencies: dict[str, float] = {}

    def is_open(self, name: str) -> bool:
        """Return whether a call to the model of that full name would be refused now."""
        breaker = self._breakers.get(name)
        return breaker is not None and breaker.refuses_for(self._clock.monotonic()) > 0

    def latency(self, name: str) -> float | None:
        """Return how many seconds its answers take, recent ones counting more; None where there was none yet."""
        return self._latencies.get(name)

    def guard(self, ask: Ask) -> Ask:
        """Refuse calls to models that keep failing (`ActionError`, transient, with the time to come back)."""

        async def guarded(model: Model, request: ModelRequest, caller: Caller) -> ModelResponse:
            breaker = self._breaker(model.name)
            tries = breaker.admit(model.name, self._clock.monotonic())
            try:
                response = await ask(model, request, caller)
            except NotAskedError:
                breaker.give_up(tries=tries)
                raise
            except ActionError as error:
                if error.error_class in _TROUBLE:
                    breaker.fail(error, self._clock.monotonic(), tries=tries)
                else:
                    breaker.close(tries=tries)
                raise
            except BaseException:
                breaker.give_up(tries=tries)
                raise
            breaker.close(tries=tries)
            return response

        return guarded

    def measure(self, ask: Ask) -> Ask:
        """Measure how long answers take; the innermost layer, so that no waiting of ours is counted."""

        async def measured(model: Model, request: ModelRequest, caller: Caller) -> ModelResponse:
            began = self._clock.monotonic()
            response = await ask(model, request, caller)
            taken = self._clock.monotonic() - began
            known = self._latencies.get(model.name, taken)
            self._latencies[model.name] = known + _WEIGHT * (taken - known)
            return response

        return measured

    def _breaker(self, name: str) -> "_Breaker":
        if name not in self._breakers:
            self._breakers[name] = _Breaker(self._failures, self._window, self._pause)
        return self._breakers[name]


class _Breaker:
    """Of one model. Closed while `_open_until` is None, half-open when that time has passed."""

    def __init__(self, failures: int, window: float, pause: float) -> None:
        self._failed_at = deque[float](maxlen=failures)
        self._window = window
        self._pause = pause
        self._open_until: float | None = None
        self._is_trying = False
        self._last = ""

    def refuses_for(self, now: float) -> float:
        """Return the seconds after which to come back, 0 when a call may pass."""
        if self._open_until is None:
            return 0.0
        return self._open_until - now if now < self._open_until else _TRYING if self._is_trying else 0.0

    def admit(self, name: str, now: float) -> bool:
        """Let a call pass or raise ActionError; returns whether this is the one that tries a half-open breaker."""
        seconds = self.refuses_for(now)
        if seconds > 0:
            raise NotAskedError(
                f"{name} is left alone for {max(1, round(seconds))} s: it failed {len(self._failed_at)} times in a row, "
                f"the last time with: {self._last}\n→ try again later, or name another model behind it",
                error_class="transient",
                retry_after=seconds,
            )
        self._is_trying = self._open_until is not None
        return self._is_trying

    def close(self, *, tries: bool) -> None:
        """Note an answer; one to a call that began before the breaker opened tells nothing new."""
        if self._open_until is not None and not tries:
            return
        self._open_until = None
        self._is_trying = False
        self._failed_at.clear()

    def fail(self, error: ActionError, now: float, *, tries: bool) -> None:
        """Note a failure; one of a call that began before the breaker opened tells nothing new."""
        if self._open_until is not None and not tries:
            return
        self._is_trying = False
        self._last = error.message
        self._failed_at.append(now)
        is_full = len(self._failed_at) == self._failed_at.maxlen
        if tries or (is_full and now - self._failed_at[0] <= self._window):
            self._open_until = now + max(self._pause, error.retry_after or 0.0)

    def give_up(self, *, tries: bool) -> None:
        """Note a call that ended without telling anything."""
        if tries:
            self._is_trying = False
