"""What goes wrong at a vendor, as an ActionError with our classes.

An error carries what it used: a request that reached the server counts, whatever came back.
"""

from collections.abc import Sequence
from json import loads
from typing import NamedTuple

from pydantic_ai import exceptions

from orchestrator.core.misfit import shortened
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.secret import MASK
from orchestrator.core.usage import NO_USAGE, Usage
from orchestrator.errors import ActionError

_CLASSES: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ModelRateLimitError, "rate_limited"),
    (exceptions.ModelQuotaExceededError, "budget"),
    (exceptions.ModelAuthenticationError, "permission"),
    (exceptions.ModelRequestRejectedError, "invalid_request"),
    (exceptions.ModelTimeoutError, "timeout"),
    (exceptions.ModelRequestTimeout, "timeout"),
    (exceptions.ModelConnectionError, "transient"),
    (exceptions.ModelUnavailableError, "transient"),
    (exceptions.ModelServerError, "transient"),
    (exceptions.ContentFilterError, "invalid_request"),
    (exceptions.UserError, "invalid_request"),
)
_NEVER_ARRIVED = ("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol")
"""Names of the HTTP clients' exceptions, old and new, for requests that no server saw."""

WireError = exceptions.AgentRunError | exceptions.UserError


class Asked(NamedTuple):
    """Who was asked."""

    name: str
    key: str
    keys: Sequence[str]
    """Variables that may hold the key."""


def failure(error: WireError, asked: Asked) -> ActionError:
    """Return our error for one of pydantic-ai's."""
    status = error.status_code if isinstance(error, exceptions.ModelHTTPError) else 0
    error_class = _class_of(error, status)
    message = f"{asked.name}: {f'HTTP {status}: ' if status else ''}{_said(error)}"
    advice = _advice(error_class, asked)
    return ActionError(
        (message.replace(asked.key, MASK) if asked.key else message) + (f"\n→ {advice}" if advice else ""),
        error_class=error_class,
        retry_after=error.retry_after if isinstance(error, exceptions.ModelAPIError) else None,
        usage=Usage(requests=1) if _has_arrived(error) else NO_USAGE,
    )


def _class_of(error: WireError, status: int) -> str:
    if status == 429 and isinstance(error, exceptions.ModelUnavailableError):
        return "rate_limited"
    error_class = next((name for kind, name in _CLASSES if isinstance(error, kind)), "")
    if error_class:
        return error_class
    if status:
        return "transient" if status in (408, 409, 425) or status >= 500 else "invalid_request"
    is_report = isinstance(error, exceptions.ModelAPIError) and error.in_stream
    return "transient" if is_report else "bad_output"


def _advice(error_class: str, asked: Asked) -> str:
    key = f"the key ({' or '.join(asked.keys)})" if asked.keys else "the server's settings"
    return {
        "budget": "the account has no credit left: top it up, or use another model",
        "permission": f"check {key} and that it may use this model",
        "invalid_request": "check the model's name and the request; `py-orc models` lists what is known",
        "transient": "check that the server runs and can be reached",
    }.get(error_class, "")


def _has_arrived(error: BaseException) -> bool:
    """Return whether a server saw the request."""
    if isinstance(error, exceptions.UserError):
        return False
    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ in _NEVER_ARRIVED:
            return False
        cause = cause.__cause__ or cause.__context__
    return True


def _said(error: WireError) -> str:
    """Return the sentence of the server, else that of the library."""
    sentence = _sentence(error.body) if isinstance(error, exceptions.ModelAPIError) else ""
    return shortened(" ".join((sentence or error.message).split()), 300)


def _sentence(body: object) -> str:
    """Return what an error's body says: each vendor wraps it in its own way."""
    if isinstance(body, bytes):
        body = body.decode(errors="replace")
    if isinstance(body, str):
        try:
            parsed: object = loads(body)
        except (ValueError, RecursionError):
            return body.strip()
        return _sentence(parsed) if is_mapping(parsed) or is_list(parsed) else body.strip()
    if is_list(body):
        return _sentence(body[0]) if body else ""
    if not is_mapping(body):
        return ""
    for key in ("error", "message"):
        if body.get(key):
            return _sentence(body[key])
    return ""
