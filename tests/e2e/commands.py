"""Starts `py-orc` as people do, in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

HELLO = """\
name: hello
inputs:
  who: {type: string, default: world}
steps:
  - id: greeting
    action: let
    with: {text: "Hello {{ inputs.who }}!"}
outputs:
  text: "{{ steps.greeting.text }}"
"""

TOOLS = '''\
import os
import time
from orchestrator import tool
from orchestrator.core.action import ActionContext


@tool(effect="idempotent")
def note(line: str, ctx: ActionContext) -> str:
    """Append a line to log.txt."""
    with open(os.path.join(ctx.workspace, "log.txt"), "a") as log:
        log.write(line + "\\n")
    return line


@tool(effect="idempotent")
def hold(ctx: ActionContext) -> str:
    """Wait until go.txt is there, or the run stops."""
    with open(os.path.join(ctx.workspace, "log.txt"), "a") as log:
        log.write("holding\\n")
    while not os.path.exists(os.path.join(ctx.workspace, "go.txt")):
        if ctx.cancelled:
            return "given up"
        time.sleep(0.01)
    return "gone"


@tool(effect="pure")
def explode() -> str:
    """Fail in a way that nobody foresaw."""
    raise RuntimeError("kaboom")
'''


class Ended(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """What it printed with `--json`."""
        return json.loads(self.out)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a plain environment: no settings, no keys, no colours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME", "TMPDIR", "SYSTEMROOT", "PYTHONPATH"}
    }
    kept |= {name: value for name, value in os.environ.items() if name.startswith("COV")}
    return {**kept, "PYTHONUTF8": "1", "PYTHONWARNINGS": "error", **(extra or {})}


def py_orc(folder: Path, *words: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator", *words],
        cwd=folder,
        env=environment(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def start(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """Start a command and return the process, which nobody waits for yet."""
    return subprocess.Popen(
        [sys.executable, "-m", "orchestrator", *words],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(process: "subprocess.Popen[str]", word: str) -> list[str]:
    """Read the progress of a process until a line holds a word."""
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"{word!r} never came:\n{''.join(lines)}")
