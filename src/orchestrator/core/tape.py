"""The contract of recordings: what a run asked of the world, and what it was answered.

A call is put to the world, or while a tape plays, to the tape. It is known by its kind and its request alone: the n-th call
with an equal request gets the n-th answer.
"""

from collections.abc import Mapping
from typing import Literal, Protocol, cast

from orchestrator.errors import ActionError

Taped = Literal["action", "prepare", "revert", "model", "choice", "clock", "chance", "approval"]
"""What is recorded: calls of actions and of their ways back, of models, which models were chosen, readings of time and
chance by actions, and what people decided."""


class Tape(Protocol):
    """Keeps answers, or gives those that were kept; safe to use from several threads."""

    @property
    def playing(self) -> bool:
        """Whether answers come from the tape, and nothing else may be asked."""
        ...

    def play(self, kind: Taped, request: Mapping[str, object]) -> Mapping[str, object]:
        """Return the next recorded answer; raises `ActionError` of class `invalid_request` when there is none."""
        ...

    def keep(self, kind: Taped, request: Mapping[str, object], answer: Mapping[str, object]) -> None:
        """Add an answer."""
        ...


def failure_answer(error: ActionError) -> dict[str, object]:
    """Return a failed call as an answer."""
    return {
        "error": {
            "class": error.error_class,
            "message": error.message,
            "retryable": error.retryable,
            "retry_after": error.retry_after,
            "details": error.details,
            "usage": error.usage,
        }
    }


def unfinished_answer() -> dict[str, object]:
    """Return the answer of a call that was given up before it came."""
    return failure_answer(ActionError("it was stopped before it answered", error_class="timeout"))


def raise_failure(answer: Mapping[str, object]) -> None:
    """Raise what a recorded call raised; do nothing for one that succeeded."""
    if "error" not in answer:
        return
    error = cast("Mapping[str, object]", answer["error"])
    raise ActionError(
        str(error.get("message", "")),
        error_class=str(error.get("class", "failed")),
        retryable=cast("bool | None", error.get("retryable")),
        retry_after=cast("float | None", error.get("retry_after")),
        details=error.get("details"),
        usage=error.get("usage"),
    )
