"""The quick reader of `py-orc run` and the Typer command say the same about every line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli.application import main
from orchestrator.cli.run_arguments import RUN_OPTIONS, RunArguments, read_run_arguments

LINES = [
    "a.yaml",
    "a.yaml -i x=1 -i y=2",
    "-i x=1 a.yaml",
    "-ix=1 a.yaml",
    "-i=x a.yaml",
    "a.yaml --input x=1 --input=y=2",
    "a.yaml --inputs in.yaml --json -q --offline --trust-tools",
    "a.yaml --inputs=- --quiet",
    "a.yaml --workspace w --store sqlite:x.db --key k",
    "a.yaml --max-parallel 3",
    "a.yaml --max-parallel=3 --max-parallel 4",
    "a.yaml --key --json",
    "-- -a.yaml",
    "--json -- a.yaml",
    "a.yaml -i --json=1",
    "a.yaml --store=",
]


def by_typer(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> RunArguments | int:
    """Return what the Typer command makes of a line, or its exit code where it complains."""
    seen: list[RunArguments] = []

    def keep(arguments: RunArguments) -> int:
        seen.append(arguments)
        return 0

    monkeypatch.setattr("orchestrator.cli.run.run", keep)
    code = main(["run", *words])
    return seen[0] if seen else code


@pytest.mark.parametrize("line", LINES)
def test_both_readers_understand_the_same(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    words = line.split()
    assert read_run_arguments(words) == by_typer(monkeypatch, words)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a b",
        "a --frozne",
        "a --key",
        "a --max-parallel 0",
        "a --max-parallel x",
        "a --json=1",
        "a -x",
        "a --inputz=f",
    ],
)
def test_what_typer_complains_about_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    words = line.split()
    assert read_run_arguments(words) is None
    assert by_typer(monkeypatch, words) == 2
    assert "Error" in capsys.readouterr().err


def test_help_is_left_to_typer() -> None:
    assert read_run_arguments(["--help"]) is None
    assert read_run_arguments(["a", "-h"]) is None


WORDS = st.sampled_from(
    [
        "a.yaml",
        "b",
        "-i",
        "x=1",
        "--json",
        "-q",
        "--key",
        "k",
        "--max-parallel",
        "3",
        "--",
        "-",
        "--store=s",
        "-qi",
        "--inputs",
    ]
)


@given(st.lists(WORDS, max_size=6))
def test_the_quick_reader_never_says_anything_else(words: list[str]) -> None:
    quick = read_run_arguments(words)
    if quick is not None:
        with pytest.MonkeyPatch.context() as patch:
            assert quick == by_typer(patch, words)


def test_the_table_names_every_field() -> None:
    assert set(RunArguments._fields) == {"file", *RUN_OPTIONS}
