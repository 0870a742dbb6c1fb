from typing import get_args

from orchestrator.core import journal
from orchestrator.core.journal import Record

KINDS = get_args(Record)


def test_every_kind_is_a_record_with_its_time_first():
    named = {
        kind
        for kind in vars(journal).values()
        if isinstance(kind, type) and hasattr(kind, "_fields") and kind.__module__ == journal.__name__
    }
    assert set(KINDS) == named
    assert all(kind._fields[0] == "at" for kind in KINDS)


def test_kinds_about_one_task_name_it_second():
    assert all(kind._fields[1] == "task" for kind in KINDS if kind.__name__.startswith("Task"))


def test_defaults_that_could_be_changed_are_empty():
    defaults = [value for kind in KINDS for value in kind._field_defaults.values()]
    assert not any(value for value in defaults if isinstance(value, (dict, list, set)))
