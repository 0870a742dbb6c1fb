"""Reading the paths of tasks."""

import pytest

from orchestrator.app.paths import enclosing, round_of, step_id, step_path


@pytest.mark.parametrize(
    ("path", "step", "ids"),
    [
        ("files", "files", "files"),
        ("group.inner", "inner", "group.inner"),
        ("digest[3].summarise", "summarise", "digest.summarise"),
        ("refine#2.judge", "judge", "refine.judge"),
        ("write~undo", "write", "write"),
        ("agent/1", "agent", "agent"),
        ("digest[3]", "digest", "digest"),
        ("~on_failure.notify", "notify", "~on_failure.notify"),
    ],
)
def test_a_path_names_its_step(path: str, step: str, ids: str) -> None:
    assert step_id(path) == step
    assert step_path(path) == ids


def test_the_paths_around_a_task_come_innermost_first() -> None:
    assert list(enclosing("a[3].b#2.c")) == ["a[3].b#2", "a[3].b", "a[3]", "a"]
    assert list(enclosing("a")) == []
    assert list(enclosing("~on_failure.notify")) == ["~on_failure"]


def test_items_and_iterations_are_numbers_to_sort_by() -> None:
    assert round_of("a[10].b#2.c") == (10, 2)
    assert sorted(["a[10]", "a[9].x"], key=round_of) == ["a[9].x", "a[10]"]
    assert round_of("plain") == ()
