"""Values and times as result documents write them."""

import json
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.app.plain import clock_time, legible, moment, plain, span, written


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("0.10"), "0.10"),
        (float("inf"), "inf"),
        ((1, "a"), [1, "a"]),
        (2**70, 2**70),
        ([10**5000], [hex(10**5000)]),
        ({-(10**5000): 1}, {hex(-(10**5000)): 1}),
        ({10**5000}, [hex(10**5000)]),
        ({3, 1, 2}, [1, 2, 3]),
        ({1: {"a": None}}, {"1": {"a": None}}),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "2026-11-20T12:00:00+00:00"),
        (b"caf\xc3\xa9 \xff", "café \\xff"),
        (1.0, 1.0),
        (True, True),
    ],
)
def test_what_json_does_not_know_becomes_text(value: object, expected: object) -> None:
    assert plain(value) == expected


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.decimals()
        | st.binary()
        | st.dates(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner)
        ),
        max_leaves=20,
    )
)
def test_every_value_can_be_written_as_strict_json(value: object) -> None:
    json.dumps(plain(value), allow_nan=False)


def test_an_object_of_an_unknown_class_is_told_by_its_text() -> None:
    assert plain(range(2)) == "range(0, 2)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (None, "null"),
        ("x", '"x"'),
        ("a 'b' \"c\"", '"a \'b\' \\"c\\""'),
        (2.5, "2.5"),
        ([1, None, {"a": False}], '[1, null, {"a": false}]'),
        (Decimal("0.10"), '"0.10"'),
        ("ü", '"ü"'),
    ],
)
def test_a_value_is_written_as_the_language_writes_it(value: object, expected: str) -> None:
    assert written(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain words", "plain words"),
        ("", '""'),
        ("true", '"true"'),
        ("null", '"null"'),
        ("52", '"52"'),
        ('"quoted"', '"\\"quoted\\""'),
        ("[not json", "[not json"),
        (" 7", '" 7"'),
        (None, "null"),
        ({"a": "true"}, '{"a": "true"}'),
    ],
)
def test_a_text_is_quoted_where_it_would_read_as_something_else(value: object, expected: str) -> None:
    assert legible(value) == expected


def test_a_clock_time_is_local_and_names_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    try:
        assert clock_time(1_800_000_000.9) == "2027-01-15 09:00:00 CET"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_moment_is_utc_with_milliseconds() -> None:
    assert moment(1_800_000_000.1236) == "2027-01-15T08:00:00.123Z"
    assert moment(None) is None
    assert moment(1e18) == "9999-12-31T23:59:59.000Z"
    assert moment(-1e18) == "0001-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, ""),
        (0.0004, "0 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 m 00 s"),
        (185, "3 m 05 s"),
        (7800, "2 h 10 m"),
    ],
)
def test_a_span_is_told_as_people_read_it(seconds: float | None, told: str) -> None:
    assert span(seconds) == told
