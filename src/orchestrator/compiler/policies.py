"""How a step behaves when things go wrong, take long or cost money: `retry`, `cache`, `budget`, `resources`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from orchestrator.compiler.auto_tags import has_tag
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.mappings import Entry, checked
from orchestrator.compiler.open_model import requirements_of
from orchestrator.compiler.origin import Place
from orchestrator.compiler.schema import BUDGET, CACHE, RETRY
from orchestrator.core.budget import Budget, dollars
from orchestrator.core.failure import ERROR_CLASSES
from orchestrator.core.misfit import shown
from orchestrator.core.plain import is_list
from orchestrator.core.policy import NO_RETRY, Retry, Reuse
from orchestrator.core.quantities import duration, size
from orchestrator.core.suggestion import nearest
from orchestrator.expressions import is_template

_JITTER = {True: NO_RETRY.jitter, False: 0.0}


def read_model(c: Compilation, model: object, place: Place) -> object:
    """Return a step's `model` as plain data, a tag as the requirements that it states."""
    if type(model) is str and has_tag(model):
        return requirements_of(c, model, place)
    _check_model(c, model, place)
    return model


def _check_model(c: Compilation, model: object, place: Place) -> None:
    """Report a model that is to be known only at run time."""
    for name in model if is_list(model) else [model]:
        if type(name) is str and is_template(name):
            hint = "name it, give requirements such as `{task: …}`, or choose between steps with `switch`."
            c.problems.error(place, "a model cannot be computed", hint=hint)


def read_retry(c: Compilation, value: object, place: Place) -> dict[str, object]:
    """Return the keys of a `retry`, the short form spelt out."""
    if type(value) is int:
        return {"attempts": value}
    entry = checked(c, cast("Entry", value), RETRY, place)
    for at, name in enumerate(_texts(entry.get("on"))):
        if name not in ERROR_CLASSES and nearest(name, ERROR_CLASSES):
            where: Place = (place, "on") if type(entry["on"]) is str else ((place, "on"), at)
            hint = f"did you mean `{nearest(name, ERROR_CLASSES)}`?"
            c.problems.warning(where, f"no error class of ours is called `{name}`", hint=hint)
    return dict(entry)


def make_retry(keys: Mapping[str, object]) -> Retry:
    """Return the policy that checked keys describe."""
    jitter = keys.get("jitter", NO_RETRY.jitter)
    return Retry(
        attempts=cast("int", keys.get("attempts", NO_RETRY.attempts)),
        backoff=_pause(keys.get("backoff"), NO_RETRY.backoff),
        max_backoff=_pause(keys.get("max_backoff"), NO_RETRY.max_backoff),
        jitter=_JITTER[jitter] if type(jitter) is bool else float(cast("float", jitter)),
        on=tuple(_texts(keys.get("on"))),
    )


def _pause(value: object, otherwise: float) -> float:
    seconds = duration(value, zero=True)
    return otherwise if seconds is None else seconds


def read_reuse(c: Compilation, value: object, place: Place) -> Reuse | None:
    """Return what `cache` says."""
    if type(value) is bool:
        return Reuse() if value else None
    return Reuse(ttl=duration(checked(c, cast("Entry", value), CACHE, place).get("ttl")))


def read_budget(c: Compilation, value: object, place: Place) -> Budget | None:
    """Return what `budget` says; None where it is wrong, which is reported."""
    if type(value) is str:
        return Budget(amount=dollars(value) or Decimal(0))
    entry = checked(c, cast("Entry", value), BUDGET, place)
    if "amount" not in cast("Entry", value):
        hint = "add `amount: 0.50 USD`."
        c.problems.error(place, "the budget has no `amount`", hint=hint)
    amount = dollars(entry.get("amount"))
    return None if amount is None else Budget(amount=amount, degrade=bool(entry.get("degrade")))


def read_resources(c: Compilation, entry: Entry, place: Place) -> dict[str, float]:
    """Return the permits of a step; a name such as `api: openai` is one permit of `api:openai`."""
    permits: dict[str, float] = {}
    for name, value in entry.items():
        if (type(value) is int or type(value) is float) and value > 0:
            permits[name] = float(value)
        elif name == "memory" and size(value):
            permits[name] = float(size(value) or 0)
        elif type(value) is str and value and name != "memory":
            permits[f"{name}:{value}"] = 1.0
        else:
            expected = "a size such as `4GB`" if name == "memory" else "a number above 0 or a name"
            c.problems.error((place, name), f"`{name}` must be {expected}, not {shown(value)}")
    return permits


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    return [value] if type(value) is str else cast("list[str]", value)
