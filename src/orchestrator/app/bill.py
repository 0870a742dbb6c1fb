"""What a pipeline may cost before it runs: the least, what is to be expected, and a bound that it cannot pass.

The bound is the sum over everything that can be asked: each model of the chain, with its longest answer, as often as repair,
retry and loops allow, in the dearest branch; budgets cut it. Where something has no bound, the step that makes it so is
named. It holds for a run that no crash interrupts, and knows nothing of models that a user's own tool calls.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct, field

from orchestrator.core.budget import Budget
from orchestrator.core.model import ModelRequest
from orchestrator.core.pipeline import Block, Call, ForEach, Loop, Pipeline, Step, Switch
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.models.asking import REPAIRS
from orchestrator.models.metering import PER_PART, Terms, dearest, input_bound

UNKNOWN = "…"
_REPAIR = 4 * (4_000 + 4_000) + 2 * PER_PART
"""Tokens that one answer with what is wrong with it may add to a request."""
_NOTHING = Decimal(0)


class Cost(Struct, frozen=True, kw_only=True):
    """What a step, or a whole run, may cost, in US dollars."""

    lower: Decimal = _NOTHING
    upper: Decimal | None = _NOTHING
    """None where nothing bounds it."""
    unbounded: tuple[str, ...] = ()
    """Each step that has no bound, with the reason."""

    def plus(self, other: "Cost") -> "Cost":
        """Return the cost of both."""
        upper = None if self.upper is None or other.upper is None else self.upper + other.upper
        return Cost(lower=self.lower + other.lower, upper=upper, unbounded=self.unbounded + other.unbounded)

    def times(self, most: int | None, *, least: int = 0, why: str = "") -> "Cost":
        """Return the cost of so many repetitions; None where nobody knows how many."""
        if most is None:
            free = self.upper == 0
            return Cost(
                lower=self.lower * least,
                upper=_NOTHING if free else None,
                unbounded=() if free else (*self.unbounded, why),
            )
        upper = None if self.upper is None else self.upper * most
        return Cost(lower=self.lower * least, upper=upper, unbounded=self.unbounded if most else ())

    def optional(self) -> "Cost":
        """Return the cost of what may also not happen."""
        return Cost(upper=self.upper, unbounded=self.unbounded)

    def within(self, budget: Budget | None) -> "Cost":
        """Return the cost under a budget, which bounds everything."""
        if budget is None or (self.upper is not None and self.upper <= budget.amount):
            return self
        return Cost(lower=min(self.lower, budget.amount), upper=budget.amount)


def dearer(one: Cost, other: Cost) -> Cost:
    """Return the cost of one of two that exclude each other."""
    uppers = [one.upper, other.upper]
    upper = None if None in uppers else max(cost for cost in uppers if cost is not None)
    return Cost(lower=min(one.lower, other.lower), upper=upper, unbounded=one.unbounded + other.unbounded)


Chain = Callable[[object], Sequence[tuple[str, Terms]] | None]
"""The models that a step's wish may come to mean, by name; None where that is known only at run time."""


class Bill(Struct, frozen=True, kw_only=True):
    """What a run may cost."""

    total: Cost
    steps: Mapping[str, Cost]
    """By the path of the step, for those that can cost something."""
    prices: Mapping[str, str] = field(default_factory=dict[str, str])
    """The price of each model, as text."""
    expected: Decimal | None = None
    """From past runs; None where there are none."""
    expected_steps: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    runs: int = 0
    """How many past runs that is learnt from."""

    def as_data(self) -> dict[str, object]:
        """Return plain data, money as text."""
        return {
            **_data(self.total, self.expected),
            "past_runs": self.runs,
            "steps": {path: _data(cost, self.expected_steps.get(path)) for path, cost in self.steps.items()},
            "prices": dict(self.prices),
        }


