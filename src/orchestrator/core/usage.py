"""Tokens and money that were used; money is exact."""

from decimal import Decimal

from msgspec import Struct


class Usage(Struct, frozen=True, gc=False):
    """What model calls consumed; adds up."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    """US dollars; None where no price is known."""
    uncertain: Decimal | None = None
    """How much of the cost is what was set aside for calls whose answer nobody saw."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            requests=self.requests + other.requests,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=_sum(self.cost, other.cost),
            uncertain=_sum(self.uncertain, other.uncertain),
        )

    def as_data(self) -> dict[str, object]:
        """Return what result documents show; money as text, so that it stays exact."""
        data: dict[str, object] = {
            "requests": self.requests,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": None if self.cost is None else str(self.cost),
        }
        return data if self.uncertain is None else {**data, "uncertain": str(self.uncertain)}


def in_doubt(most: Decimal | None) -> Usage:
    """Return what a call counts as whose answer nobody saw: all that was set aside for it."""
    return Usage(requests=1, cost=most, uncertain=most)


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return one if other is None else other if one is None else one + other


NO_USAGE = Usage()
