"""Prices of vendors' models, from the snapshot that the package genai-prices carries: nothing is fetched."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestrator.core.model import Price

if TYPE_CHECKING:
    from genai_prices.types import TieredPrices

_VENDORS = {"openai": "openai", "openai-chat": "openai", "anthropic": "anthropic", "google": "google"}
"""The package's name of each provider whose models have one price; a router such as Hugging Face's has many."""


def vendor_price(provider: str, model: str, now: float) -> Price | None:
    """Return what a model costs at a time in epoch seconds; None where the snapshot does not know it."""
    vendor = _VENDORS.get(provider)
    if vendor is None:
        return None
    from importlib.metadata import version

    from genai_prices.data_snapshot import get_snapshot

    when = datetime.fromtimestamp(now, UTC)
    try:
        _, known = get_snapshot().find_provider_model(model, None, vendor, None)
    except LookupError:
        return None
    prices = known.get_prices(when)
    source = f"genai-prices {version('genai-prices')}, prices of {when:%Y-%m-%d}"
    return _price(prices.input_mtok, prices.output_mtok, source)


def _price(
    given: "Decimal | TieredPrices | None", written: "Decimal | TieredPrices | None", source: str
) -> Price | None:
    if given is None or written is None:
        return None
    first, *further = sorted({0, *_starts(given), *_starts(written)}, reverse=True)
    price = Price(input=_at(given, first), output=_at(written, first), source=source)
    above = first
    for start in further:
        price = Price(
            input=_at(given, start), output=_at(written, start), source=source, beyond=(above, price)
        )
        above = start
    return price


def _starts(price: "Decimal | TieredPrices") -> list[int]:
    return [] if isinstance(price, Decimal) else [tier.start for tier in price.tiers]


def _at(price: "Decimal | TieredPrices", tokens: int) -> Decimal:
    """Return the price per million of a request with so many tokens."""
    if isinstance(price, Decimal):
        return price
    reached = [
        tier.price for tier in sorted(price.tiers, key=lambda tier: tier.start) if tier.start <= tokens
    ]
    return reached[-1] if reached else price.base
