"""What people see on a terminal: the live tree, colours, questions, and how it all ends."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.commands import TOOLS, environment
from e2e.test_run import HOLDING


class Screen:
    """A process on a terminal of its own, and everything it wrote there."""

    def __init__(self, folder: Path, *words: str, extra: dict[str, str] | None = None) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "orchestrator", *words],
            cwd=folder,
            env=environment({"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30", **(extra or {})}),
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        self.text = ""

    def read_until(self, word: str) -> str:
        """Read until a word was written since the last call, or the process ended."""
        fresh = ""
        while word not in fresh:
            try:
                piece = os.read(self._master, 65_536)
            except OSError:  # the terminal is gone with the process
                break
            if not piece:
                break
            fresh += piece.decode(errors="replace")
        self.text += fresh
        return fresh

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Read the rest and return the exit code."""
        self.read_until("\0")
        code = self.process.wait(timeout=60)
        os.close(self._master)
        return code


def plain(text: str) -> str:
    """Return a screen's text without colours and movements."""
    return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "holding.yaml").write_text(HOLDING)
    return tmp_path


def test_a_run_is_shown_as_a_live_tree_with_its_result_below(folder: Path) -> None:
    (folder / "go.txt").touch()
    screen = Screen(folder, "run", "holding.yaml")
    assert screen.end() == 0
    last = plain(screen.text).rpartition("first")[2]
    assert "✓ held" in last
    assert "✓ last" in last
    assert "said: last after gone" in last
    assert "holding completed" in last
    assert "\x1b[32m" in screen.text


def test_no_color_takes_the_colours_but_not_the_tree(folder: Path) -> None:
    (folder / "go.txt").touch()
    screen = Screen(folder, "run", "holding.yaml", extra={"NO_COLOR": "1"})
    assert screen.end() == 0
    assert "✓ held" in plain(screen.text)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", screen.text)


def test_ctrl_c_on_the_terminal_is_gentle_and_names_the_way_on(folder: Path) -> None:
    screen = Screen(folder, "run", "holding.yaml")
    screen.read_until("held")
    while not (folder / "log.txt").exists() or "holding" not in (folder / "log.txt").read_text():
        screen.read_until("held")
    screen.process.send_signal(signal.SIGINT)
    screen.read_until("once more stops at once")
    (folder / "go.txt").touch()
    assert screen.end() == 130
    assert "py-orc resume" in plain(screen.text)
    again = Screen(folder, "resume", "last")
    assert again.end() == 0
    assert "✓ first" in plain(again.text)
    assert (folder / "log.txt").read_text().splitlines().count("first") == 1


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2)])
def test_tools_from_elsewhere_are_asked_about(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, answer: str, code: int
) -> None:
    (folder / "once.yaml").write_text("name: o\nsteps: [{id: a, action: note, with: {line: x}}]\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    screen = Screen(elsewhere, "run", str(folder / "once.yaml"))
    assert "Run it?" in screen.read_until("[y/N]")
    screen.type(f"{answer}\n")
    assert screen.end() == code
    if code == 0:
        assert Screen(elsewhere, "run", str(folder / "once.yaml")).end() == 0


def test_help_is_drawn_by_rich_on_a_terminal(folder: Path) -> None:
    screen = Screen(folder, "--help")
    assert screen.end() == 0
    assert "╭" in screen.text
