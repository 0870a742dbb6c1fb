"""Makes the bill of a pipeline: its models as they are configured here, and what earlier runs of it cost."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from orchestrator.app.bill import Bill, Chain, bill_of, literal_items, step_path
from orchestrator.app.plan import known_value, written_parameters
from orchestrator.core.model import ModelProfile
from orchestrator.core.pipeline import ForEach, Pipeline
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.run_state import RunState
from orchestrator.models.metering import Terms
from orchestrator.models.minimal import NAME as MINIMAL
from orchestrator.models.requirements import read_requirements
from orchestrator.models.selection import Selector

PAST_RUNS = 20
"""How many earlier runs are learnt from."""
_FREE: tuple[tuple[str, Terms], ...] = ()


def quote(
    pipeline: Pipeline, selector: Selector, *, inputs: Mapping[str, object], past: Sequence[RunState] = ()
) -> Bill:
    """Return what a pipeline may cost with these inputs; contacts nobody.

    `past` are completed runs of it, whose mean is what is to be expected.
    """
    written = written_parameters(pipeline, inputs)

    def items(loop: ForEach) -> int | None:
        is_fixed = not loop.items.references
        value = loop.items.render({}) if is_fixed else known_value(loop.items.source, inputs)
        return literal_items(loop, value)

    bill = bill_of(pipeline, _chain_of(selector), lambda step: written.get(step, {}), items)
    return _with_past(bill, past)


def _with_past(bill: Bill, past: Sequence[RunState]) -> Bill:
    if not past:
        return bill
    steps: dict[str, Decimal] = {}
    for state in past:
        for task, known in state.tasks.items():
            if known.usage.cost:
                path = step_path(task)
                steps[path] = steps.get(path, Decimal(0)) + known.usage.cost
    total = sum((state.usage.cost or Decimal(0) for state in past), Decimal(0))
    return replace(
        bill,
        expected=_mean(total, len(past)),
        expected_steps={path: _mean(cost, len(past)) for path, cost in steps.items()},
        runs=len(past),
    )


def _mean(total: Decimal, count: int) -> Decimal:
    return (total / count).quantize(Decimal("0.000001"))


def _chain_of(selector: Selector) -> Chain:
    """Return what names the models of a wish; those found on this machine or built in cost nothing."""

    def chain(wish: object) -> Sequence[tuple[str, Terms]] | None:
        if is_list(wish):
            parts = [chain(entry) for entry in wish]
            return None if None in parts else [model for part in parts if part is not None for model in part]
        if is_mapping(wish):
            named = read_requirements(wish)[0].models
            return [(name, _terms(selector, name)) for name in named] or None
        if isinstance(wish, str) and wish != "auto":
            return _FREE if wish == MINIMAL else [(wish, _terms(selector, wish))]
        if selector.default is not None:
            return chain(selector.default)
        handed_in = next(iter(selector.pool.handed_in), None)
        return _FREE if handed_in is None else [(handed_in, _terms(selector, handed_in))]

    return chain


def _terms(selector: Selector, name: str) -> Terms:
    if selector.pool.name_problem(name):
        return Terms(None, ModelProfile())
    entry = selector.pool.entry(name)
    return Terms(selector.pool.catalogue.price(entry), entry.profile)
