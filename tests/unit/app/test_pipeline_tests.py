"""Tests of pipelines in their parts: suites, fixtures, what is refused, differences, coverage, tests made of runs."""

from pathlib import Path

import pytest
import yaml

from orchestrator.app.orchestrator import Orchestrator
from orchestrator.app.pipeline_tests.running import SuiteReport, run_suites
from orchestrator.app.pipeline_tests.suite import pipeline_file, suite_of
from orchestrator.app.pipeline_tests.suite import tests_file as beside
from orchestrator.app.pipeline_tests.writing import add_test, free_name
from orchestrator.app.pipeline_tests.writing import test_of as made_of
from orchestrator.app.trust import ToolsTrust
from orchestrator.errors import CompileError, SetupError, UserError

PIPELINE = """\
name: shop
inputs:
  items: {type: array, default: [1, 2]}
  token: {type: secret, required: false}
steps:
  - id: each
    for_each: "{{ inputs.items }}"
    steps:
      - id: stock
        action: filesystem.read
        with: {path: "{{ item }}.txt"}
        on_error: [{match: not_found, steps: [{id: order, action: let, with: {content: ordered}}]}, {fail: true}]
    value: "{{ steps.stock.content if steps.stock.content is defined else steps.stock.order.content }}"
  - id: doubling
    until: loop.iteration > 1
    max_iterations: 3
    steps:
      - {id: double, action: let, with: {n: "{{ loop.iteration * 2 }}"}}
  - id: paid
    if: "{{ inputs.items | length > 0 }}"
    action: filesystem.append
    with: {path: bill.txt, content: "{{ steps.each | join }}"}
    undo: true
    else:
      - {id: free, action: let, with: {path: none}}
outputs:
  bill: "{{ steps.paid.path | default('none') }}"
  all: "{{ steps.each }}"
on_failure:
  - {id: sorry, action: let, with: {text: "{{ errors.paid.message | default('') }}"}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "1.txt").write_text("one")
    path = tmp_path / "shop.yaml"
    path.write_text(PIPELINE)
    return path


def report_of(file: Path, *tests: dict[str, object]) -> SuiteReport:
    if tests:
        beside(file).write_text(yaml.safe_dump({"tests": list(tests)}))
    with Orchestrator("memory:", workspace=file.parent, environ={}) as orchestrator:
        suite = suite_of(file, orchestrator.compile(file))
        trust = ToolsTrust(orchestrator.settings, ask=None)
    (report,) = run_suites([suite], trust=trust, at_once=2)
    return report


def told(report: SuiteReport) -> list[tuple[str, str, str]]:
    return [(one.what, one.expected, one.actual) for test in report.tests for one in test.differences]


def test_files_of_tests_belong_to_pipelines_by_name() -> None:
    assert beside(Path("a/shop.yaml")) == Path("a/shop.test.yaml")
    assert pipeline_file("a/shop.test.yaml") == Path("a/shop.yaml")
    assert pipeline_file("a/shop.yaml") == Path("a/shop.yaml")


def test_reads_handlers_and_fixtures_work_together(file: Path) -> None:
    expect = {
        "outputs": {"bill": "bill.txt", "all": ["one", "ordered"]},
        "steps": {"each[1].stock": "recovered"},
    }
    report = report_of(file, {"name": "a", "fixtures": {"paid": {"path": "bill.txt"}}, "expect": expect})
    assert told(report) == []
    assert not (file.parent / "bill.txt").exists()


def test_the_value_of_a_whole_loop_can_stand_in(file: Path) -> None:
    fixtures = {"each": ["x"], "paid": {"path": "p"}}
    report = report_of(file, {"name": "a", "fixtures": fixtures, "expect": {"outputs": {"all": ["x"]}}})
    assert told(report) == []
    assert ("step", "each.stock") in [missed[:2] for missed in report.coverage.missed]


def test_what_has_an_effect_is_refused_with_a_sentence(file: Path) -> None:
    report = report_of(file, {"name": "a"})
    ((what, expected, actual),) = told(report)
    assert (what, expected) == ("status", "completed")
    assert actual.startswith(
        "failed: paid: paid: a test does not call filesystem.append, which has an effect (`once`)"
    )


def test_tests_together_cover_everything_but_what_fixtures_replace(file: Path) -> None:
    report = report_of(
        file,
        {"name": "a", "fixtures": {"paid": {"path": "p"}}},
        {"name": "b", "inputs": {"items": []}, "expect": {"steps": {"free": "completed"}}},
        {
            "name": "c",
            "fixtures": {"paid": {"fail": "no"}},
            "expect": {"status": "failed", "steps": {"sorry": "completed"}},
        },
    )
    assert told(report) == []
    assert [missed[:2] for missed in report.coverage.missed] == [
        ("handler", "paid undo"),
        ("template", "paid with"),
    ]
    assert report.coverage.share > 85
    assert report.as_data()["ok"] is True


def test_structured_values_differ_line_by_line(file: Path) -> None:
    words = [f"a word of the number {number}" for number in range(6)]
    expect = {"outputs": {"all": [*words[:5], "another"]}, "max_cost": "1 USD"}
    report = report_of(
        file, {"name": "a", "fixtures": {"each": words, "paid": {"path": "p"}}, "expect": expect}
    )
    (difference,) = report.tests[0].differences
    assert difference.what == "outputs.all"
    assert '-  "another"' in difference.diff
    assert '+  "a word of the number 5"' in difference.diff
    assert "number 1" not in difference.diff
    assert report.tests[0].as_data()["differences"][0]["at"].endswith("shop.test.yaml:6:7")  # pyright: ignore[reportIndexIssue]


def test_a_run_that_cannot_start_fails_its_test(file: Path) -> None:
    report = report_of(file, {"name": "a", "replay": "nowhere"})
    ((what, _, actual),) = told(report)
    assert what == "start"
    assert "is no cassette" in actual
    assert report.coverage.share == 0


def test_a_file_without_tests_and_a_huge_folder_are_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SetupError, match="has no tests"):
        report_of(file)
    monkeypatch.setattr("orchestrator.app.pipeline_tests.running._MOST_BYTES", 10)
    with pytest.raises(SetupError, match="each test works on a copy"):
        report_of(file, {"name": "a"})


def test_a_test_is_made_of_a_run_and_passes(file: Path) -> None:
    with Orchestrator("memory:", workspace=file.parent, environ={}) as orchestrator:
        state = orchestrator.state(orchestrator.run(file, {"token": "sk-123456789012"}).run_id)
        pipeline = orchestrator.compile(file)
        entry = made_of(state, pipeline, orchestrator.actions(file), name="made")
    assert entry["inputs"] == {"items": [1, 2], "token": "secret"}
    assert set(entry["fixtures"]) == {"paid"}  # pyright: ignore[reportArgumentType]
    steps = ["each", "doubling", "paid"]
    path = add_test(file, entry, pipeline=pipeline, steps=steps)
    add_test(file, {**entry, "name": "made again"}, pipeline=pipeline, steps=steps)
    assert path == beside(file)
    report = report_of(file)
    assert told(report) == []
    assert [test.test.name for test in report.tests] == ["made", "made again"]
    with pytest.raises(CompileError, match="two tests named"):
        add_test(file, entry, pipeline=pipeline, steps=steps)
    state.status = "waiting"
    with pytest.raises(UserError, match="a test is made of a run that has ended"):
        made_of(state, pipeline, orchestrator.actions(file), name="x")


def test_names_of_tests_are_made_unique() -> None:
    assert free_name("a", frozenset()) == "a"
    assert free_name("a", frozenset({"a", "a 2"})) == "a 3"
