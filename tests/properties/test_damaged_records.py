"""Whatever becomes of a line on disk, reading it gives a record of the right shape or the one error that says so."""

import json
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.app.event import event_of
from orchestrator.cli.story import tell
from orchestrator.core.journal import Record
from orchestrator.core.run_state import apply, fold
from orchestrator.errors import StoreError
from orchestrator.state.codec import decode_record, decode_value, encode_record, encode_value
from orchestrator.testing.samples import sample_run
from strategies.values import records, values

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 2**63, 10**30, 1e300, -1e300, 0.5, "", "x", "1.0", [], [[]], {}, {"a": 1}]),
    st.sampled_from(
        [
            {"$float": "nan"},
            {"$float": "inf"},
            {"$float": "x"},
            {"$int": "0x" + "f" * 5000},
            {"$decimal": "sNaN"},
            {"$decimal": "1e99999999"},
            {"$duration": [10**12, 0, 0]},
            {"$duration": ["1"]},
            {"$text": "\\q"},
            {"$text": "\\"},
            {"$text": "\\N{DIGIT ONE}"},
            {"$mapping": [[[], 1]]},
            {"$mapping": [1]},
            {"$frozenset": [[1]]},
            {"$frozenset": 1},
            {"$failure": {"class": "x"}},
            {"$failure": 3},
            {"$usage": {"requests": "1", "input_tokens": 0, "output_tokens": 0, "cost": None}},
            {"$usage": {"requests": 1, "input_tokens": 0, "output_tokens": 0, "cost": "sNaN"}},
            {"$sealed": 4},
            {"$sealed": [4]},
            {"$secret": None},
            {"$bytes": "é"},
            {"$date": "2026-13-01"},
            {"$nonsense": 1},
        ]
    ),
).map(deepcopy)


@st.composite
def damaged(draw, lines):
    """A line with some of its JSON replaced, removed or added."""
    document = json.loads(draw(lines))
    for _ in range(draw(st.integers(1, 3))):
        place = document
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            match draw(st.sampled_from(["replace", "remove", "add"])):
                case "replace":
                    place[key] = draw(odd)
                case "remove":
                    del place[key]
                case "add" if isinstance(place, dict):
                    place[draw(st.sampled_from(["v", "kind", "at", "x", "$x", "value", "cost"]))] = draw(odd)
                case _:
                    place.append(draw(odd))
            break
    return json.dumps(document).encode()


def used(record):
    """Do with a record what every command does with it."""
    state = fold([sample_run()])
    apply(state, record)
    json.dumps(event_of(1, record), ensure_ascii=False)
    tell(record)
    encode_record(record)


@given(damaged(records.map(encode_record)))
@settings(max_examples=400)
def test_a_damaged_line_gives_a_record_that_can_be_used_or_the_documented_error(line):
    try:
        record = decode_record(line)
    except StoreError:
        return
    assert isinstance(record, Record)
    used(record)


@given(records.map(encode_record), st.data())
@settings(max_examples=200)
def test_a_line_with_other_bytes_gives_a_record_or_the_documented_error(line, data):
    spoiled = bytearray(line)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(line) - 1))
        spoiled[place] = data.draw(st.integers(0, 255))
    try:
        used(decode_record(bytes(spoiled)))
    except StoreError:
        return


@given(damaged(values.map(encode_value)))
@settings(max_examples=200)
def test_a_damaged_value_is_a_value_or_the_documented_error(line):
    try:
        encode_value(decode_value(line))
    except StoreError:
        return
