"""Files on disk are read in allowed folders only."""

import os
from pathlib import Path

import pytest

from orchestrator.compiler import DiskFiles, compile_text
from orchestrator.errors import CompileError, SetupError
from unit.compiler.known_actions import ACTIONS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "own"
    (own / "below").mkdir(parents=True)
    (own / "below" / "part.yaml").write_text("\ufeff- {id: b, action: let}\n", encoding="utf-8")
    (own / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "outside.yaml").write_text("- {id: o, action: let}\n")
    (own / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    return own


def test_files_below_are_read_and_named_by_their_path(folder: Path) -> None:
    path, text = DiskFiles(folder).read("below/part.yaml", str(folder / "main.yaml"))

    assert Path(path) == (folder / "below/part.yaml").resolve()
    assert text == "- {id: b, action: let}\n"


@pytest.mark.parametrize(
    "name", ["../outside.yaml", "link.yaml", "/etc/hostname", "below/../../outside.yaml"]
)
def test_what_lies_outside_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(SetupError, match="outside the folders"):
        DiskFiles(folder).read(name, str(folder / "main.yaml"))


def test_other_folders_can_be_allowed(folder: Path) -> None:
    assert DiskFiles(folder, also=[folder.parent]).read("../outside.yaml", str(folder / "main.yaml"))[1]


@pytest.mark.parametrize(("name", "words"), [("below", "is a folder"), ("binary.yaml", "is no UTF-8 text")])
def test_what_is_no_text_is_refused(folder: Path, name: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        DiskFiles(folder).read(name, str(folder / "main.yaml"))


@pytest.mark.parametrize(
    "use",
    ["  - include: ../outside.yaml", "  - {id: a, action: pipeline.run, with: {file: ../outside.yaml}}"],
)
def test_the_compiler_points_at_the_name_that_it_may_not_read(folder: Path, use: str) -> None:
    with pytest.raises(CompileError) as caught:
        compile_text(
            f"name: p\nsteps:\n{use}\n",
            file=str(folder / "main.yaml"),
            actions=ACTIONS,
            files=DiskFiles(folder),
        )
    (problem,) = caught.value.problems

    assert problem.message == "`../outside.yaml` lies outside the folders that may be read"
    assert problem.location is not None
    assert problem.location.line == 3


@pytest.mark.parametrize("name", ["a\0b.yaml", ".py-orc/x.yaml", "pipe.yaml"])
def test_only_ordinary_files_outside_the_store_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / ".py-orc").mkdir()
    (tmp_path / ".py-orc" / "x.yaml").write_text("name: x")
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(SetupError):
        DiskFiles(tmp_path).read(name, str(tmp_path / "main.yaml"))
