import pytest

from orchestrator.core.failure import ERROR_CLASSES, NOT_RETRIED, Failure, classify
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError, SetupError, StoreError, TemplateError


@pytest.mark.parametrize(
    ("error", "error_class", "retryable"),
    [
        (ActionError("slow down", error_class="rate_limited"), "rate_limited", True),
        (ActionError("no"), "failed", True),
        (ActionError("odd", error_class="my_own"), "my_own", True),
        (ActionError("never", error_class="transient", retryable=False), "transient", False),
        (ActionError("again", error_class="bug", retryable=True), "bug", True),
        (TemplateError("`x` is not defined"), "template", False),
        (TimeoutError(), "timeout", True),
        (ConnectionResetError("reset"), "transient", True),
        (PermissionError("no"), "permission", False),
        (FileNotFoundError("gone"), "not_found", True),
        (IsADirectoryError("a folder"), "failed", True),
        (StoreError("full"), "failed", True),
        (ZeroDivisionError("division by zero"), "bug", False),
    ],
)
def test_every_exception_has_its_class(error, error_class, retryable):
    failure = classify(error, step="a", attempt=2)
    assert (failure.error_class, failure.retryable) == (error_class, retryable)
    assert (failure.step, failure.attempt) == ("a", 2)
    assert failure.message
    assert failure.cause.startswith(type(error).__name__)


def test_what_an_action_adds_to_its_error_is_kept():
    failure = classify(
        ActionError("busy", error_class="rate_limited", retry_after=2.5, details={"x": 1}), step="a"
    )
    assert (failure.retry_after, failure.details) == (2.5, {"x": 1})


def test_templates_see_the_short_form():
    assert Failure("timeout", "too long", "a", attempt=3, retryable=True, details={"x": 1}).as_data() == {
        "class": "timeout",
        "message": "too long",
        "step": "a",
        "attempt": 3,
        "retryable": True,
    }


def test_a_failure_with_any_details_can_be_hashed():
    assert len({Failure("failed", "no", "a", details=[1]), Failure("failed", "no", "a", details=[1])}) == 1


def test_the_classes_that_are_not_retried_are_known_ones():
    assert ERROR_CLASSES.keys() >= NOT_RETRIED


def test_what_is_not_set_up_is_no_bug():
    failure = classify(SetupError("polars is missing", hint="install it."), step="a")
    assert (failure.error_class, failure.retryable) == ("invalid_request", False)
    assert "polars is missing" in failure.message


def test_what_a_failed_attempt_consumed_is_kept():
    assert classify(ActionError("no", usage=Usage(requests=2)), step="a").usage == Usage(requests=2)
    assert classify(ActionError("no"), step="a").usage == Usage()
