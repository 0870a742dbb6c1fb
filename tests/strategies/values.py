"""Generated values and records, with everything that is hard to keep."""

from datetime import timedelta, timezone
from typing import get_args

from hypothesis import strategies as st
from msgspec import Struct

from orchestrator.core import journal
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.secret import Sealed, Secret
from orchestrator.core.usage import Usage

any_text = st.text(st.characters(exclude_categories=()), max_size=8)  # lone surrogates included
keys = any_text | st.sampled_from(["$", "$$", "$decimal", "$ref", "$$x", "value", "v", "kind"])
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
amounts = st.decimals(allow_nan=False, allow_infinity=False)
usages = st.builds(
    Usage, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.none() | amounts, st.none() | amounts
)

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**80), 2**80),
    st.floats(),
    any_text,
    st.sampled_from(["null", "$", '"$', "$decimal"]),
    st.binary(max_size=8),
    st.decimals(allow_nan=False),
    st.datetimes(timezones=st.none() | offsets),
    st.dates(),
    st.times(),
    st.timedeltas(),
    usages,
    st.frozensets(any_text | st.integers(), max_size=3),
    st.builds(Secret, st.text(max_size=4)),
    st.builds(Sealed, st.tuples(any_text, st.builds(Secret, st.text(max_size=4)))),
)


def _containers(inner):
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(keys, inner, max_size=3),
        st.dictionaries(keys | st.integers() | st.booleans() | st.none(), inner, max_size=3),
        st.builds(Failure, any_text, any_text, any_text, details=inner),
    )


values = st.recursive(leaves, _containers, max_leaves=5)
mappings = st.dictionaries(keys, values, max_size=3)
times = st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e11)
failures = st.builds(
    Failure,
    st.sampled_from(["timeout", "failed", "bug"]),
    any_text,
    any_text,
    attempt=st.integers(1, 4),
    retryable=st.booleans(),
    retry_after=st.none() | times,
    details=values,
    usage=usages,
    cause=any_text,
)
paths = st.sampled_from(["a", "b", "digest[3].summarise", "refine#2.judge", "write~undo"]).map(TaskPath)
texts = st.dictionaries(any_text, any_text, max_size=2)

_BY_FIELD = {
    "at": times,
    "run_id": st.just(RunId("01a3185c-5000-7001-8000-0123456789ab")),
    "task": paths,
    "failure": failures,
    "value": values,
    "memento": values,
    "usage": usages,
    "spent": usages,
    "labels": st.frozensets(any_text, max_size=2),
    "route": st.lists(st.dictionaries(any_text, any_text, max_size=2), max_size=2),
    "attempt": st.integers(1, 5),
    "call": st.integers(0, 9),
    "most": amounts,
    "cost": amounts,
    "resume_at": times,
    "fires_at": times,
    "started_at": st.none() | times,
    "fraction": st.none() | st.floats(0, 1),
    "actions": texts,
    "tools": texts,
    "status": st.sampled_from(["completed", "partial", "failed", "cancelled", "waiting"]),
    **dict.fromkeys(("document", "documents", "inputs", "outputs", "data"), mappings),
    **dict.fromkeys(("tolerated", "cached", "derived", "again"), st.booleans()),
}


def _records(kind):
    drawings = [_BY_FIELD.get(field, any_text) for field in kind._fields]
    given = [
        st.just(kind._field_defaults[field]) | drawn if field in kind._field_defaults else drawn
        for field, drawn in zip(kind._fields, drawings, strict=True)
    ]
    return st.tuples(*given).map(kind._make)


KINDS = get_args(journal.Record)
records = st.one_of(*map(_records, KINDS))
"""Any record, with fields of the right types but no sense."""


def same(one, other):
    """Return whether two values are equal in type and content; nan equals nan."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, tuple):
        return all(map(same, one, other))
    if isinstance(one, Struct):
        return all(same(getattr(one, name), getattr(other, name)) for name in one.__struct_fields__)
    if isinstance(one, float):
        return repr(one) == repr(other)
    return one == other
