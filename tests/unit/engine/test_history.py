"""Which paths have a past."""

import pytest

from orchestrator.core.ids import TaskPath
from orchestrator.core.run_state import RunState, TaskState
from orchestrator.engine.history import paths_with_history


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("a", {"a"}),
        ("g.inner", {"g", "g.inner"}),
        ("digest[3].text", {"digest", "digest[3]", "digest[3].text"}),
        ("refine#2.judge", {"refine", "refine#2", "refine#2.judge"}),
        ("write~undo", {"write", "write~undo"}),
        ("~on_failure.tell", {"~on_failure", "~on_failure.tell"}),
        ("ask/generate:0123abcd", {"ask", "ask/generate:0123abcd"}),
        ("a[0][1].b", {"a", "a[0]", "a[0][1]", "a[0][1].b"}),
    ],
)
def test_everything_above_a_record_has_a_past(path, above):
    assert paths_with_history(RunState(tasks={TaskPath(path): TaskState()})) == above


def test_a_decision_is_a_past_too():
    assert paths_with_history(RunState(decisions={(TaskPath("loop#1"), "while"): True})) == {"loop", "loop#1"}
