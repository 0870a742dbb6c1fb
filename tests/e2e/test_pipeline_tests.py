"""`py-orc test` as its users run it, and the tests of every example."""

import shutil
from pathlib import Path

import pytest

from e2e.commands import py_orc

EXAMPLES = Path(__file__).parents[2] / "examples"
PARTS = {EXAMPLES / "sub-pipelines/shared/steps.yaml"}
PIPELINES = sorted(
    file for file in EXAMPLES.rglob("*.yaml") if file not in PARTS and not file.stem.endswith(".test")
)

PIPELINE = """\
name: digest
inputs:
  path: {type: string, default: notes.txt}
steps:
  - id: text
    action: filesystem.read
    with: {path: "{{ inputs.path }}"}
    on_error: {match: not_found, value: {content: ""}}
  - id: kind
    switch: "{{ steps.text.content | length > 3 }}"
    cases:
      true:
        - id: long
          action: let
          with: {word: long}
    default:
      - id: short
        action: let
        with: {word: short}
  - id: kept
    if: steps.text.content != ''
    action: filesystem.write
    with: {path: out.txt, content: "{{ steps.text.content }}"}
outputs:
  word: "{{ (steps.kind.values() | first).word }}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "digest.yaml").write_text(PIPELINE)
    (tmp_path / "notes.txt").write_text("some notes")
    return tmp_path


def write_tests(folder: Path, text: str) -> None:
    (folder / "digest.test.yaml").write_text(f"tests:\n{text}")


def test_every_example_has_tests_beside_it_and_they_pass(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(EXAMPLES, tmp_path / "examples"))
    files = [str(copy / file.relative_to(EXAMPLES)) for file in PIPELINES]
    assert [file for file in PIPELINES if not file.with_name(f"{file.stem}.test.yaml").is_file()] == []
    ended = py_orc(tmp_path, "test", *files, "--json")
    assert ended.code == 0, ended.out
    reports = ended.document["files"]
    assert isinstance(reports, list)
    assert len(reports) == len(PIPELINES)


def test_reading_happens_in_a_copy_and_writing_needs_a_fixture(folder: Path) -> None:
    write_tests(folder, "  - {name: a, fixtures: {kept: {path: out.txt}}, expect: {outputs: {word: long}}}\n")
    assert py_orc(folder, "test", "digest.yaml").code == 0
    write_tests(folder, "  - {name: a, expect: {outputs: {word: long}}}\n")
    ended = py_orc(folder, "test", "digest.yaml")
    assert ended.code == 1
    assert "a test does not call filesystem.write, which has an effect (`idempotent`)" in ended.out
    assert "give the step a fixture, or replay a recording" in ended.out
    assert not (folder / "out.txt").exists()


def test_failures_show_what_was_expected_at_its_place(folder: Path) -> None:
    write_tests(
        folder,
        "  - name: wrong\n"
        "    fixtures: {kept: 1}\n"
        "    expect:\n"
        "      status: failed\n"
        "      outputs: {word: short}\n"
        "      steps: {short: completed, kept: skipped, 'kind.long': failed}\n",
    )
    ended = py_orc(folder, "test", "digest.test.yaml")
    assert ended.code == 1
    assert "✗ digest.yaml: 0 of 1 tests passed" in ended.out
    for line in (
        "status  digest.test.yaml:5:15",
        "- failed",
        "+ completed",
        "outputs.word  digest.test.yaml:6:23",
        '- "short"',
        '+ "long"',
        "steps.short  digest.test.yaml:7:22",
        "+ skipped",
        "- skipped",
        "steps.kind.long",
    ):
        assert line in ended.out


def test_values_may_be_described_by_a_schema(folder: Path) -> None:
    write_tests(
        folder,
        "  - {name: a, fixtures: {kept: 1}, expect: {outputs: {word: {schema: {enum: [short, tall]}}}}}\n",
    )
    ended = py_orc(folder, "test", "digest.yaml")
    assert ended.code == 1
    assert "- a value that fits the schema" in ended.out
    write_tests(
        folder, "  - {name: a, fixtures: {kept: 1}, expect: {outputs: {word: {schema: {type: string}}}}}\n"
    )
    assert py_orc(folder, "test", "digest.yaml").code == 0


def test_coverage_tells_what_no_test_exercised(folder: Path) -> None:
    write_tests(folder, "  - {name: a, fixtures: {kept: 1}}\n")
    ended = py_orc(folder, "test", "digest.yaml", "--min-coverage", "90")
    assert ended.code == 1
    assert "not exercised: branch kind default  digest.yaml:9" in ended.out
    assert "not exercised: branch kept if: false" in ended.out
    assert "not exercised: handler text on_error not_found" in ended.out
    assert "% were exercised, 90 % are asked for" in ended.out
    write_tests(
        folder,
        "  - {name: a, fixtures: {kept: 1}}\n"
        "  - {name: b, inputs: {path: no.txt}, expect: {steps: {text: recovered, kept: skipped}}}\n",
    )
    ended = py_orc(folder, "test", "digest.yaml", "--json")
    (report,) = ended.document["files"]  # pyright: ignore[reportGeneralTypeIssues]
    assert report["coverage"]["kinds"]["branch"] == {"hit": 4, "total": 4}
    assert [missed["name"] for missed in report["coverage"]["missed"]] == ["kept with"]


def test_wrong_tests_are_told_with_their_place(folder: Path) -> None:
    write_tests(folder, "  - {name: a, fixtures: {txt: 1}}\n")
    ended = py_orc(folder, "test", "digest.yaml")
    assert ended.code == 2
    assert "digest.test.yaml:2:26: error: there is no step `txt`" in ended.err
    assert "did you mean `text`?" in ended.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- 1\n", "a file of tests must be a mapping"),
        ("name: x\n", "the file has no `tests`"),
        ("tests: 3\n", "`tests` must be a list of tests"),
    ],
)
def test_a_file_of_tests_has_one_key(text: str, told: str, folder: Path) -> None:
    (folder / "digest.test.yaml").write_text(text)
    ended = py_orc(folder, "test", "digest.yaml")
    assert ended.code == 2
    assert told in ended.err


def test_a_file_without_tests_says_how_to_write_some(folder: Path) -> None:
    ended = py_orc(folder, "test", "digest.yaml")
    assert ended.code == 2
    assert "digest.yaml has no tests" in ended.err
    assert py_orc(folder, "test").code == 2


def test_tests_may_stand_in_the_file_itself_and_do_not_change_the_run(folder: Path) -> None:
    (folder / "digest.yaml").write_text(PIPELINE + "tests:\n  - {name: own, fixtures: {kept: 1}}\n")
    assert py_orc(folder, "check", "digest.yaml").code == 0
    assert "1 of 1 tests passed" in py_orc(folder, "test", "digest.yaml").out
    assert py_orc(folder, "run", "digest.yaml", "-q").code == 0


def test_a_run_is_recorded_and_replayed_by_a_test(folder: Path) -> None:
    ended = py_orc(folder, "run", "digest.yaml", "--record", "tape", "-q")
    assert ended.code == 0, ended.err
    (folder / "notes.txt").write_text("x")
    write_tests(
        folder, "  - {name: a, replay: tape, expect: {outputs: {word: long}, steps: {kept: completed}}}\n"
    )
    ended = py_orc(folder, "test", "digest.yaml")
    assert ended.code == 0, ended.out
    (folder / "out.txt").unlink()
    again = py_orc(folder, "run", "digest.yaml", "--replay", "tape", "-q")
    assert again.out.strip() == "word: long", again.err
    assert not (folder / "out.txt").exists()
    other = py_orc(folder, "run", "digest.yaml", "--replay", "tape", "-q", "-i", "path=other.txt")
    assert other.code == 1
    assert "[-notes-]{+other+}" in other.err


def test_a_test_is_made_of_a_run(folder: Path) -> None:
    assert py_orc(folder, "run", "digest.yaml", "-q").code == 0
    ended = py_orc(folder, "test", "--new-from", "last")
    assert ended.code == 0, ended.err
    ended = py_orc(folder, "test", "--new-from", "last", "--json")
    assert ended.code == 0, ended.err
    (folder / "notes.txt").unlink()
    ended = py_orc(folder, "test", "digest.yaml")
    assert ended.code == 0, ended.out
    assert "2 of 2 tests passed" in ended.out


def test_a_test_of_a_failed_run_expects_the_failure(folder: Path) -> None:
    (folder / "sad.yaml").write_text(
        "name: sad\nsteps:\n  - id: gone\n    action: filesystem.read\n    with: {path: gone.txt}\n"
    )
    assert py_orc(folder, "run", "sad.yaml", "-q").code == 1
    assert py_orc(folder, "test", "--new-from", "last").code == 0
    assert "class: not_found" in (folder / "sad.test.yaml").read_text()
    assert py_orc(folder, "test", "sad.yaml").code == 0


def test_no_model_is_asked_without_a_recording(folder: Path) -> None:
    (folder / "ask.yaml").write_text(
        "name: ask\nsteps:\n  - id: answer\n    action: generate\n    model: openai:gpt-4o\n    with: {prompt: hi}\n"
        "tests:\n  - {name: asked}\n  - {name: given, fixtures: {answer: ho}}\n"
    )
    ended = py_orc(folder, "test", "ask.yaml")
    assert ended.code == 1
    assert "1 of 2 tests passed" in ended.out
    assert "a test does not ask openai:gpt-4o" in ended.out
