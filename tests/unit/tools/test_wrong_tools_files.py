"""Files of tools that are wrong in every way: each is told with its place, executed or only read."""

import pytest

from orchestrator.errors import SetupError
from orchestrator.tools.registry import ToolRegistry
from orchestrator.tools.tools_file import load_tools_file, read_tools_file


def read_specs(path):
    return [action.spec for action in read_tools_file(path)]


HEAD = b'from orchestrator import tool\n@tool(effect="pure")\ndef hi() -> int:\n    return 1\n'


def written(tmp_path, source):
    file = tmp_path / "tools.py"
    file.write_bytes(source)
    return file


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (b"import sys\nsys.exit(3)\n", "tools.py:6 cannot be loaded: SystemExit: it ends the program"),
        (b"raise GeneratorExit\n", "tools.py:5 cannot be loaded: GeneratorExit"),
        (b"class X(BaseException): pass\nraise X('odd')\n", "tools.py:6 cannot be loaded: X: odd"),
        (b"def f(): f()\nf()\n", "tools.py:5 cannot be loaded: RecursionError"),
        (b"raise MemoryError\n", "tools.py:5 cannot be loaded: MemoryError"),
        (b"import nothing_there\n", "tools.py:5 cannot be loaded: ModuleNotFoundError"),
        (
            b"class E(Exception):\n  def __str__(self): raise ValueError\nraise E\n",
            "tools.py:7 cannot be loaded: E\n",
        ),
        (b"@tool\ndef bad(x: 'int[[['): ...\n", "tools.py"),
    ],
)
def test_whatever_a_file_raises_when_it_is_executed_is_told_with_its_line(tmp_path, source, what):
    with pytest.raises(SetupError) as raised:
        load_tools_file(written(tmp_path, HEAD + source))
    assert what in f"{raised.value}\n"
    assert "hi" in [spec.name for spec in read_specs(tmp_path / "tools.py")]  # reading executes nothing


