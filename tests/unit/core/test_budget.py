"""Sums of money as people write them."""

from decimal import Decimal

import pytest

from orchestrator.core.budget import dollars, money_text


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0.50 USD", "0.50"),
        ("5usd", "5"),
        ("$12.345", "12.345"),
        (" $ 3 ", "3"),
        ("0 USD", "0"),
        ("1_000 USD", "1000"),
    ],
)
def test_a_sum_with_its_currency_is_exact(written, amount):
    assert str(dollars(written)) == amount


@pytest.mark.parametrize(
    "written",
    [
        0.5,
        5,
        True,
        None,
        "5",
        "0.5 EUR",
        "-1 USD",
        "1e3 USD",
        "USD",
        "$",
        "1.2.3 USD",
        "٣ USD",
        "1e999 USD",
        "9" * 12 + " USD",
    ],
)
def test_anything_else_is_no_sum(written):
    assert dollars(written) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.5", "0.50 USD"),
        ("100", "100.00 USD"),
        ("0.0312", "0.0312 USD"),
        ("0", "0.00 USD"),
        ("1E+2", "100.00 USD"),
    ],
)
def test_a_sum_is_shown_with_two_digits_or_as_many_as_it_needs(amount, text):
    assert money_text(Decimal(amount)) == text
