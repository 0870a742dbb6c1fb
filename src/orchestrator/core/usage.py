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

    def __add__(self, other: "Usage") -> "Usage":
        cost = (
            self.cost if other.cost is None else other.cost if self.cost is None else self.cost + other.cost
        )
        return Usage(
            requests=self.requests + other.requests,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=cost,
        )

    def as_data(self) -> dict[str, object]:
        """Return what result documents show; money as text, so that it stays exact."""
        return {
            "requests": self.requests,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": None if self.cost is None else str(self.cost),
        }


NO_USAGE = Usage()
