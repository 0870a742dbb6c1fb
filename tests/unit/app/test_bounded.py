"""Values in documents, cut where they are huge."""

import json

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.app.bounded import bounded

TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=30), inner, max_size=30),
    max_leaves=60,
)


def test_what_fits_stays_as_it_is() -> None:
    value = {"a": [1, None, "x"], "b": "y" * 50}
    assert bounded(value, 200) == (value, False)


def test_a_long_text_ends_in_a_marker_that_says_how_much_is_missing() -> None:
    assert bounded("x" * 100, 40) == ("x" * 40 + "… (60 more characters)", True)


def test_a_long_list_and_a_long_mapping_end_in_a_marker() -> None:
    assert bounded(list(range(100)), 12) == ([0, 1, 2, "… (97 more items)"], True)
    value, is_cut = bounded({f"k{number}": number for number in range(100)}, 12)
    assert (value, is_cut) == ({"k0": 0, "k1": 1, "…": "… (98 more items)"}, True)


def test_the_first_entries_leave_room_for_no_others() -> None:
    value, is_cut = bounded({"text": "x" * 1000, "size": 1000}, 50)
    assert is_cut
    assert value == {"text": "x" * 46 + "… (954 more characters)", "…": "… (1 more item)"}


@given(TREES, st.integers(10, 400))
def test_no_value_grows_far_beyond_its_bound(value: object, limit: int) -> None:
    cut, is_cut = bounded(value, limit)
    assert is_cut == (cut != value)
    if not is_cut:
        return
    markers = json.dumps(cut).count("more")
    assert len(json.dumps(cut, ensure_ascii=False)) < 8 * limit + 60 * markers + 200
