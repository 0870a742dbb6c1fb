"""What to do about a failure: plain functions of values, so that every rule can be read and tested in one place."""

import re
from collections.abc import Sequence
from enum import Enum

from orchestrator.core.action import Effect
from orchestrator.core.failure import ERROR_CLASSES, NOT_RETRIED, Failure
from orchestrator.core.pipeline import ErrorRule
from orchestrator.core.policy import Retry


class End(Enum):
    """How an attempt that did not complete ended."""

    FAILED = "failed"
    """It did not happen, or it happened and said that it failed."""
    UNKNOWN = "unknown"
    """It may have happened: repeating it could do it twice."""


def how_it_ended(failure: Failure, *, effect: Effect, definite: bool) -> End:
    """Return whether a failed attempt may have had its effect.

    A time-out or a lost connection in the middle of a `once` action leaves it open, unless the action is known to
    have ended (`definite`). Everything else has failed.
    """
    if effect is Effect.ONCE and not definite and failure.error_class in ("timeout", "unknown", "cancelled"):
        return End.UNKNOWN
    return End.FAILED


def pause_before_retry(
    failure: Failure, retry: Retry, *, effect: Effect, definite: bool, chance: float
) -> float | None:
    """Return the seconds to wait before the next attempt, or None when there is none.

    The pause doubles from `backoff` up to `max_backoff`, give or take `jitter` (`chance` in [0, 1) decides), and is at
    least what the other side asked for.
    """
    if failure.attempt >= retry.attempts or not _may_retry(failure, retry, effect=effect, definite=definite):
        return None
    pause = min(retry.max_backoff, retry.backoff * 2.0 ** min(failure.attempt - 1, 60))
    pause *= 1 + retry.jitter * (2 * chance - 1)
    return max(pause, failure.retry_after or 0.0)


def choose_rule(failure: Failure, rules: Sequence[ErrorRule]) -> ErrorRule | None:
    """Return the first `on_error` entry that matches; an unknown end is matched only by its own name."""
    for rule in rules:
        if failure.error_class == "unknown":
            if rule.match == "unknown":
                return rule
        elif rule.match is None or _matches(failure, rule.match):
            return rule
    return None


def _may_retry(failure: Failure, retry: Retry, *, effect: Effect, definite: bool) -> bool:
    if how_it_ended(failure, effect=effect, definite=definite) is End.UNKNOWN:
        return False
    if retry.on:
        return failure.error_class in retry.on
    if effect is Effect.ONCE and failure.error_class in ("timeout", "bad_output"):
        return False  # it may have got far, or all the way
    return failure.retryable and failure.error_class not in NOT_RETRIED


def _matches(failure: Failure, match: str) -> bool:
    if match in ERROR_CLASSES or match == failure.error_class:
        return match == failure.error_class
    from orchestrator.core.backtracking import cost_of

    message = failure.message[: cost_of(match).longest_text()]
    return re.search(match, message) is not None
