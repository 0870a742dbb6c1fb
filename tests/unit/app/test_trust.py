"""Whether a tools file may be executed."""

from pathlib import Path

import pytest

from orchestrator.app.trust import ToolsTrust
from orchestrator.errors import SetupError
from orchestrator.settings import load_settings


def trust(
    folder: Path, answers: list[bool] | None = None, *, everything: bool = False
) -> tuple[ToolsTrust, list[str]]:
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return answers.pop(0)  # type: ignore[union-attr]

    settings = load_settings(folder, {})
    return ToolsTrust(settings, ask=None if answers is None else ask, everything=everything), asked


def test_a_file_of_the_project_itself_is_trusted(tmp_path: Path) -> None:
    trust(tmp_path)[0].check(tmp_path / "deep" / "tools.py", "d1")


def test_a_file_from_elsewhere_is_refused_where_nobody_can_be_asked(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"outside the workspace[\s\S]*--trust-tools.*trust_tools=True"):
        trust(tmp_path / "here")[0].check(tmp_path / "tools.py", "d1")


def test_a_yes_is_remembered_by_content_over_restarts(tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "tools.py"
    first, asked = trust(here, [True])
    first.check(elsewhere, "d1")
    first.check(elsewhere, "d1")
    assert len(asked) == 1
    trust(here)[0].check(elsewhere, "d1")
    with pytest.raises(SetupError):
        trust(here)[0].check(elsewhere, "d2")


def test_a_no_runs_nothing_and_is_asked_again(tmp_path: Path) -> None:
    door, asked = trust(tmp_path / "here", [False, False])
    for _ in range(2):
        with pytest.raises(SetupError, match="was not trusted"):
            door.check(tmp_path / "tools.py", "d1")
    assert len(asked) == 2


def test_a_link_out_of_the_workspace_counts_as_elsewhere(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (tmp_path / "tools.py").touch()
    (here / "tools.py").symlink_to(tmp_path / "tools.py")
    with pytest.raises(SetupError):
        trust(here)[0].check(here / "tools.py", "d1")


def test_everything_can_be_trusted_on_request(tmp_path: Path) -> None:
    trust(tmp_path / "here", everything=True)[0].check(tmp_path / "tools.py", "d1")
