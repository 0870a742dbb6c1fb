"""Files of tools that are wrong in every way: each is told with its place, executed or only read."""

import pytest

from orchestrator.errors import SetupError
from orchestrator.tools.tools_file import load_tools_file, read_tools_file

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
    assert "hi" in [spec.name for spec in read_tools_file(tmp_path / "tools.py")]  # reading executes nothing


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
    for way in (load_tools_file, read_tools_file):
        with pytest.raises(SetupError) as raised:
            way(file)
        assert str(file) in str(raised.value)
        assert len(str(raised.value)) < 1000


@pytest.mark.parametrize(
    "annotation", ["list[()]", "Literal[()]", "'int[['", "Union[()]", "dict[()]", "tuple[()]"]
)
def test_annotations_that_only_execution_could_resolve_stay_open(tmp_path, annotation):
    source = f"from orchestrator import tool\n@tool\ndef hi(x: {annotation}): ...\n"
    (spec,) = read_tools_file(written(tmp_path, source.encode()))
    assert spec.parameters["properties"] == {"x": {}}


def test_a_file_may_be_written_in_another_encoding(tmp_path):
    file = written(tmp_path, b"# -*- coding: latin-1 -*-\n" + HEAD + b'x = "\xff"\n')
    assert [spec.name for spec in read_tools_file(file)] == ["hi"]


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
        read_tools_file(file)
    assert f"{file}:3: {what}" in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize("effect", ["None", "Effect.READ", "CHOSEN", "settings.effect", '"read"'])
def test_an_effect_that_may_be_meant_is_not_reported(tmp_path, effect):
    file = tmp_path / "tools.py"
    file.write_text(f"from orchestrator import tool\n@tool(effect={effect})\ndef f(a: int): ...\n")
    assert [spec.name for spec in read_tools_file(file)] == ["f"]
