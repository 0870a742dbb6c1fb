"""What commands write for people, and what the system may refuse."""

import errno
import os
import sys
from pathlib import Path

import pytest

from orchestrator.cli.application import main
from orchestrator.cli.written_file import write_file
from orchestrator.errors import SetupError

PIPELINE = "name:   p\nsteps: [{id: a, action: let, with: {x: 1}}]\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="other rules for files")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.yaml").write_text(PIPELINE)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("graph p.yaml -o .", "cannot tell the format"),
        ("graph p.yaml -o folder.svg", "folder.svg cannot be written: Is a directory"),
        ("graph p.yaml -o nowhere/p.svg", "nowhere/p.svg cannot be written: No such file or directory"),
        ("graph p.yaml -o p.yaml/p.svg", "p.yaml/p.svg cannot be written: Not a directory"),
        ("graph p.yaml -o full.svg", "full.svg cannot be written: No space left on device"),
        ("schema -o folder.svg", "folder.svg cannot be written: Is a directory"),
        ("init p.yaml", "p.yaml cannot be written: File exists"),
        ("init p.yaml/inner", "inner cannot be written: Not a directory"),
        ("init /proc/nothing", "/proc/nothing cannot be written"),
        ("fmt folder.svg", "is a folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], words: str, what: str
) -> None:
    (project / "folder.svg").mkdir()
    (project / "full.svg").symlink_to("/dev/full")
    assert main(words.split()) == 2
    told = capsys.readouterr().err
    assert what in told
    assert "→" in told
    assert "Traceback" not in told


def test_a_full_disk_costs_nobody_their_file(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", fail)
    assert main(["fmt", "p.yaml"]) == 2
    assert "p.yaml cannot be written: No space left on device" in capsys.readouterr().err
    assert (project / "p.yaml").read_text() == PIPELINE
    assert [path.name for path in project.iterdir()] == ["p.yaml"]


def test_a_file_in_a_closed_folder_is_written_in_place(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.write_bytes

    def deny(path: Path, data: bytes) -> int:
        if path.name.startswith("."):
            raise PermissionError(errno.EACCES, "no")
        return whole(path, data)

    monkeypatch.setattr(Path, "write_bytes", deny)
    write_file(project / "p.yaml", "new")
    assert (project / "p.yaml").read_text() == "new"


def test_a_link_stays_one_and_a_file_keeps_its_mode(project: Path) -> None:
    (project / "p.yaml").chmod(0o750)
    (project / "link.yaml").symlink_to("p.yaml")
    write_file(project / "link.yaml", "new ✓")
    assert (project / "link.yaml").is_symlink()
    assert (project / "p.yaml").read_text(encoding="utf-8") == "new ✓"
    assert (project / "p.yaml").stat().st_mode & 0o777 == 0o750


def test_a_file_that_nobody_may_write_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(path: Path, data: bytes) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", deny)
    with pytest.raises(SetupError, match=r"p\.yaml cannot be written: Permission denied"):
        write_file(project / "p.yaml", "new")
