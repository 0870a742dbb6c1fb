"""Times and sizes are read as people write them."""

import math

import pytest

from orchestrator.core.quantities import duration, size


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


def test_no_time_at_all_counts_only_where_it_is_asked_for():
    assert duration(0) is duration("0s") is None
    assert duration(0, zero=True) == duration("0s", zero=True) == 0


@pytest.mark.parametrize("value", ["99999999999d", 1e300, float("inf"), float("nan"), -1, True, ""])
def test_what_is_beyond_reason_is_no_duration(value: object):
    assert duration(value, zero=True) is None
