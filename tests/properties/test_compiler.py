"""What holds for every pipeline: round trips, formatting, and mistakes that are found where they were made."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.compiler import compile_document, compile_text, format_text
from orchestrator.compiler.schema import STEP, TOP
from orchestrator.errors import CompileError, Problem
from unit.compiler.known_actions import ACTIONS

SOUND = [
    file.read_text()
    for file in sorted((Path(__file__).parents[1] / "scenarios/compile/sound").glob("*.yaml"))
]

names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False),
    st.text(max_size=12).filter(lambda t: "{" not in t and "<AUTO" not in t),
)
data = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    """Return a document whose steps read earlier ones, some of them inside groups and loops."""
    ids = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    steps: list[dict[str, object]] = []
    for index, step in enumerate(ids):
        values: dict[str, object] = {"v": draw(data)}
        if index:
            values["r"] = f"{{{{ steps.{draw(st.sampled_from(ids[:index]))} | default(0) }}}}"
        call: dict[str, object] = {"action": "let", "with": values}
        shape = draw(st.sampled_from(["call", "group", "loop"]))
        if shape == "group":
            call = {"steps": [{"id": f"{step}_inner", **call}]}
        elif shape == "loop":
            call = {"for_each": [1, 2], **call}
        steps.append({"id": step, **call})
    if draw(st.booleans()):
        steps.reverse()
    return {"name": "p", "steps": steps, "outputs": {"o": f"{{{{ steps.{ids[0]} }}}}"}}


@given(documents())
@settings(max_examples=60)
def test_text_and_document_give_the_same_pipeline(document: dict[str, object]) -> None:
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    from_document = compile_document(document, actions=ACTIONS)
    from_text = compile_text(text, file="p.yaml", actions=ACTIONS)

    assert from_text.digest == from_document.digest
    assert from_text.root.graph == from_document.root.graph
    again = compile_document(json.loads(json.dumps(from_text.document)), actions=ACTIONS)
    assert again.digest == from_text.digest


@given(documents(), st.sampled_from([None, '"', "'"]), st.booleans(), st.integers(20, 200))
@settings(max_examples=60)
def test_formatting_keeps_the_meaning_and_settles_at_once(
    document: dict[str, object], quotes: str | None, flow: bool, width: int
) -> None:
    text = yaml.safe_dump(document, default_style=None, default_flow_style=flow, width=width, sort_keys=True)
    if quotes:
        text = yaml.safe_dump(document, default_style=quotes, width=width)
        text = "\n".join(
            line.replace("!!int ", "").replace("!!float ", "").replace("!!bool ", "").replace("!!null ", "")
            for line in text.split("\n")
        )
    formatted = format_text(text)

    assert format_text(formatted) == formatted
    before = compile_text(text, file="p", actions=ACTIONS)
    assert compile_text(formatted, file="p", actions=ACTIONS).digest == before.digest


def problems_of(text: str) -> tuple[Problem, ...]:
    """Return what is wrong with a text, which is nothing when it compiles."""
    try:
        compile_text(text, file="p", actions=ACTIONS)
    except CompileError as error:
        return error.problems
    return ()


def _key_lines(text: str) -> list[tuple[int, str]]:
    """Return line and key of every key of the language that stands first in its line."""
    known = {*STEP, *TOP}
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n")):
        key = line.strip().removeprefix("- ").partition(":")[0]
        if key in known and ":" in line and not line.strip().startswith("x-"):
            found.append((number, key))
    return found


CHANGES = [(text, number, key) for text in SOUND for number, key in _key_lines(text)]


@pytest.mark.parametrize("turn", [str.upper, lambda key: key + "x", lambda key: key[:1] + "q" + key[1:]])
def test_a_renamed_key_is_reported_where_it_stands(turn) -> None:
    for text, number, key in CHANGES:
        lines = text.split("\n")
        column = lines[number].index(key) + 1
        lines[number] = lines[number].replace(key, turn(key), 1)
        if _inside_data(lines, number):
            continue
        with pytest.raises(CompileError) as caught:
            compile_text("\n".join(lines), file="p", actions=ACTIONS)
        places = [(p.location.line, p.location.column) for p in caught.value.problems if p.location]
        assert (number + 1, column) in places, (key, str(caught.value))


def _inside_data(lines: list[str], number: int) -> bool:
    """Tell whether a line stands below `with`, `inputs` or the like, where any key may stand."""
    indent = len(lines[number]) - len(lines[number].lstrip())
    for line in reversed(lines[:number]):
        own = len(line) - len(line.lstrip())
        if line.strip() and own < indent:
            indent = own
            if line.strip().removeprefix("- ").split(":")[0] in (
                "with",
                "inputs",
                "outputs",
                "labels",
                "value",
                "output",
            ):
                return True
    return False


wrong_values = st.sampled_from(
    [
        "[]",
        "{}",
        "~",
        "3.5",
        "'{{ x }}'",
        "'{{ 1 +'",
        "[[1]]",
        "{a: {b: 1}}",
        "yes",
        '"\\0"',
        "-1",
        "*none",
        "&a [*a]",
        "!x y",
    ]
)


@given(st.sampled_from(CHANGES), wrong_values)
@settings(max_examples=150)
def test_a_mistyped_value_never_crashes_and_is_placed(change: tuple[str, int, str], value: str) -> None:
    text, number, key = change
    lines = text.split("\n")
    lines[number] = lines[number][: lines[number].index(key) + len(key)] + f": {value}"
    assert all(problem.location and problem.message for problem in problems_of("\n".join(lines)))


@given(st.sampled_from(SOUND), st.data())
@settings(max_examples=150)
def test_a_dropped_stretch_never_crashes(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    assert all(problem.location for problem in problems_of(text[:start] + text[end:]))


@given(st.sampled_from(SOUND), st.integers(0, 10**6), st.text(max_size=6))
@settings(max_examples=150)
def test_an_inserted_text_never_crashes(text: str, at: int, inserted: str) -> None:
    at %= len(text)
    changed = text[:at] + inserted + text[at:]
    found = problems_of(changed)
    assert all(problem.location for problem in found)
    if not found:
        assert format_text(format_text(changed)) == format_text(changed)
