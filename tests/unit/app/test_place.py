"""Whose project a run belongs to."""

from pathlib import Path

import pytest

from orchestrator.app.place import other_project
from orchestrator.settings import load_settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("here/sub", "here/inner/.py-orc", "there/flows", "bare"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "there" / "py-orc.toml").write_text("")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize("file", ["p.yaml", "sub/p.yaml", "./sub/../p.yaml"])
def test_files_below_the_current_folder_belong_to_its_project(here: Path, file: str) -> None:
    assert other_project(file, load_settings(".")) is None


def test_a_folder_below_the_project_root_is_in_the_project(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".py-orc").mkdir()
    monkeypatch.chdir(here / "sub")
    assert other_project("../p.yaml", load_settings(".")) is None


@pytest.mark.parametrize(
    ("file", "project"),
    [("../there/flows/p.yaml", "there"), ("../bare/p.yaml", "bare"), ("inner/p.yaml", "here/inner")],
)
def test_files_of_another_project_are_told_with_it(here: Path, file: str, project: str) -> None:
    assert other_project(file, load_settings(".")) == here.parent / project


def test_whoever_says_where_runs_are_kept_knows_it(here: Path) -> None:
    for said in ({"store": "memory:"}, {"workspace": "."}):
        assert other_project("../there/flows/p.yaml", load_settings(".", **said)) is None
    assert other_project("../there/flows/p.yaml", load_settings(".", {"ORC_STORE": "memory:"})) is None
