"""Sums of money as a store keeps them: text, so that they stay exact."""

from decimal import Decimal, InvalidOperation

from orchestrator.errors import StoreError

_DIGITS = 1000
"""More places than any sum of money has, few enough to add without an overflow."""


def is_money(value: Decimal) -> bool:
    """Return whether a number can be a sum of money."""
    return value.is_finite() and abs(value.adjusted()) < _DIGITS


def read_money(text: object, place: str) -> Decimal:
    """Return the sum that a text says; raises `StoreError` naming the place for one that is damaged."""
    try:
        amount = Decimal(text) if type(text) is str else None
    except InvalidOperation:
        amount = None
    if amount is None or not is_money(amount):
        raise StoreError(
            f"a sum of money is damaged: {text!r} — {place}", hint="restore the store from a backup."
        )
    return amount
