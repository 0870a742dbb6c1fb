"""What went wrong in a task, as a value: classified, serialisable, and the same text everywhere."""

from msgspec import Struct

from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.errors import ActionError, StoreError, TemplateError, UserError

ERROR_CLASSES: dict[str, str] = {
    "transient": "a passing fault: connection refused or reset, a server that is busy",
    "rate_limited": "the other side asks to slow down",
    "timeout": "the attempt took longer than its `timeout`",
    "command_failed": "a command ended with another exit code than 0",
    "bad_output": "the result does not fit the step's `output` schema, or what its function says it returns",
    "failed": "the action reported a failure of its own",
    "not_found": "a file, record or address does not exist",
    "invalid_request": "the parameters are wrong: the same call would fail again",
    "template": "a template of the step cannot be evaluated",
    "permission": "the pipeline may not do this",
    "budget": "it would cost more than was allowed",
    "unknown": "nobody knows whether it happened: the engine or the connection died in the middle",
    "crashed": "the attempt ended its process three times",
    "cancelled": "it was stopped on request",
    "bug": "an unexpected exception: a defect of the tool or of py-orc",
}
"""Every class a failure can have, with what it means; `retry.on` and `on_error.match` name them."""

NOT_RETRIED = frozenset(
    {"permission", "budget", "invalid_request", "template", "bug", "cancelled", "unknown", "crashed"}
)
"""Classes that `retry` without `on` leaves alone: trying again would do the same, or more harm."""


class Failure(Struct, frozen=True, gc=False):
    """One failed attempt, as `errors.X` shows it to templates."""

    error_class: str
    message: str
    step: str
    attempt: int = 1
    retryable: bool = False
    retry_after: float | None = None
    """Seconds the other side asked us to wait."""
    details: object = None
    usage: Usage = NO_USAGE
    """What the attempt consumed all the same."""
    cause: str = ""
    """The exception's type and text, for a bug its traceback."""

    def __hash__(self) -> int:
        return hash((self.error_class, self.message, self.step, self.attempt))  # details may be any data

    def as_data(self) -> dict[str, object]:
        """Return what templates and result documents see."""
        return {
            "class": self.error_class,
            "message": self.message,
            "step": self.step,
            "attempt": self.attempt,
            "retryable": self.retryable,
        }


def classify(error: BaseException, *, step: str, attempt: int = 1) -> Failure:
    """Return the failure that an exception stands for; what nobody foresaw is a `bug`."""
    error_class, message, retryable = "bug", str(error), None
    if isinstance(error, ActionError):
        error_class, message, retryable = error.error_class, error.message, error.retryable
    elif isinstance(error, TemplateError):
        error_class, message = "template", str(error)
    elif isinstance(error, UserError):
        error_class = "invalid_request"
    elif isinstance(error, TimeoutError):
        error_class, message = "timeout", str(error) or "it took too long"
    elif isinstance(error, ConnectionError):
        error_class = "transient"
    elif isinstance(error, PermissionError):
        error_class = "permission"
    elif isinstance(error, FileNotFoundError):
        error_class = "not_found"
    elif isinstance(error, OSError | StoreError):
        error_class = "failed"
    return Failure(
        error_class=error_class,
        message=message or type(error).__name__,
        step=step,
        attempt=attempt,
        retryable=error_class not in NOT_RETRIED if retryable is None else retryable,
        retry_after=error.retry_after if isinstance(error, ActionError) else None,
        details=error.details if isinstance(error, ActionError) else None,
        usage=error.usage if isinstance(error, ActionError) and isinstance(error.usage, Usage) else NO_USAGE,
        cause=f"{type(error).__name__}: {error}",
    )
