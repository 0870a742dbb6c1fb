"""What holds for every record and every value: it comes back as it was, and any cut of a journal folds alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.run_state import apply, fold
from orchestrator.errors import ActionError
from orchestrator.state.codec import check_record, decode_record, decode_value, encode_record, encode_value
from orchestrator.testing.samples import sample_records, sample_run
from strategies.values import KINDS, records, same, values


@given(values)
@settings(max_examples=200)
def test_every_value_comes_back_equal_in_type_and_content(value):
    line = encode_value(value)
    assert b"\n" not in line
    assert same(decode_value(line), value)


@given(records)
@settings(max_examples=200)
def test_every_record_comes_back_equal(record):
    line = encode_record(record)
    assert b"\n" not in line
    found = decode_record(line)
    assert type(found) is type(record)
    assert all(map(same, found, record))


@given(values)
def test_equal_values_have_equal_bytes(value):
    assert encode_value(decode_value(encode_value(value))) == encode_value(value)


@given(records)
def test_the_quick_check_agrees_with_the_codec(record):
    check_record(record)  # everything generated can be kept
    for field in ("value", "memento"):
        if field in record._fields:
            spoiled = record._replace(**{field: {"x": [object()]}})
            for judge in (check_record, encode_record):
                with pytest.raises(ActionError, match=rf"{field}\.x\[0\]"):
                    judge(spoiled)


@settings(max_examples=50)
@given(st.lists(records, max_size=6), st.integers(0, 6))
def test_folding_can_stop_anywhere_and_go_on(journal, cut):
    whole = fold(journal)
    state = fold(journal[:cut])
    for record in journal[cut:]:
        apply(state, record)
    assert same(state, whole)


@settings(max_examples=50)
@given(st.lists(records, max_size=6))
def test_the_fold_of_what_was_read_is_the_fold_of_what_was_written(journal):
    read = [decode_record(encode_record(record)) for record in journal]
    assert same(fold(read), fold(journal))


def test_the_samples_of_the_store_contract_name_every_kind():
    assert {type(record) for record in [sample_run(), *sample_records()]} == set(KINDS)
