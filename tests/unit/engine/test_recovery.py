"""What the pure rules of recovery decide."""

import pytest

from orchestrator.core.action import Effect
from orchestrator.core.failure import ERROR_CLASSES, NOT_RETRIED, Failure
from orchestrator.core.pipeline import ErrorRule
from orchestrator.core.policy import Retry
from orchestrator.engine.recovery import End, choose_rule, how_it_ended, pause_before_retry


def failure(error_class: str = "transient", *, attempt: int = 1, retry_after: float | None = None) -> Failure:
    return Failure(
        error_class,
        "the server is busy",
        "fetch",
        attempt,
        retryable=error_class not in NOT_RETRIED,
        retry_after=retry_after,
    )


def pause(
    failed: Failure,
    retry: Retry,
    *,
    effect: Effect = Effect.READ,
    definite: bool = False,
    chance: float = 0.5,
):
    return pause_before_retry(failed, retry, effect=effect, definite=definite, chance=chance)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 2.0), (2, 4.0), (3, 8.0), (4, 10.0), (500, 10.0)])
def test_the_pause_doubles_up_to_its_limit(attempt, seconds):
    retry = Retry(attempts=1000, backoff=2.0, max_backoff=10.0, jitter=0.0)
    assert pause(failure(attempt=attempt), retry) == seconds


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 8.0), (0.5, 10.0), (0.75, 11.0)])
def test_jitter_moves_the_pause_both_ways(chance, seconds):
    assert pause(failure(), Retry(attempts=2, backoff=10.0, jitter=0.2), chance=chance) == pytest.approx(
        seconds
    )


def test_the_pause_is_at_least_what_the_other_side_asked_for():
    assert (
        pause(failure("rate_limited", retry_after=30.0), Retry(attempts=2, backoff=1.0, jitter=0.0)) == 30.0
    )


def test_attempts_count_tries_and_not_repetitions():
    assert pause(failure(attempt=1), Retry(attempts=1)) is None
    assert pause(failure(attempt=1), Retry(attempts=2)) is not None
    assert pause(failure(attempt=2), Retry(attempts=2)) is None


@pytest.mark.parametrize("error_class", sorted(ERROR_CLASSES))
def test_without_on_every_class_that_can_pass_by_itself_is_retried(error_class):
    assert (pause(failure(error_class), Retry(attempts=2)) is not None) == (error_class not in NOT_RETRIED)


def test_on_names_exactly_the_classes_that_are_retried():
    retry = Retry(attempts=2, on=("timeout", "bug"))
    assert pause(failure("bug"), retry) is not None
    assert pause(failure("transient"), retry) is None


@pytest.mark.parametrize(
    ("error_class", "effect", "definite", "end"),
    [
        ("timeout", Effect.ONCE, False, End.UNKNOWN),
        ("timeout", Effect.ONCE, True, End.FAILED),
        ("timeout", Effect.IDEMPOTENT, False, End.FAILED),
        ("unknown", Effect.ONCE, False, End.UNKNOWN),
        ("command_failed", Effect.ONCE, False, End.FAILED),
        ("timeout", Effect.READ, False, End.FAILED),
    ],
)
def test_only_a_once_action_can_end_unknown(error_class, effect, definite, end):
    assert how_it_ended(failure(error_class), effect=effect, definite=definite) is end


def test_a_timed_out_once_action_is_never_retried_even_when_on_says_so():
    assert pause(failure("timeout"), Retry(attempts=5, on=("timeout",)), effect=Effect.ONCE) is None


def test_a_once_action_that_ended_surely_is_retried_after_a_time_out_only_when_on_says_so():
    timed_out = failure("timeout")
    assert pause(timed_out, Retry(attempts=5), effect=Effect.ONCE, definite=True) is None
    assert pause(timed_out, Retry(attempts=5, on=("timeout",)), effect=Effect.ONCE, definite=True) is not None


def test_a_once_action_whose_result_is_not_liked_is_not_repeated_unless_on_says_so():
    bad = failure("bad_output")
    assert pause(bad, Retry(attempts=5), effect=Effect.ONCE) is None
    assert pause(bad, Retry(attempts=5), effect=Effect.READ) is not None
    assert pause(bad, Retry(attempts=5, on=("bad_output",)), effect=Effect.ONCE) is not None


def rule(match: str | None) -> ErrorRule:
    return ErrorRule(match=match, tolerate=True)


@pytest.mark.parametrize(
    ("matches", "chosen"),
    [
        ([None], 0),
        (["timeout", "transient", None], 1),
        (["timeout", "budget"], None),
        (["serv.r is b.sy", None], 0),
        (["^busy", None], 1),
        (["custom_class", None], 1),
    ],
)
def test_the_first_rule_that_matches_decides(matches, chosen):
    rules = [rule(match) for match in matches]
    expected = None if chosen is None else rules[chosen]
    assert choose_rule(failure(), rules) is expected


def test_a_class_name_is_not_read_as_a_pattern():
    assert choose_rule(Failure("failed", "a timeout it was", "x"), [rule("timeout")]) is None


def test_a_long_message_is_searched_only_as_far_as_the_pattern_can_in_time():
    long = Failure("failed", "a" * 1000 + "b", "x")
    assert choose_rule(long, [rule("a.*a.*b")]) is None
    assert choose_rule(long, [rule("b$")]) is not None


def test_a_tools_own_class_matches_by_name():
    own = rule("quota_reached")
    assert choose_rule(Failure("quota_reached", "no more", "x"), [own]) is own


def test_an_unknown_end_is_matched_only_by_its_own_name():
    named = rule("unknown")
    assert choose_rule(failure("unknown"), [rule(None), rule("server")]) is None
    assert choose_rule(failure("unknown"), [rule(None), named]) is named