def test_ctrl_c_while_a_file_is_executed_is_no_error_of_the_file(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        load_tools_file(written(tmp_path, b"raise KeyboardInterrupt\n"))


@pytest.mark.parametrize(
    "source",
    [
        b"x = " + b"-" * 50_000 + b"1\n",
        b"x = " + b"+".join([b"1"] * 100_000) + b"\n",
        b"x = a" + b".b" * 100_000 + b"\n",
        b"x = " + b"(" * 5_000 + b")" * 5_000 + b"\n",
        b"@tool\ndef wide(x: " + b"|".join([b"int"] * 5_000) + b"): ...\n",
        b"a\0b\n",
        b'x = "\xff"\n',
        b"def (:\n",
        b"x = 1" + b"0" * 5_000 + b"\n",
    ],
    ids=["unary", "binary", "attributes", "brackets", "union", "nul", "bytes", "syntax", "number"],
)
def test_what_cannot_be_parsed_is_told_by_both_ways(tmp_path, source):
    file = written(tmp_path, HEAD + source)
    for way in (load_tools_file, read_specs):
        with pytest.raises(SetupError) as raised:
            way(file)
        assert str(file) in str(raised.value)
        assert len(str(raised.value)) < 1000


@pytest.mark.parametrize(
    "annotation", ["list[()]", "Literal[()]", "'int[['", "Union[()]", "dict[()]", "tuple[()]"]
)
def test_annotations_that_only_execution_could_resolve_stay_open(tmp_path, annotation):
    source = f"from orchestrator import tool\n@tool\ndef hi(x: {annotation}): ...\n"
    (spec,) = read_specs(written(tmp_path, source.encode()))
    assert spec.parameters["properties"] == {"x": {}}


def test_a_file_may_be_written_in_another_encoding(tmp_path):
    file = written(tmp_path, b"# -*- coding: latin-1 -*-\n" + HEAD + b'x = "\xff"\n')
    assert [spec.name for spec in read_specs(file)] == ["hi"]


@pytest.mark.parametrize(
    ("decorator", "what", "advice"),
    [
        ('tool(effect="reads")', "'reads' is no effect", "did you mean `read`?"),
        ("tool(effect=Effect.READS)", "Effect.READS is no effect", "did you mean `read`?"),
        ('tool(effect="x")', "'x' is no effect", "there are `pure`, `read`, `idempotent` and `once`."),
        ("tool(effect=7)", "7 is no effect", "there are `pure`"),
        ('tool("my.f")', "`@tool` takes keywords only, not 'my.f'", "write `@tool(name='my.f')`."),
        ("tool(7)", "`@tool` takes keywords only, not 7", "write `@tool` above the function"),
    ],
)
def test_a_decorator_that_cannot_be_meant_is_reported_with_its_line(tmp_path, decorator, what, advice):
    file = tmp_path / "tools.py"
    file.write_text(f"from orchestrator import tool, Effect\n\n@{decorator}\ndef f(a: int): ...\n")
    with pytest.raises(SetupError) as caught:
        read_specs(file)
    assert f"{file}:3: {what}" in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize("effect", ["None", "Effect.READ", "CHOSEN", "settings.effect", '"read"'])
def test_an_effect_that_may_be_meant_is_not_reported(tmp_path, effect):
    file = tmp_path / "tools.py"
    file.write_text(f"from orchestrator import tool\n@tool(effect={effect})\ndef f(a: int): ...\n")
    assert [spec.name for spec in read_specs(file)] == ["f"]


def test_an_effect_that_is_none_is_told_the_same_way_when_the_file_is_executed(tmp_path):
    file = written(tmp_path, b'from orchestrator import tool\n\n@tool(effect="puer")\ndef f(a: int): ...\n')
    for way in (load_tools_file, read_specs):
        with pytest.raises(SetupError) as caught:
            way(file)
        assert str(caught.value) == f"{file}:3: 'puer' is no effect\n  → did you mean `pure`?"


BROKEN = {
    "untyped": ("def bad(\n    a: int,\n    b,\n): ...\n", 9, "bad, parameter `b`: it has no type"),
    "variadic": ("def bad(*a: int): ...\n", 7, "bad, parameter `a`: parameters of an action have names"),
    "positional": ("def bad(a: int, /): ...\n", 7, "bad, parameter `a`: parameters of an action have names"),
    "any keyword": ("def bad(**a): ...\n", 7, "bad, parameter `a`: it has no type"),
    "method": ("class bad:\n    def bad(self, a): ...\n", 8, "bad, parameter `a`: it has no type"),
}


@pytest.mark.parametrize("form", BROKEN)
@pytest.mark.parametrize("execute", [False, True])
def test_a_tool_that_cannot_be_an_action_is_an_error_only_where_it_is_called(tmp_path, form, execute):
    source, line, told = BROKEN[form]
    file = written(tmp_path, HEAD + b"\n@tool\n" + source.encode())
    registry = ToolRegistry(plugins=False).with_file(file, execute=execute)
    assert registry.find("hi") is not None
    assert not any(name.startswith("bad") for name in registry.names())
    name = "bad.bad" if form == "method" else "bad"
    with pytest.raises(SetupError) as caught:
        registry.find(name)
    assert caught.value.message == f"{file}:{line}: {told}"
    assert [tool.problem for tool in registry.tools() if tool.problem] == [f"{file}:{line}: {told}"]


def test_what_only_execution_tells_names_the_line_of_the_decorator(tmp_path):
    file = written(tmp_path, HEAD + b"\n@tool\ndef bad(a: object.__class__) -> complex: ...\n")
    registry = ToolRegistry(plugins=False).with_file(file, execute=True)
    with pytest.raises(
        SetupError, match=r"tools\.py:6: bad, parameter `a`: type cannot be described as JSON"
    ):
        registry.find("bad")


def test_a_broken_tool_cannot_be_called(tmp_path):
    file = written(tmp_path, HEAD + b"@tool\ndef bad(a): ...\n")
    (bad,) = [action for action in load_tools_file(file) if action.spec.name == "bad"]
    with pytest.raises(SetupError, match="it has no type"):
        bad.function({}, None)
