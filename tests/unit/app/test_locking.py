"""The lock beside a pipeline file: written once, read as data, stale exactly where its context changed."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestrator import Orchestrator
from orchestrator.app.lock_files import LockFiles, lock_path, read_lock, write_lock
from orchestrator.core.lock import LockedAnswer
from orchestrator.errors import SetupError
from orchestrator.testing.models import ScriptedModel

FILE = """
name: open
description: Two values.
steps:
  - id: a
    action: let
    with: {n: <AUTO type="integer" min="1" max="9">how many?</AUTO>, other: 1}
  - id: b
    action: let
    with: {t: "<AUTO enum=\\"p, q\\">which?</AUTO>"}
  - id: c
    action: let
    with: {late: "<AUTO>and {{ steps.a.n }}?</AUTO>"}
outputs: {n: "{{ steps.a.n }}", t: "{{ steps.b.t }}"}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "open.yaml"
    path.write_text(FILE)
    return path


def door(*answers: object, frozen: bool = False) -> tuple[Orchestrator, ScriptedModel]:
    model = ScriptedModel(*answers)
    return Orchestrator("memory:", models=[model], frozen=frozen), model


def run(file: Path, *answers: object, frozen: bool = False):
    orchestrator, model = door(*answers, frozen=frozen)
    with orchestrator:
        return orchestrator.run(file), model


def standings(file: Path) -> dict[str, str]:
    orchestrator, _ = door()
    with orchestrator:
        return {line.at: line.standing for line in orchestrator.lock(file, check=True)}


def test_the_first_run_writes_the_lock_and_later_ones_ask_only_what_is_late(file: Path) -> None:
    result, model = run(file, 3, "q", "yes")
    assert result.outputs == {"n": 3, "t": "q"}
    assert len(model.requests) == 3
    assert [answer.at for answer in read_lock(str(file))] == ["a.with.n", "b.with.t"]
    before = lock_path(str(file)).read_bytes()
    result, model = run(file, "no", frozen=True)
    assert result.outputs == {"n": 3, "t": "q"}
    assert [request.prompt for request in model.requests] == ["and 3?"]
    assert lock_path(str(file)).read_bytes() == before


def test_a_run_never_changes_a_lock_that_is_there_but_says_what_it_lacks(file: Path) -> None:
    run(file, 3, "q", "yes")
    file.write_text(FILE.replace("which?", "which one?"))
    before = lock_path(str(file)).read_bytes()
    result, _ = run(file, "p", "yes")
    assert result.outputs == {"n": 3, "t": "p"}
    assert any("b.with.t is out of date in" in warning for warning in result.warnings)
    assert lock_path(str(file)).read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ("how many?", "how many!", {"a.with.n"}),
        ('max=\\"9\\"', 'max=\\"9\\"', set()),
        ("other: 1", "other: 2", {"a.with.n"}),
        ("min=\"1\"", "min=\"2\"", {"a.with.n"}),
        ("Two values.", "Two values!", {"a.with.n", "b.with.t"}),
        ("outputs:", "# a remark\noutputs:", set()),
        ("and {{", "or {{", set()),
    ],
)  # fmt: skip
def test_exactly_what_depends_on_a_change_is_stale(file: Path, old: str, new: str, stale: set[str]) -> None:
    run(file, 3, "q", "yes")
    file.write_text(FILE.replace(old, new))
    assert {at for at, standing in standings(file).items() if standing == "changed"} == stale


def test_the_lock_is_brought_up_to_date_shown_and_renewed(file: Path) -> None:
    orchestrator, _ = door(3, "q")
    with orchestrator:
        assert [line.standing for line in orchestrator.lock(file)] == ["new", "new"]
    file.write_text(
        FILE.replace("how many?", "how many!").replace('t: "<AUTO enum=\\"p, q\\">which?</AUTO>"', "t: p")
    )
    assert standings(file) == {"a.with.n": "changed", "b.with.t": "removed"}
    before = lock_path(str(file)).read_bytes()
    orchestrator, _ = door(4, 5, 6)
    with orchestrator:
        (changed, removed) = orchestrator.lock(file, write=False)
        assert (changed.before.value, changed.after.value, removed.standing) == (3, 4, "removed")
        assert lock_path(str(file)).read_bytes() == before
        orchestrator.lock(file)
        assert {answer.at: answer.value for answer in read_lock(str(file))} == {"a.with.n": 5}
        assert [line.standing for line in orchestrator.lock(file, renew=True)] == ["changed"]
    assert read_lock(str(file))[0].value == 6


@pytest.mark.parametrize(
    "text",
    [
        "", "[1]", "lock: 2\nvalues: []", "lock: 1", "lock: 1\nvalues: [3]", "lock: 1\nvalues: [{at: a}]",
        "lock: 1\nvalues: [{at: a, question: q, model: m, context: c}]", "lock: 1\nvalues: [{at: a, question: q, model: m, context: c, value: 1, cost: x}]",
        "lock: 1\nvalues: [{at: a, question: q, model: m, context: 1, value: 1}]", "lock: !!python/object/apply:os.system [x]", "a: [", "&a [*a]",
    ],
)  # fmt: skip
def test_what_is_no_lock_is_refused_and_nothing_in_it_executes(file: Path, text: str) -> None:
    lock_path(str(file)).write_text(text)
    with pytest.raises(SetupError, match="is no lock of py-orc"):
        read_lock(str(file))


def test_bytes_that_are_no_text_are_no_lock(file: Path) -> None:
    lock_path(str(file)).write_bytes(b"\xff\xfe")
    with pytest.raises(SetupError, match="cannot be read"):
        read_lock(str(file))


def test_a_folder_that_takes_no_lock_does_not_stop_the_run(file: Path) -> None:
    lock_path(str(file)).with_name(f"{lock_path(str(file)).name}.x").touch()
    answer = LockedAnswer(at="a", question="q", value=1, model="m", context="c")
    assert "could not be written" in LockFiles().keep(str(file.parent / "missing" / "p.yaml"), answer)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.text(max_size=30), VALUES), max_size=4))
def test_whatever_was_decided_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, entries
) -> None:
    file = str(tmp_path_factory.mktemp("lock") / "p.yaml")
    answers = [
        LockedAnswer(at=f"s{number}.if", question=question, value=value, model="m", context="c")
        for number, (question, value) in enumerate(entries)
    ]
    write_lock(file, answers)
    assert read_lock(file) == answers
    assert yaml.safe_load(lock_path(file).read_text())["lock"] == 1


def test_a_plan_says_what_a_model_decides_and_an_explanation_what_it_decided(file: Path) -> None:
    orchestrator, _ = door(3, "q", "yes")
    with orchestrator:
        plan = orchestrator.plan(file)
        assert [step.asks for step in plan.root.steps()] == [("with.n",), ("with.t",), ("with.late (late)",)]
        orchestrator.run(file)
        (origin,) = orchestrator.origins("last", "a", "n").fields[0].origins
        assert (origin.name, origin.value) == ("<AUTO>", 3)
        assert origin.source == "scripted:script, as task a/with.n"
        told = orchestrator.origins("last", "a/with.n")
        assert (told.does, told.fields[0].origins[0].value) == ("decides with.n of a", 3)
