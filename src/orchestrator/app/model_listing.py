"""The models that there are, which of them can be asked now, and which one each step of a file would get.

Nothing is asked; the only connection is to servers on this machine, to see which models they have.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from orchestrator.app.plan import plan_of
from orchestrator.app.written_steps import written_step
from orchestrator.core.action import ActionSource
from orchestrator.core.model import Price
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.plain import is_mapping
from orchestrator.errors import SetupError

if TYPE_CHECKING:
    from orchestrator.models.catalogue.entry import Entry
    from orchestrator.models.selection import Selector

_ABILITIES = ("structured", "vision", "tools", "local")


class ListedModel(Struct, frozen=True, kw_only=True):
    """One model with what is known of it."""

    name: str
    why_not: str
    """Why it cannot be asked now; empty when it can."""
    origin: str
    """Who says what follows."""
    quality: int
    speed: int
    abilities: tuple[str, ...]
    context: int | None = None
    max_output: int | None = None
    weight: float | None = None
    price: Price | None = None

    def as_data(self) -> dict[str, object]:
        """Return plain data; money as text."""
        price = self.price
        return {
            "name": self.name,
            "usable": not self.why_not,
            "why_not": self.why_not or None,
            "origin": self.origin,
            "quality": self.quality,
            "speed": self.speed,
            "abilities": list(self.abilities),
            "context": self.context,
            "max_output": self.max_output,
            "weight": self.weight,
            "price": price
            and {"input": str(price.input), "output": str(price.output), "source": price.source},
        }


class StepModel(Struct, frozen=True, kw_only=True):
    """A model that a step would ask, in its turn."""

    model: str
    reason: str
    strategy: str = ""
    refusal: str = ""
    """Why it would not be asked after all."""

    def as_data(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "model": self.model,
            "reason": self.reason,
            "strategy": self.strategy or None,
            "refusal": self.refusal or None,
        }


class StepModels(Struct, frozen=True, kw_only=True):
    """Which models a step would ask."""

    step: str
    wish: object
    """What the file says under `model`; None where it says nothing."""
    models: tuple[StepModel, ...]
    problem: str = ""
    """Why there is none."""

    def as_data(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "step": self.step,
            "model": self.wish,
            "asks": [model.as_data() for model in self.models],
            "problem": self.problem or None,
        }


async def list_models(selector: "Selector") -> list[ListedModel]:
    """Return every model that is known here, those that can be asked first."""
    pool = selector.pool
    served = {model.name for model in await pool.served()}
    names = dict.fromkeys([*pool.handed_in, *sorted(served), *pool.listed(), pool.builtin.name])
    listed = [_listed(selector, name, _why_not(selector, name, served)) for name in names]
    return sorted(listed, key=lambda model: (bool(model.why_not), model.name))


async def explain_models(pipeline: Pipeline, actions: ActionSource, selector: "Selector") -> list[StepModels]:
    """Return which models each step of a pipeline would ask; templates count as empty."""
    plan = plan_of(pipeline, actions)
    blocks = [plan.root, *([plan.on_failure] if plan.on_failure else [])]
    steps = [step for block in blocks for step in block.steps() if step.does == "generate"]
    return [await _explained(selector, step.path, step.model, pipeline.document) for step in steps]


async def _explained(
    selector: "Selector", path: str, wish: object, document: Mapping[str, object]
) -> StepModels:
    from orchestrator.models.advice import literal_need

    written = written_step(document, path.rpartition(".")[2])
    parameters, output = written.get("with"), written.get("output")
    need = literal_need(parameters if is_mapping(parameters) else {}, output if is_mapping(output) else None)
    try:
        choices = await selector.select(wish, need)
    except SetupError as error:
        return StepModels(step=path, wish=wish, models=(), problem=str(error))
    models = [
        StepModel(model=each.model.name, reason=each.reason, strategy=each.strategy, refusal=each.refusal)
        for each in choices
    ]
    return StepModels(step=path, wish=wish, models=tuple(models))


def _why_not(selector: "Selector", name: str, served: Sequence[str] | set[str]) -> str:
    from orchestrator.models.pool import LOCAL_PROVIDERS

    if name in served or name.partition(":")[0] not in LOCAL_PROVIDERS:
        return selector.pool.why_not(name)
    return "the server on this machine does not have it" if served else "no server runs on this machine"


def _listed(selector: "Selector", name: str, why_not: str) -> ListedModel:
    entry: Entry = selector.pool.entry(name)
    profile = entry.profile
    return ListedModel(
        name=name,
        why_not=why_not,
        origin=entry.origin,
        quality=entry.quality,
        speed=entry.speed,
        abilities=tuple(ability for ability in _ABILITIES if getattr(profile, ability)),
        context=profile.context,
        max_output=profile.max_output,
        weight=entry.weight,
        price=selector.pool.catalogue.price(entry),
    )
