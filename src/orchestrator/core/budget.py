"""What a run, a step, a day or a project may cost, and how people write such a sum."""

from decimal import Decimal, InvalidOperation
from typing import Literal

from msgspec import Struct

WARNS_AT = Decimal("0.8")
"""The share of a budget at which a run warns."""
TIGHT_AT = Decimal("0.95")
"""The share from which cheaper models are preferred, where the budget says `degrade`."""

_MOST = Decimal(1_000_000_000)


class Budget(Struct, frozen=True, kw_only=True):
    """The most that something may cost."""

    amount: Decimal
    """US dollars."""
    degrade: bool = False
    """Whether cheaper models of a chain are preferred once little is left."""
    at_limit: Literal["stop"] = "stop"


def dollars(value: object) -> Decimal | None:
    """Return the sum that a text such as `0.50 USD` or `$5` names; None for anything else.

    Numbers without a currency are none: nobody could say what they mean, and a float is not exact.
    """
    if type(value) is not str:
        return None
    text = value.strip().upper()
    number = text.removesuffix("USD") if text.endswith("USD") else text.removeprefix("$")
    if number == text:
        return None
    number = number.strip().replace("_", "")
    if not number.replace(".", "", 1).isdecimal() or not number.isascii():
        return None
    try:
        amount = Decimal(number)
    except InvalidOperation:
        return None
    return amount if amount < _MOST else None


def money_text(amount: Decimal) -> str:
    """Return a sum as people read it, without digits that say nothing: `0.50 USD`."""
    shown = amount.normalize()
    places = max(2, -int(shown.as_tuple().exponent))
    return f"{amount:.{min(places, 12)}f} USD"
