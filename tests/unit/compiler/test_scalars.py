"""Plain scalars follow the YAML 1.2 core schema; times and sizes are read as people write them."""

import math

import pytest

from orchestrator.compiler.quantities import duration, size
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


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10),
        ("2m", 120),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1d", 86400),
        ("1.5h", 5400),
        ("1 h 30 m", 5400),
        (3, 3),
        (0.25, 0.25),
        ("2M", 120),
    ],
)
def test_a_duration_is_read_in_seconds(text: object, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "10",
        "10x",
        "m5",
        "-5s",
        "1..5s",
        ".s",
        "5.s",
        0,
        -1,
        True,
        None,
        [],
        math.inf,
        math.nan,
        "0s",
    ],
)
def test_what_is_no_duration(text: object) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("4GB", 4 * 10**9), ("512 MiB", 512 * 2**20), ("1.5kb", 1500), ("3b", 3), ("2TiB", 2 * 2**40), (7, 7)],
)
def test_a_size_is_read_in_bytes(text: object, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "GB", "4", "4XB", "1GB2MB", "0b", 0, -1, 1.5, True, None])
def test_what_is_no_size(text: object) -> None:
    assert size(text) is None
