"""What an exception of an attempt means: the failure that is recorded, without secrets and as plain data."""

import traceback
from collections.abc import Mapping
from types import TracebackType

from msgspec.structs import replace

from orchestrator.core.action import Effect
from orchestrator.core.failure import Failure, classify
from orchestrator.core.secret import mask
from orchestrator.engine.linking import LinkedCall
from orchestrator.engine.recovery import End, how_it_ended
from orchestrator.engine.result_data import as_plain_data
from orchestrator.errors import ActionError, TemplateError

_PACKAGE = __file__.replace("\\", "/").rpartition("/engine/")[0]
"""The folder of py-orc's own code."""


def judge(
    error: BaseException,
    call: LinkedCall,
    *,
    step: str,
    attempt: int,
    acting: bool,
    secrets: Mapping[str, str],
) -> Failure:
    """Return the failure that an exception stands for.

    Its class is `unknown` when the action was acting and nobody knows whether its effect happened.
    """
    failure = classify(error, step=step, attempt=attempt)
    places = [note for note in getattr(error, "__notes__", ()) if note.startswith("at ")]
    if failure.error_class == "bug" and not isinstance(error, TemplateError):
        trace = _below_py_orc(error.__traceback__) if places else error.__traceback__
        failure = replace(
            failure,
            message=f"{type(error).__name__}: {error}",
            cause="".join(traceback.format_exception(type(error), error, trace)),
        )
    if places:
        failure = replace(failure, message=f"{failure.message} — {places[0]}")
    failure = replace(
        failure,
        message=str(mask(str(failure.message), secrets)),
        cause=str(mask(failure.cause, secrets)),
        details=mask(_plain(failure.details), secrets),
    )
    if acting and _is_open(error, failure, call):
        return replace(failure, error_class="unknown", retryable=False)
    return failure


def _below_py_orc(trace: TracebackType | None) -> TracebackType | None:
    """Return the part of a trace that is a user's: what comes after the last frame of py-orc itself."""
    found, here = trace, trace
    while here is not None:
        if here.tb_frame.f_code.co_filename.startswith(_PACKAGE) and here.tb_next is not None:
            found = here.tb_next
        here = here.tb_next
    return found


def _is_open(error: BaseException, failure: Failure, call: LinkedCall) -> bool:
    definite = call.action.spec.definite
    if how_it_ended(failure, effect=call.effect, definite=definite) is End.UNKNOWN:
        return True
    lost = isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError)
    return lost and call.effect is Effect.ONCE and not definite


def _plain(details: object) -> object:
    try:
        return as_plain_data(details)
    except ActionError:
        return repr(details)
