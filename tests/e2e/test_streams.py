"""Streams that are closed, full, gone or narrow: no command shows a trace, and each says what it can."""

import subprocess
import sys

import pytest

from e2e.commands import HELLO, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell's redirections")

COMMANDS = {
    "run": ("run p.yaml", 0),
    "events": ("events last --json", 0),
    "wrong": ("run nope.yaml", 2),
    "version": ("--version", 0),
    "help": ("--help", 0),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "p.yaml").write_text(HELLO.replace("world", "wörld"), encoding="utf-8")
    shell(folder, "run p.yaml")
    return folder


def shell(folder, words, redirections="", env=None):
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m orchestrator {words} {redirections}"],
        cwd=folder,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@pytest.mark.parametrize("redirections", [">&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
def test_streams_that_nobody_wants_change_nothing(folder, words, code, redirections):
    assert shell(folder, words, redirections)[0] == code


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
def test_a_full_disk_behind_stdout_is_told(folder, words, code):
    found, _, told = shell(folder, words, ">/dev/full")
    if code:
        assert found == code
        return
    assert found == 1
    assert "error: the output cannot be written: No space left on device\n  → free some space" in told


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
def test_a_reader_that_left_is_no_error(folder, words, code):
    found, _, told = shell(folder, words, "| true")
    assert found in ({141, 1} if words == "--help" else {code, 141})
    assert "error:" not in told or code == 2


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=lambda env: next(iter(env.values())),
)
def test_a_terminal_without_our_letters_gets_escapes(folder, words, code, env):
    assert shell(folder, words, env=env)[0] == code
