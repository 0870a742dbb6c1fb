"""Documents that are refused, at once and with a line; and the pure parser, which agrees with the C one."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.compiler import compile_text
from orchestrator.compiler.node_walk import stretch, walk
from orchestrator.compiler.source import MAX_CHARACTERS, compose, plain_data, read_data
from orchestrator.compiler.text import Text
from orchestrator.errors import CompileError, Problem
from unit.compiler.known_actions import ACTIONS


def refused(content: str) -> Problem:
    with pytest.raises(CompileError) as caught:
        compile_text(content, file="f.yaml", actions=ACTIONS)
    return caught.value.problems[0]


def bomb(width: int, depth: int) -> str:
    lines = ["name: p", "x-0: &a0 [" + ", ".join(["lol"] * width) + "]"]
    lines += [f"x-{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * width) + "]" for n in range(1, depth)]
    return "\n".join(lines)


HOSTILE = {
    "an alias bomb": (bomb(10, 9), 5, "aliases stand for more than 100,000 nodes"),
    "a bomb of long texts": (f"x: &a {'y' * 400_000}\nz: [{'*a, ' * 300}]", 1, "aliases stand for more than"),
    "brackets without end": ("name: p\nsteps: " + "[" * 100_000, 2, "the document is nested more than 100 levels deep"),
    "braces without end": ("{a: " * 50_000, 1, "the document is nested more than 100 levels deep"),
    "dashes without end": ("- " * 50_000, 1, "the document is nested more than 100 levels deep"),
    "deep indentation": ("\n".join(" " * n + "a:" for n in range(200)), 100, "the document is nested more than 100"),
    "a huge file": ("a: " + "x" * MAX_CHARACTERS, 1, "the file has 5,000,003 characters; 5,000,000 are allowed"),
    "a Python object": ("a: !!python/object/apply:os.system [ls]", 1, "the tag `!!python/object/apply:os.system`"),
    "a tag on a mapping": ("a: !!map {b: 1}", 1, "the tag `!!map` is not allowed"),
    "a tag on a key": ("!!str a: 1", 1, "the tag `!!str` is not allowed"),
    "a zero byte": ("a: b\nc: \0", 2, "the character U+0000 is not allowed in a file"),
    "an escape character": ("a: \x1b[31m", 1, "the character U+001B is not allowed in a file"),
    "a lone surrogate": ("a: b\nc: \ud800", 2, "a lone surrogate: this is no text"),
    "an escaped surrogate": ('a: "\\ud800"', 1, "this is no valid YAML"),
    "a long number": ("a: " + "9" * 5000, 1, "a number of 5000 digits is too long"),
    "a mapping as key": ("? {a: 1}\n: 2", 1, "a template that stands for a whole value must be quoted"),
    "a list as key": ("? [a]\n: 2", 1, "a key must be a single word or number"),
    "two documents": ("a: 1\n---\nb: 2", 2, "the file holds a second document"),
    "equal numbers": ("a: {1: x, 1: y}", 1, "the key `1` stands here a second time; the first is in line 1"),
    "an unclosed quote": ('a: 1\nb: "x\nc: 2', 2, "a quote is not closed"),
    "an unclosed list": ("a: [1,\nb: 2", 1, "a bracket is not closed"),
    "a bad escape": ('a: "\\q"', 1, "an unknown escape"),
    "a key without colon": ("a: 1\nb\nc: 2", 3, ""),
    "an odd indentation": ("a:\n  b: 1\n c: 2", 3, "the indentation does not fit the lines above"),
    "a missing dash": ("a:\n  - b\n  c: 1", 3, "the indentation does not fit the list above"),
    "a backtick": ("a: `x`", 1, "a value cannot start with ``"),
    "a loose template": ("name: p\nsteps: {{ x }} y", 2, "a template that stands for a whole value must be quoted"),
    "only comments": ("# nothing\n", 1, "the file is empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_its_line(name: str) -> None:
    content, line, message = HOSTILE[name]
    problem = refused(content)

    assert problem.location is not None
    assert problem.location.line == line
    assert problem.message.startswith(message)
    assert len(str(problem)) < 1000


def test_a_hundred_levels_are_deep_enough() -> None:
    steps = "{id: a, action: let}"
    for number in range(47):
        steps = f"{{id: g{number}, steps: [{steps}]}}"
    pipeline = compile_text(f"name: p\nsteps: [{steps}]", file="f", actions=ACTIONS)

    assert pipeline.root.steps[0].id == "g46"


def test_a_byte_order_mark_and_windows_line_ends_are_taken() -> None:
    (problem,) = _problems("\ufeffname: p\r\nsteps:\r\n  - id: a\r\n    action: lett\r\n")

    assert str(problem.location) == "f:4:13"
    assert problem.location is not None
    assert problem.location.excerpt == "    action: lett"


def _problems(content: str) -> tuple[Problem, ...]:
    with pytest.raises(CompileError) as caught:
        compile_text(content, file="f", actions=ACTIONS)
    return caught.value.problems


SAMPLES = [
    "a: 1\nb: [x, 'y', \"z\\n\"]\nc: {d: ~, 1: yes}\ne: |\n  t\n   u\nf: >-\n  v\n  w\n",
    "&a b: *a\n<<: {x: 1, b: 2}\nx: 3\n",
    "- 1.5\n- 0o17\n- ''\n-\n",
]


@pytest.mark.parametrize("content", SAMPLES)
def test_the_pure_parser_agrees_with_the_other(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = Text(content, "f")
    expected = plain_data(compose(text), text)
    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)

    assert plain_data(compose(text), text) == expected


@pytest.mark.parametrize(
    "name",
    [
        "an alias bomb",
        "brackets without end",
        "a lone surrogate",
        "a zero byte",
        "two documents",
        "a tag on a key",
    ],
)
def test_the_pure_parser_refuses_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content, line, message = HOSTILE[name]
    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    problem = refused(content)

    assert problem.location is not None
    assert (problem.location.line, problem.message[: len(message)]) == (line, message)


def test_merge_keys_let_own_keys_and_earlier_mappings_win() -> None:
    text = Text("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: {'<<': 1}\n", "f")
    data, json_keys = read_data(compose(text), text)

    assert data["c"] == {"x": 0, "y": 1, "z": 2}
    assert data["d"] == {"<<": 1}
    assert json_keys


STYLES = {
    "plain": "k: {v}\n",
    "plain lines": "k: some words\n  and {v}\n\n  more\n",
    "single": "k: 'it''s {v} ''''x'\n",
    "double": 'k: "\\u00e4\\t\\"{v}\\x41\\n"\n',
    "double lines": 'k: "one\n  two \\\n  three {v}\n\n  four"\n',
    "literal": "k: |\n    one\n      {v}\n\n    two\n",
    "literal kept": "k: |2+\n    one\n      {v}\n\n",
    "folded": "k: >\n  one\n  two {v}\n\n  three\n    four\n  five\n",
    "folded stripped": "k: >-\r\n  one\r\n  {v} two\r\n",
    "flow": "{k: [a, {j: '{v}'}]}",
}


@pytest.mark.parametrize("style", STYLES)
def test_a_place_in_a_value_is_found_in_the_text(style: str) -> None:
    content = STYLES[style].replace("{v}", "⟨here⟩")
    text = Text(content, "f")
    path = ["k", 1, "j"] if style == "flow" else ["k"]
    _, _, node = walk(compose(text), text, {}, path, {})

    start, end = stretch(content, node, node.value.index("⟨here⟩"), 6)
    assert content[start:end] == "⟨here⟩"


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30),
    st.sampled_from("'\""),
)
def test_any_quoted_text_maps_back(value: str, quote: str) -> None:
    import yaml

    content = yaml.dump({"k": value + "⟨here⟩"}, default_style=quote, allow_unicode=True, width=20)
    text = Text(content, "f")
    _, _, node = walk(compose(text), text, {}, ["k"], {})

    start, end = stretch(text.content, node, node.value.index("⟨here⟩"), 6)
    assert text.content[start:end] == "⟨here⟩"


@pytest.mark.parametrize("line", ["a\x0bb", "a\x85b", "a\u2028b"])
def test_lines_are_counted_as_editors_do(line: str) -> None:
    text = Text(f"{line}\nnext", "f")

    assert text.location(len(line) + 1, 4).line == 2
