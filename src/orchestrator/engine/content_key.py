"""The content of a call as a key: equal keys mean that an earlier result may stand in."""

import hashlib
from collections.abc import Awaitable, Mapping
from decimal import Decimal

from orchestrator.core.action import Action, ActionContext
from orchestrator.core.pipeline import Step
from orchestrator.core.plain import is_list, is_mapping


async def content_key(action: Action, params: Mapping[str, object], step: Step, ctx: ActionContext) -> str:
    """Return the key of a call: its action and that action's code, its parameters, and what else decides the result."""
    extra: object = None
    if action.fingerprint is not None:
        extra = action.fingerprint(params, ctx)
        if isinstance(extra, Awaitable):
            extra = await extra
    content = [action.spec.name, action.spec.digest, params, step.output, step.model, extra]
    return hashlib.sha256(_text(content).encode("utf-8", "surrogatepass")).hexdigest()


def short_digest(value: object) -> str:
    """Return eight hex digits that stand for a value."""
    return hashlib.sha256(_text(value).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _text(value: object) -> str:
    """Return a text that is equal exactly for equal data: types count, the order of keys does not."""
    if is_mapping(value):
        items = sorted((key, _text(item)) for key, item in value.items())
        return "{" + ",".join(f"{key!r}:{text}" for key, text in items) + "}"
    if is_list(value):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return f"d{value}"
    return f"{type(value).__name__}:{value!r}"
