"""What starting costs: which modules are loaded on the way. Times are measured elsewhere."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from e2e.commands import HELLO, environment, py_orc

HEAVY = {
    "jinja2",
    "jsonschema",
    "multiprocessing",
    "openai",
    "pydantic",
    "pydantic_ai",
    "pydantic_settings",
    "rich",
    "structlog",
    "typer",
    "tempfile",
}


def loaded(folder: Path, code: str) -> set[str]:
    """Return the names of the modules that a piece of code loads in a fresh process, beyond what the process had."""
    code = f"import sys\nbefore = set(sys.modules)\n{code}\nsys.stderr.write(' '.join(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


def test_running_a_file_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "hello.yaml").write_text(HELLO)
    call = "sys.argv = ['py-orc', 'run', 'hello.yaml', '-q', '-i', 'who=me']\nfrom orchestrator.__main__ import main\nassert main() == 0"
    modules = loaded(tmp_path, call)
    assert "orchestrator.engine.engine" in modules
    assert modules & HEAVY == set()


def test_importing_the_package_loads_nothing(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "import orchestrator")
    assert {name for name in modules if name.startswith("orchestrator.")} == set()
    assert modules & {"asyncio", "importlib.metadata", *HEAVY} == set()


def test_the_version_is_answered_without_loading_anything(tmp_path: Path) -> None:
    modules = loaded(
        tmp_path, "sys.argv = ['py-orc', '--version']\nfrom orchestrator.__main__ import main\nmain()"
    )
    assert modules & {"asyncio", "importlib.metadata", "orchestrator.cli", *HEAVY} == set()
    ended = py_orc(tmp_path, "--version")
    assert ended.out == f"py-orc {version('py-orc')}\n"


def test_help_off_a_terminal_needs_no_rich(tmp_path: Path) -> None:
    modules = loaded(
        tmp_path,
        "sys.argv = ['py-orc', '--help']\nfrom orchestrator.__main__ import main\nassert main() == 0",
    )
    assert modules & {"rich", "pydantic", "jinja2", "pydantic_ai"} == set()


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    from orchestrator.cli.application import COMMANDS

    for name, command in COMMANDS:
        assert f"py-orc {name}" in (command.__doc__ or ""), name
    assert "Exit codes" in py_orc(tmp_path, "--help").out
    assert "Examples:" in py_orc(tmp_path, "run", "--help").out
