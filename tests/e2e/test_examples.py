"""Every example, run as its readers run it: by the command line, in a copy of its folder."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.commands import environment, py_orc

EXAMPLES = Path(__file__).parents[2] / "examples"
PIPELINES = sorted(EXAMPLES.glob("*/pipeline.yaml"))
FILES = sorted(file for file in EXAMPLES.rglob("*.yaml") if not file.stem.endswith(".test"))
PARTS = {EXAMPLES / "sub-pipelines/shared/steps.yaml"}
"""Files that are only parts of pipelines."""


def copy_of(name: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / name, tmp_path / name))


def outputs_of(folder: Path, *words: str) -> dict[str, object]:
    ended = py_orc(folder, "run", "pipeline.yaml", "--json", *words)
    assert ended.code == 0, ended.err
    outputs = ended.document["outputs"]
    assert isinstance(outputs, dict)
    return outputs


OUTPUTS: dict[str, dict[str, object]] = {
    "commands": {"python": 3, "sorted": ["apple", "fig", "pear"], "kiwi": "missing"},
    "control-flow": {
        "said": "3 parcels",
        "sorted": ["Rome by train", "Oslo by truck", "Rome by train"],
        "weight": 16,
        "halves": [50, 25, 12, 6],
    },
    "fan-out": {"batches": 4, "squares": 2470, "cubes": 36100},
    "own-model": {"answer": "Bees dance."},
    "own-tools": {"fahrenheit": [26.6, 65.3, 87.8], "judged": ["cold", "mild", "hot"]},
    "saga": {"booked": ["bookings/flight.txt", "bookings/hotel.txt"]},
    "sales-report": {"report": "sales.md", "best": "west", "revenue": 818.5, "rejected": 1},
    "sub-pipelines": {"polite": True, "shouted": "GOOD MORNING, WORLD :-)!"},
}


def test_every_example_is_tested() -> None:
    assert {path.parent.name for path in PIPELINES} == {*OUTPUTS, "folder-digest"}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_example_gives_what_it_promises(name: str, tmp_path: Path) -> None:
    assert outputs_of(copy_of(name, tmp_path)) == OUTPUTS[name]


@pytest.mark.parametrize("file", [file for file in FILES if file not in PARTS], ids=str)
def test_an_example_has_no_problem_and_no_warning(file: Path, tmp_path: Path) -> None:
    ended = py_orc(tmp_path, "check", str(file))
    assert ended.code == 0
    assert "nothing wrong" in ended.out + ended.err
    assert "warning" not in ended.out + ended.err


@pytest.mark.parametrize("file", [file for file in FILES if file not in PARTS], ids=str)
def test_an_example_is_formatted(file: Path, tmp_path: Path) -> None:
    assert py_orc(tmp_path, "fmt", "--check", str(file)).code == 0


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: file.parent.name)
def test_an_example_can_be_planned(file: Path, tmp_path: Path) -> None:
    ended = py_orc(tmp_path, "plan", str(file), "--json")
    assert ended.code == 0
    assert ended.document["pipeline"] == file.parent.name


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: file.parent.name)
def test_an_example_opens_with_its_schema_and_a_comment(file: Path) -> None:
    first, *others = file.read_text().splitlines()
    assert first.startswith("# yaml-language-server: $schema=")
    comment = [line for line in others[:4] if line.startswith("#")]
    assert 2 <= len(comment) <= 3
    schema = first.partition("=")[2]
    assert schema.startswith(".py-orc/") or (file.parent / schema).is_file()


@pytest.mark.parametrize(
    ("parcels", "said", "by"),
    [("[]", "nothing to do", []), ('[{"to": "Bonn", "weight": 1}]', "1 parcels", ["Bonn by post"])],
)
def test_control_flow_takes_the_other_branches(
    parcels: str, said: str, by: list[str], tmp_path: Path
) -> None:
    outputs = outputs_of(copy_of("control-flow", tmp_path), "-i", f"parcels={parcels}")
    assert (outputs["said"], outputs["sorted"]) == (said, by)


def test_the_saga_leaves_nothing_behind_when_the_payment_fails(tmp_path: Path) -> None:
    folder = copy_of("saga", tmp_path)
    (folder / "bookings").mkdir()
    (folder / "bookings/flight.txt").write_text("an older one")
    ended = py_orc(folder, "run", "pipeline.yaml", "-i", "pay=false", "--json")
    assert ended.code == 1
    steps = ended.document["steps"]
    assert isinstance(steps, dict)
    assert {path: step["status"] for path, step in steps.items()} == {
        "weather": "recovered",
        "flight": "undone",
        "flight~undo": "completed",
        "hotel": "undone",
        "hotel~undo": "completed",
        "payment": "failed",
        "~on_failure.note": "completed",
    }
    assert steps["payment"]["attempts"] == 2
    assert (folder / "bookings/flight.txt").read_text() == "an older one"
    assert not (folder / "bookings/hotel.txt").exists()
    assert (folder / "failed.txt").read_text() == "declined: the card was declined"


def test_the_sales_report_has_a_table_and_a_chart(tmp_path: Path) -> None:
    folder = copy_of("sales-report", tmp_path)
    outputs_of(folder)
    assert "6 of 7 rows were good." in (folder / "sales.md").read_text()
    assert "<svg " in (folder / "sales.html").read_text()


def test_a_model_of_ones_own_answers(tmp_path: Path) -> None:
    folder = copy_of("own-model", tmp_path)
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "completed ['ellohay orldway', 'oodgay ayday'] 2\n"


LONG = "# The long one\n\n" + "How to install the tool step by step is explained in this guide here. " * 60


@pytest.fixture
def digest(tmp_path: Path) -> Path:
    folder = copy_of("folder-digest", tmp_path)
    (folder / "docs/deep").mkdir(parents=True)
    (folder / "docs/long.md").write_text(LONG)
    (folder / "docs/deep/short.txt").write_text(
        "Status: accepted. We decided to keep bees. The decision has consequences."
    )
    (folder / "docs/empty.rst").write_text("")
    (folder / "docs/data.csv").write_text("a,b\n")
    return folder


def reused(folder: Path) -> dict[str, bool]:
    """Return for each answer of the last run whether it was reused."""
    events = [json.loads(line) for line in py_orc(folder, "events", "last", "--json").out.splitlines()]
    return {
        event["task"]: event["cached"]
        for event in events
        if event["event"] == "task_completed" and event["task"].endswith((".facts", ".points", ".sentences"))
    }


def test_a_second_digest_asks_only_about_what_has_changed(digest: Path) -> None:
    (digest / "docs/empty.rst").unlink()
    outputs_of(digest)
    assert set(reused(digest).values()) == {False}
    (digest / "docs/long.md").write_text(LONG.replace("tool", "hive"))
    outputs_of(digest)
    assert reused(digest) == {
        "digest[0].facts": True,
        "digest[0].summary.sentences": True,
        "digest[1].facts": False,
        "digest[1].summary.points": False,
    }


def test_the_digest_reads_every_kind_of_document(digest: Path) -> None:
    outputs = outputs_of(digest, "-i", "title=Bees")
    assert outputs["documents"] == 3
    assert outputs["report"] == "digest.md"
    report = (digest / "digest.md").read_text()
    assert "# Digest of Bees" in report
    assert "The long one" in report
    assert "Nothing to sum up." in report
    assert "data.csv" not in report
    assert "<svg " in (digest / "digest.html").read_text()


def test_the_digest_of_an_empty_folder_says_so(digest: Path) -> None:
    (digest / "none").mkdir()
    ended = py_orc(digest, "run", "pipeline.yaml", "-i", "folder=none")
    assert ended.code == 1
    assert "there is no .md, .rst or .txt file in none" in ended.err


def test_the_mirror_holds_exactly_the_documents_of_a_folder(digest: Path, tmp_path: Path) -> None:
    target = tmp_path / "mirror"
    (target / "old").mkdir(parents=True)
    (digest / "docs/.hidden").mkdir()
    (digest / "docs/latin.md").write_bytes(b"Caf\xe9 au lait is a drink")
    (digest / "docs/line\nbreak.md").write_text("a name that nobody can print")
    (digest / "docs/large.md").write_text("word " * 300_000)
    (digest / "docs/.hidden/no.md").write_text("no")
    (digest / "docs/link.md").symlink_to(digest / "docs/long.md")
    before = sorted(path.stat().st_mtime_ns for path in (digest / "docs").rglob("*"))
    command = [sys.executable, "mirror.py", "docs", str(target)]
    subprocess.run(command, cwd=digest, env=environment(), check=True)
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()) == [
        "deep/short.txt",
        "latin.md",
        "long.md",
    ]
    assert (target / "latin.md").read_text(
        encoding="utf-8"
    ) == "Caf\N{REPLACEMENT CHARACTER} au lait is a drink"
    assert before == sorted(path.stat().st_mtime_ns for path in (digest / "docs").rglob("*"))


def test_the_mirror_of_no_folder_says_what_to_do(digest: Path, tmp_path: Path) -> None:
    command = [sys.executable, "mirror.py", "nowhere", str(tmp_path / "mirror")]
    done = subprocess.run(command, cwd=digest, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nowhere is not a folder" in done.stderr
