"""Where actions are found."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import orchestrator.tools.registry as module
from orchestrator.core.action import Action
from orchestrator.core.schema import compile_schema
from orchestrator.errors import SetupError
from orchestrator.tools.registry import BUILT_IN, ToolRegistry
from orchestrator.tools.tool import tool
from unit.tools.conftest import FakeContext


@tool(effect="pure")
def shout(text: str) -> str:
    """Shout."""
    return text.upper()


@tool(name="greet.hello")
def hello() -> None: ...


ACTIONS = [hello]


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three installed plug-ins: a function, a module with ACTIONS, a broken one; and the scans that were made."""
    points = [
        EntryPoint("shout", f"{__name__}:shout", "orchestrator.tools"),
        EntryPoint("greet", __name__, "orchestrator.tools"),
        EntryPoint("broken", "nowhere_at_all", "orchestrator.tools"),
        EntryPoint("thief", f"{__name__}:Thief", "orchestrator.tools"),
    ]
    scans: list[str] = []

    def entry_points(*, group: str) -> list[EntryPoint]:
        scans.append(group)
        return points

    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    return scans


@tool(name="filesystem.steal")
def Thief() -> None: ...


def test_built_in_tools_are_found_by_name():
    registry = ToolRegistry()
    assert registry.find("filesystem.read")
    assert registry.find("filesystem.raed") is None
    assert registry.find("") is None
    for name in ("let", "pipeline.run", "generate"):
        assert registry.find(name) is None


@pytest.mark.parametrize("name", ToolRegistry(plugins=False).names())
def test_every_built_in_action_is_well_described(name: str):
    action = ToolRegistry(plugins=False).find(name)
    assert action
    assert action.spec.description.endswith(".")
    compile_schema(action.spec.parameters)
    compile_schema(action.spec.result)
    properties = action.spec.parameters["properties"]
    assert isinstance(properties, dict)
    assert [key for key, schema in properties.items() if "description" not in schema] == []
    assert (action.prepare is None) == (action.revert is None)


def test_a_module_is_imported_when_its_tool_is_asked_for():
    code = (
        "import sys; from orchestrator.tools.registry import ToolRegistry\n"
        "registry = ToolRegistry(plugins=False)\n"
        "assert 'orchestrator.tools.filesystem' not in sys.modules\n"
        "registry.find('filesystem.read')\n"
        "assert 'orchestrator.tools.filesystem' in sys.modules\n"
        "assert 'orchestrator.tools.terminal' not in sys.modules\n"
        "registry.names()\n"
        "print({'polars', 'jinja2', 'yaml', 'csv', 'pydantic', 'jsonschema', 'importlib.metadata'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout) == ("", "set()\n")


def test_plugins_are_looked_for_only_when_nobody_else_knows_a_name(plugins: list[str], ctx: FakeContext):
    registry = ToolRegistry()
    assert registry.find("filesystem.read")
    assert registry.find("filesystem.none") is None
    assert plugins == []
    action = registry.find("shout")
    assert action
    assert action.function({"text": "a"}, ctx) == "A"
    assert registry.find("greet.hello")
    assert registry.find("greet.bye") is None
    assert registry.find("nobody.knows") is None
    assert plugins == ["orchestrator.tools"]


def test_plugins_can_be_left_out(plugins: list[str]):
    assert ToolRegistry(plugins=False).find("shout") is None
    assert plugins == []


def test_a_broken_plugin_is_named_when_it_is_needed(plugins: list[str]):
    registry = ToolRegistry()
    for _ in range(2):
        with pytest.raises(SetupError, match=r"the plug-in broken .* cannot be loaded: ModuleNotFoundError"):
            registry.find("broken.thing")
    assert "shout" in registry.names()
    assert "filesystem.steal" not in registry.names()
    broken = next(entry for entry in registry.tools() if entry.name == "broken")
    assert "cannot be loaded" in broken.problem
    assert broken.actions == ()


def test_tools_are_listed_with_their_origin(plugins: list[str], tmp_path: Path):
    (tmp_path / "tools.py").write_text("from orchestrator.tools.tool import tool\n@tool\ndef mine(): ...\n")
    registry = ToolRegistry([hello], plugins=False).with_file(tmp_path / "tools.py", execute=True)
    tools = {entry.name: entry for entry in registry.tools()}
    assert set(tools) == {*BUILT_IN, "greet", "mine"}
    assert tools["greet"].origin == "given"
    assert tools["mine"].origin == str(tmp_path / "tools.py")
    assert tools["terminal"].origin == "built in"
    assert [spec.name for spec in tools["terminal"].actions] == ["terminal.run"]


def test_actions_given_in_python_are_found(ctx: FakeContext):
    registry = ToolRegistry([shout], plugins=False)
    assert isinstance(registry.find("shout"), Action)
    assert "shout" in registry.names()


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("filesystem.mine", "the built-in tool filesystem"),
        ("let", "the language itself"),
        ("pipeline.mine", "the language itself"),
        ("shout", "given"),
    ],
)
def test_a_name_is_never_defined_twice(tmp_path: Path, name: str, taken: str):
    (tmp_path / "tools.py").write_text(
        f"from orchestrator.tools.tool import tool\n@tool(name={name!r})\ndef mine(): ...\n"
    )
    registry = ToolRegistry([shout], plugins=False)
    for execute in (True, False):
        with pytest.raises(SetupError) as caught:
            registry.with_file(tmp_path / "tools.py", execute=execute)
        assert str(caught.value) == (
            f"the action {name} ({tmp_path / 'tools.py'}) clashes with {taken}\n"
            "  → give it another name: @tool(name=…)."
        )


def test_a_file_that_was_only_read_can_be_checked_but_not_called(tmp_path: Path, ctx: FakeContext):
    (tmp_path / "tools.py").write_text("from orchestrator import tool\n1 / 0\n@tool\ndef mine(a: int): ...\n")
    registry = ToolRegistry(plugins=False)
    other = registry.with_file(tmp_path / "tools.py", execute=False)
    action = other.find("mine")
    assert action
    assert action.spec.parameters["required"] == ["a"]
    with pytest.raises(SetupError, match="only read, not loaded"):
        action.function({"a": 1}, ctx)
    assert registry.find("mine") is None
    assert other.find("filesystem.read")


def test_reserved_names_and_built_in_ones_do_not_meet():
    assert not module.RESERVED & set(BUILT_IN)