def _data(cost: Cost, expected: Decimal | None) -> dict[str, object]:
    return {
        "lower": str(cost.lower),
        "expected": None if expected is None else str(expected),
        "upper": None if cost.upper is None else str(cost.upper),
        **({"unbounded": list(dict.fromkeys(cost.unbounded))} if cost.upper is None else {}),
    }


def bill_of(
    pipeline: Pipeline,
    chain: Chain,
    parameters: Callable[[str], Mapping[str, object]],
    items: Callable[[ForEach], int | None],
) -> Bill:
    """Return what a compiled pipeline may cost.

    Args:
        pipeline: The file.
        chain: The models that may be asked.
        parameters: What a step of this file passes, as far as it is known; computed values hold `…`.
        items: How many items a loop has; None where that is known only at run time.
    """
    biller = _Biller(chain, parameters, items)
    total = biller.whole(pipeline, "")
    return Bill(total=total, steps=biller.steps, prices=biller.prices)


class _Biller:
    def __init__(
        self,
        chain: Chain,
        parameters: Callable[[str], Mapping[str, object]],
        items: Callable[[ForEach], int | None],
    ) -> None:
        self._chain = chain
        self._parameters = parameters
        self._items = items
        self.steps: dict[str, Cost] = {}
        self.prices: dict[str, str] = {}

    def whole(self, pipeline: Pipeline, prefix: str) -> Cost:
        cost = self._block(pipeline.root, prefix, pipeline)
        if pipeline.on_failure is not None:
            cost = cost.plus(self._block(pipeline.on_failure, prefix, pipeline).optional())
        return cost.within(pipeline.budget)

    def _block(self, block: Block, prefix: str, pipeline: Pipeline) -> Cost:
        cost = Cost()
        for step in block.steps:
            cost = cost.plus(self._step(step, f"{prefix}{step.id}", pipeline))
        return cost

    def _step(self, step: Step, path: str, pipeline: Pipeline) -> Cost:
        cost = self._body(step, path, pipeline).plus(self._open_values(step, path))
        for rule in step.on_error:
            if rule.handler is not None:
                cost = cost.plus(self._block(rule.handler, f"{path}.", pipeline).optional())
        if step.undo is not None and step.undo.call is not None and step.undo.call.action == "generate":
            most = None if isinstance(step.body, ForEach) else 1
            undo = self._generate(step, path, {}).times(step.undo.retry.attempts)
            cost = cost.plus(undo.times(most, why=f"{path}: its `undo` asks a model for each item"))
        if step.otherwise is not None:
            cost = dearer(cost, self._block(step.otherwise, f"{path}.", pipeline))
        if step.condition is not None or step.on_error:
            cost = cost.optional()
        cost = cost.within(step.budget)
        if cost.upper != 0:
            self.steps[path] = cost
        return cost

    def _body(self, step: Step, path: str, pipeline: Pipeline) -> Cost:
        body = step.body
        if isinstance(body, Call):
            return self._call(step, body, path, pipeline)
        if isinstance(body, Block):
            return self._block(body, f"{path}.", pipeline)
        if isinstance(body, Switch):
            return self._switch(body, path, pipeline)
        inner = (
            self._call(step, body.body, path, pipeline)
            if isinstance(body.body, Call)
            else self._block(body.body, f"{path}.", pipeline)
        )
        if isinstance(body, Loop):
            return inner.times(body.max_iterations, least=1 if body.until else 0)
        count = self._items(body)
        why = f"{path}: how many items it has is known only at run time"
        return inner.times(count, least=count or 0, why=why)

    def _switch(self, switch: Switch, path: str, pipeline: Pipeline) -> Cost:
        cost = Cost() if switch.default is None else self._block(switch.default, f"{path}.", pipeline)
        for _, case in switch.cases:
            cost = dearer(cost, self._block(case, f"{path}.", pipeline))
        return cost

    def _call(self, step: Step, call: Call, path: str, pipeline: Pipeline) -> Cost:
        if call.action == "generate":
            cost = self._generate(step, path, self._parameters(step.id))
        elif call.action == "pipeline.run":
            file = self._parameters(step.id).get("file")
            inner = pipeline.pipelines.get(file) if isinstance(file, str) else None
            if inner is None:
                return _unbounded(path, "which file it runs is known only at run time")
            known, self._parameters = self._parameters, _nothing_known
            cost = self.whole(inner, f"{path}.")
            self._parameters = known
        else:
            return Cost()
        attempts = cost.times(step.retry.attempts, least=1)
        return attempts.optional() if step.reuse is not None else attempts

    def _open_values(self, step: Step, path: str) -> Cost:
        """Return the cost of letting models decide what the step leaves open: what they are shown is known late."""
        cost = Cost()
        for value in step.open_values:
            asked = self._generate(step, f"{path}/{value.key}", {}, shaped=True).times(step.retry.attempts)
            if isinstance(step.body, ForEach | Loop) and value.place != "for_each":
                most = step.body.max_iterations if isinstance(step.body, Loop) else self._items(step.body)
                asked = asked.times(most, why=f"{path}: how many items it has is known only at run time")
            cost = cost.plus(asked.optional())
        return cost

    def _generate(
        self, step: Step, path: str, parameters: Mapping[str, object], *, shaped: bool = False
    ) -> Cost:
        """Return the cost of one attempt: every model of the chain may be asked, and asked again to repair."""
        chain = self._chain(step.model)
        if chain is None:
            return _unbounded(path, "which model it asks is known only at run time")
        tries = REPAIRS + 1 if step.output or shaped else 1
        cost, first = Cost(), True
        for name, terms in chain:
            each = self._one(step, path, name, terms, parameters, tries)
            cost = cost.plus(each if first else each.optional())
            first = False
        return cost

    def _one(
        self, step: Step, path: str, name: str, terms: Terms, parameters: Mapping[str, object], tries: int
    ) -> Cost:
        price, profile = terms
        if price is None:
            return _unbounded(path, f"nobody knows the price of {name}")
        self.prices[name] = f"{price.input} in, {price.output} out per million tokens ({price.source})"
        if not price.input and not price.output and price.beyond is None:
            return Cost()
        limit = parameters.get("max_tokens")
        longest = limit if isinstance(limit, int) else profile.max_output or profile.context
        if longest is None:
            return _unbounded(
                path, f"nobody knows how long an answer of {name} may be; `max_tokens` bounds it"
            )
        known = _is_known(parameters)
        if not known and profile.context is None:
            return _unbounded(
                path, f"its prompt is known only at run time, and nobody knows the context of {name}"
            )
        request = ModelRequest(
            prompt=str(parameters.get("prompt", "")),
            system=str(parameters.get("system", "")),
            schema=step.output,
        )
        tokens = input_bound(request, profile) if known else profile.context or 0
        upper = _NOTHING
        for repair in range(tries):
            grown = tokens + repair * _REPAIR
            asked = grown if profile.context is None else min(grown, profile.context)
            upper += dearest(price, asked, longest)
        return Cost(lower=price.most(1, 1), upper=upper)


def _nothing_known(_step: str) -> Mapping[str, object]:
    return {"prompt": UNKNOWN}


def _is_known(parameters: Mapping[str, object]) -> bool:
    texts = [parameters.get("prompt"), parameters.get("system", "")]
    return all(isinstance(text, str) and UNKNOWN not in text for text in texts)


def _unbounded(path: str, why: str) -> Cost:
    return Cost(upper=None, unbounded=(f"{path}: {why}",))


def literal_items(loop: ForEach, value: object) -> int | None:
    """Return how many turns a loop takes over a value; None for one that is known only at run time."""
    if not (is_list(value) or is_mapping(value)):
        return None
    count = len(value)
    return count if loop.batch is None else -(-count // loop.batch)


def step_path(task: str) -> str:
    """Return the path of the step that a task belongs to: without the numbers of items, iterations and attempts."""
    import re

    path = re.sub(r"\[\d+\]|#\d+|~\d+", "", task)
    return path.removeprefix("~on_failure.").partition("/")[0]
