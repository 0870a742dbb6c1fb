"""Lengths of time in words."""

import pytest

from orchestrator.engine.durations import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10s", 10),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("2d", 172800),
        ("1.5m", 90),
        (7, 7),
        (0.25, 0.25),
        (" 3s ", 3),
    ],
)
def test_times_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "s", "10 s", "1h 30m", "-5s", -1, True, None, [1], "10x", "1s2"])
def test_what_is_no_time_gives_nothing(text):
    assert seconds_of(text) is None
