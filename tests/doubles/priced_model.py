"""A model that costs money: it takes its time, and uses as many tokens as chance says within what it was allowed."""

from decimal import Decimal
from random import Random

from orchestrator.core.model import ModelProfile, ModelResponse, Price
from orchestrator.core.usage import Usage

PRICE = Price(input=Decimal(1), output=Decimal(10), source="a list of prices")


class PricedModel:
    """Counts what it charged in `charged`."""

    def __init__(
        self, clock, name="vendor:priced", *, seed=0, max_output=1000, price=PRICE, answer="text", fails=0.0
    ):
        self.name = name
        self.profile = ModelProfile(
            structured=True, local=False, price=price, max_output=max_output, context=10_000
        )
        self.charged = Decimal(0)
        self.dearest_call = Decimal(0)
        self.calls = 0
        self._clock = clock
        self._chance = Random(seed)  # noqa: S311 - a game of chance
        self._answer = answer
        self._fails = fails

    async def generate(self, request):
        """Answer after a while."""
        self.calls += 1
        used = Usage(
            requests=1,
            input_tokens=self._chance.randint(1, max(1, len(request.prompt))),
            output_tokens=self._chance.randint(1, request.max_tokens or self.profile.max_output),
        )
        await self._clock.sleep(self._chance.uniform(0.1, 3.0))
        cost = self.profile.price.most(used.input_tokens, used.output_tokens)
        self.charged += cost
        self.dearest_call = max(self.dearest_call, cost)
        answer = "" if self._chance.random() < self._fails else self._answer
        return ModelResponse(text=answer, model=self.name, usage=used)

    async def close(self):
        """Hold nothing."""
