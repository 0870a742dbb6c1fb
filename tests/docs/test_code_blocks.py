"""Every code block of the docs is run or checked: what a reader copies works, and what is shown is what comes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from docs.blocks import ROOT, Block, blocks_of, fits, pages
from e2e.commands import environment
from orchestrator import CompileError, Orchestrator
from orchestrator.settings import load_settings

PAGES = [page for page in pages() if any(True for _ in blocks_of(page))]


class Reader:
    """Works through a page in a folder of its own, as a reader would who does everything that it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed = ""

    def do(self, block: Block) -> None:
        if "skip" in block.markers:
            assert block.markers["skip"], "a block that is not run needs a reason"
            return
        if name := block.markers.get("file"):
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        if "output" in block.markers:
            assert fits(block.text, self.printed) or block.markers["output"], f"printed was:\n{self.printed}"
            return
        handlers: dict[str, Callable[[Block], None]] = {
            "yaml": self.pipeline,
            "python": self.python,
            "console": self.console,
            "toml": self.settings,
            "json": self.json,
        }
        if block.kind not in handlers:
            assert "file" in block.markers, (
                f"a {block.kind or 'plain'} block needs a marker that says why it is not run"
            )
            return
        handlers[block.kind](block)

    def pipeline(self, block: Block) -> None:
        text = block.text
        if "part" in block.markers:  # of another file, which is checked together with it
            yaml.safe_load(text)
            return
        if (fragment := block.markers.get("fragment")) is not None:
            assert fragment == "steps"
            text = f"name: fragment\nsteps:\n{text}"
        file = self.folder / (block.markers.get("file") or "block.yaml")
        file.write_text(text, encoding="utf-8")
        with Orchestrator("memory:", workspace=self.folder, environ={}, trust_tools=True) as door:
            if (wrong := block.markers.get("wrong")) is not None:
                with pytest.raises(CompileError) as caught:
                    door.compile(file)
                assert wrong in str(caught.value)
                return
            pipeline = door.compile(file)
            if "run" in block.markers:
                result = door.run(pipeline if "fragment" in block.markers else file)
                assert result.status == (block.markers["run"] or "completed"), result.error
                self.printed = "".join(
                    f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}\n"
                    for name, value in result.outputs.items()
                )

    def python(self, block: Block) -> None:
        done = self._run([sys.executable, "-c", block.text])
        assert done.returncode == 0, done.stdout
        self.printed = done.stdout

    def console(self, block: Block) -> None:
        commands = list(_commands(block.text))
        assert commands, "a console block shows commands after `$`"
        for number, (command, shown) in enumerate(commands, 1):
            done = self._run(["bash", "-c", command])
            last = number == len(commands)
            assert done.returncode == int(block.markers.get("exit", 0) if last else 0), done.stdout
            assert fits(shown, done.stdout), f"$ {command}\n{done.stdout}"

    def settings(self, block: Block) -> None:
        (self.folder / "py-orc.toml").write_text(block.text, encoding="utf-8")
        load_settings(self.folder, {})

    def json(self, block: Block) -> None:
        json.loads(block.text)

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment({"PATH": path, "COLUMNS": "100"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command with the output shown below it."""
    for part in f"\n{text}".split("\n$ ")[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in blocks_of(page):
        try:
            reader.do(block)
        except Exception as error:
            raise AssertionError(f"{page.relative_to(ROOT)}:{block.line}: {error}") from error


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a … c\n", "a b c\n", True),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\n", "b\n", False),
        ("", "", True),
        ("", "more\n", False),
    ],
)
def test_outputs_are_compared_loosely_but_compared(shown: str, real: str, same: bool) -> None:
    assert fits(shown, real) is same


@pytest.mark.parametrize(
    "block",
    [
        Block(1, "yaml", "name: x\nsteps: [{id: a, action: lat}]\n", {}),
        Block(1, "python", "raise SystemExit(1)\n", {}),
        Block(1, "console", "$ echo no\nyes\n", {}),
        Block(1, "text", "unmarked\n", {}),
        Block(1, "toml", "colour = 1\n", {}),
        Block(1, "text", "x\n", {"skip": ""}),
    ],
    ids=lambda block: block.kind,
)
def test_a_wrong_block_is_noticed(block: Block, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, CompileError, Exception)):
        Reader(tmp_path).do(block)
