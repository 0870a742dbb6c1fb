"""Plain scalars follow the YAML 1.2 core schema."""

import math

import pytest

from orchestrator.compiler.scalars import core_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None), ("true", True), ("False", False),
        ("0", 0), ("-1", -1), ("+12", 12), ("0o17", 15), ("0xFF", 255), ("012", 12),
        ("1e3", 1000.0), ("1.", 1.0), (".5", 0.5), ("-1.5E-3", -0.0015), (".inf", math.inf), ("-.Inf", -math.inf),
    ],
)  # fmt: skip
def test_a_special_scalar_has_its_value_and_type(text: str, value: object) -> None:
    found = core_scalar(text)
    assert (found, type(found)) == (value, type(value))


def test_nan_is_a_number() -> None:
    found = core_scalar(".nan")
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "off", "y", "nUll", "tRue", "1:30", "2026-01-01", "1_000", "0b1", "0o8", "0x", "0xG", "-0o7",
     "1e", "1e+", "e3", ".", "-", "+", "..5", "1.2.3", "=", "<<", "1 2", "１", ".INf", "-.nan", "nothing", "1-2"],
)  # fmt: skip
def test_everything_else_is_text(text: str) -> None:
    assert core_scalar(text) is text


def test_a_number_beyond_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="a number of 1001 digits"):
        core_scalar("9" * 1001)
