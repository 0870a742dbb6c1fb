"""The tool `text`."""

import io
import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.errors import ActionError
from orchestrator.tools.process import Ended
from orchestrator.tools.text import regex_program, template_program
from orchestrator.tools.text.regex_program import find
from unit.tools.conftest import Tools

UNITS = ["characters", "words", "sentences", "paragraphs"]


def failing(tools: Tools, action: str, **parameters: object) -> ActionError:
    with pytest.raises(ActionError) as caught:
        tools(action, **parameters)
    return caught.value


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters() | st.sampled_from(" \n.!?\r\t”")),
    size=st.integers(1, 5),
    by=st.sampled_from(UNITS),
)
def test_splitting_loses_nothing(tools: Tools, text: str, size: int, by: str):
    chunks = tools("text.split", text=text, size=size, by=by)["chunks"]
    assert isinstance(chunks, list)
    assert "".join(chunks) == text
    assert all(chunks)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40), size=st.integers(2, 6), data=st.data())
def test_overlapping_chunks_share_just_the_overlap(tools: Tools, text: str, size: int, data: st.DataObject):
    overlap = data.draw(st.integers(1, size - 1))
    chunks = tools("text.split", text=text, size=size, overlap=overlap)["chunks"]
    assert isinstance(chunks, list)
    assert "".join([*chunks[:1], *(chunk[overlap:] for chunk in chunks[1:])]) == text
    assert all(before[-overlap:] == after[:overlap] for before, after in pairwise(chunks))
    assert all(len(chunk) <= size for chunk in chunks)


@pytest.mark.parametrize(
    ("by", "text", "chunks"),
    [
        ("words", "a  b\nc", ["a  ", "b\n", "c"]),
        ("words", " a ", [" ", "a "]),
        ("sentences", 'He said "Go!" Then 3.14 left? Yes…', ['He said "Go!" ', "Then 3.14 left? ", "Yes…"]),
        ("sentences", "Title\n\nText. More", ["Title\n\n", "Text. ", "More"]),
        ("sentences", "你好。再见。", ["你好。", "再见。"]),
        ("paragraphs", "a\nb\n\n\nc\r\n\r\nd", ["a\nb\n\n\n", "c\r\n\r\n", "d"]),
        ("characters", "", []),
        ("words", "", []),
    ],
)
def test_units_are_found(tools: Tools, by: str, text: str, chunks: list[str]):
    assert tools("text.split", text=text, size=1, by=by) == {"chunks": chunks, "count": len(chunks)}


@pytest.mark.parametrize("by", UNITS)
@pytest.mark.parametrize(
    "text", ["a" + "\n " * 50_000, " " * 50_000, '."' * 50_000], ids=lambda text: repr(text[:4])
)
def test_hostile_white_space_is_split_in_a_moment(tools: Tools, text: str, by: str):
    chunks = tools("text.split", text=text, size=1_000_000, by=by)["chunks"]
    assert chunks == [text]


def test_an_overlap_as_large_as_the_chunk_is_refused(tools: Tools):
    assert "must be smaller" in str(failing(tools, "text.split", text="x", size=2, overlap=2))


def test_a_pattern_finds_extracts_and_replaces(tools: Tools):
    assert tools("text.regex", text="a1 b22", pattern=r"([a-z])(?P<n>\d+)", replace=r"\g<n>\1") == {
        "matches": [
            {"text": "a1", "start": 0, "end": 2, "groups": ["a", "1"], "named": {"n": "1"}},
            {"text": "b22", "start": 3, "end": 6, "groups": ["b", "22"], "named": {"n": "22"}},
        ],
        "count": 2,
        "first": "a",
        "text": "1a 22b",
    }


def test_a_catastrophic_pattern_ends_with_a_timeout(tools: Tools):
    error = failing(tools, "text.regex", text="a" * 50 + "!", pattern="(a+)+$", timeout=0.5)
    assert error.error_class == "timeout"
    assert str(error) == "the pattern '(a+)+$' took longer than 0.5 s and was killed"


def test_a_long_pattern_is_not_repeated_in_the_message(tools: Tools):
    error = failing(tools, "text.regex", text="", pattern="(" * 100)
    assert str(error).startswith("the pattern: missing ), unterminated subpattern")


TASK: dict[str, object] = {"text": "aXbx", "pattern": "x", "replace": None, "flags": "", "limit": 10}


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, {"count": 1, "first": "x", "text": None}),
        ({"flags": "ignore_case"}, {"count": 2, "first": "X"}),
        ({"pattern": "zz"}, {"count": 0, "first": None, "matches": []}),
        ({"pattern": "(z)?a"}, {"first": None, "count": 1}),
        ({"text": "a\nb", "pattern": "^b$", "flags": "multiline"}, {"count": 1}),
        ({"text": "a\nb", "pattern": "a.b", "flags": "dot_all multiline"}, {"count": 1}),
        ({"replace": "-", "flags": "ignore_case"}, {"text": "a-b-"}),
    ],
)
def test_flags_and_groups_do_what_they_say(change: dict[str, object], answer: dict[str, object]):
    value = find({**TASK, **change})["value"]
    assert isinstance(value, dict)
    assert {key: value[key] for key in answer} == answer


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"pattern": "*"}, "nothing to repeat"),
        ({"replace": r"\9"}, "invalid group reference"),
        ({"replace": r"\g<no>"}, "unknown group name"),
        ({"pattern": "", "limit": 4}, "fits more than 4 times"),
        ({"pattern": "a{99999999999}"}, ""),
    ],
)
def test_a_wrong_pattern_is_explained(change: dict[str, object], says: str):
    assert says in str(find({**TASK, **change})["error"])


def test_a_document_is_rendered(tools: Tools):
    data = {"name": "Ada", "rows": [{"n": 1}, {"n": 2}]}
    text = "Dear {{ name }},\n{% for row in rows %}{{ loop.index }}:{{ row.n }} {% endfor %}\n"
    assert tools("text.template", text=text, data=data) == {"text": "Dear Ada,\n1:1 2:2 \n"}


def test_templates_include_and_extend_files_of_the_workspace(tools: Tools, workspace: Path):
    (workspace / "parts").mkdir()
    (workspace / "parts/base.j2").write_text("<{% block body %}{% endblock %}>")
    (workspace / "parts/inner.j2").write_text("{{ x }}")
    (workspace / "page.j2").write_text(
        "{% extends 'parts/base.j2' %}{% block body %}{% include 'parts/inner.j2' %}{% endblock %}"
    )
    assert tools("text.template", file="page.j2", data={"x": 3}) == {"text": "<3>"}


def test_data_is_never_read_as_a_template(tools: Tools):
    data = {"x": "{{ 7 * 7 }}{% raw %}", "list": ["{{ x }}"]}
    assert tools("text.template", text="{{ x }} {{ list | join }}", data=data) == {
        "text": "{{ 7 * 7 }}{% raw %} {{ x }}"
    }


def test_a_template_that_never_ends_is_killed(tools: Tools):
    text = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    error = failing(tools, "text.template", text=text, timeout=1.5)
    assert error.error_class == "timeout"


def test_a_template_that_eats_memory_is_stopped(tools: Tools):
    error = failing(tools, "text.template", text="{{ 'x'.center(10**12) }}")
    assert "too much memory" in str(error)


def test_either_text_or_file_is_needed(tools: Tools):
    assert "either `text` or `file`" in str(failing(tools, "text.template"))
    assert "either `text` or `file`" in str(failing(tools, "text.template", text="", file="x"))


def test_a_template_file_outside_is_refused(tools: Tools):
    assert failing(tools, "text.template", file="../x").error_class == "permission"


@pytest.fixture
def task(workspace: Path) -> dict[str, object]:
    return {
        "name": "page.j2",
        "data": {"x": [1, 2], "text": "<b>", "n": None},
        "escape": False,
        "workspace": str(workspace),
        "max_size": 10_000,
        "max_template": 1_000,
    }


INJECTIONS = [
    "{{ x.__class__ }}", "{{ ().__class__.__base__.__subclasses__() }}", "{{ ''.__class__.__mro__ }}",
    "{{ x | attr('__class__') }}", "{{ x['__class__'] }}", "{{ [x] | map(attribute='__class__') | list }}",
    "{{ self.__init__.__globals__ }}", "{{ namespace.__init__.__globals__ }}", "{{ range.__class__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ joiner.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}", "{{ dict.__base__ }}", "{{ '{0.__class__}'.format(x) }}", "{{ '%s' | format(x.__class__) }}",
    "{{ ('{0.__cl' ~ 'ass__}').format(x) }}", "{{ '{a.__class__}'.format_map({'a': x}) }}", "{{ x.append(3) }}",
    "{{ x.sort() }}", "{{ x.clear() }}", "{% do x.append(1) %}", "{{ config }}", "{{ request }}", "{{ open('/etc/passwd').read() }}",
    "{{ __import__('os') }}", "{{ eval('1') }}", "{% import 'os' as os %}", "{% include '/etc/passwd' %}",
    "{% include '../secret' %}", "{% extends '../secret' %}", "{% include '.py-orc/orc.db' %}", "{{ 'a' * 10**9 }}",
    "{{ 10**9 * 'a' }}", "{{ [0] * 10**9 }}", "{{ 9**99999 }}", "{{ range(10**9) | list }}", "{{ x.__getitem__.__self__ }}",
    "{{ x|string|attr('\\x5f\\x5fclass\\x5f\\x5f') }}", "{{ \"\\u005f\\u005fclass__\" and x[\"\\u005f\\u005fclass__\"] }}",
    "{% set g = x.__class__ %}{{ g }}", "{{ (x | groupby('__class__')) }}", "{{ loop.__init__ }}", "{{ caller() }}",
    "{{ undefined_name }}", "{{ n.field.deeper }}", "{{ x[99] }}", "{{ 1/0 }}", "{{ 'a' + 1 }}", "{{ x | nofilter }}",
    "{{ x", "{% for %}", "{% block a %}{% block a %}{% endblock %}{% endblock %}", "{{ 'x' | int(base=1000) + x }}",
    "{{ x.real.imag }}", "{{ '%d' % 'x' }}", "{{ '%999999999999d' % 1 }}", "{{ x | sum(start=[]) }}",
]  # fmt: skip


@pytest.mark.parametrize("source", INJECTIONS)
def test_no_template_reaches_beyond_its_data(task: dict[str, object], workspace: Path, source: str):
    (workspace.parent / "secret").write_text("canary")
    answer = template_program.render({**task, "source": source})
    words = json.dumps(answer)
    assert "error" in answer or "Undefined" in words
    assert "canary" not in words
    assert "root:" not in words
    assert "Traceback" not in words
    assert str(answer.get("class", "invalid_request")) in {
        "permission",
        "template",
        "invalid_request",
        "not_found",
    }


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("\n{{ nothing }}", "page.j2:2: 'nothing' is undefined"),
        ("\n\n{{ x", "page.j2:3: unexpected end of template"),
        ("a\n{{ 1/0 }}", "page.j2:2: division by zero"),
        ("{% include 'no.j2' %}", "there is no template 'no.j2' in the workspace"),
        ("{{ 'x' * 10001 }}", "the document is larger than 10000 bytes; raise `max_size`"),
        ("{% include 'huge' %}", "huge is larger than 1000 bytes"),
    ],
)
def test_a_mistake_in_a_template_says_where(task: dict[str, object], workspace: Path, source: str, says: str):
    (workspace / "huge").write_text("x" * 1_001)
    assert says in str(template_program.render({**task, "source": source})["error"])


@pytest.mark.parametrize(
    ("source", "escape", "text"),
    [
        ("{{ text }}", True, "&lt;b&gt;"),
        ("{{ text }}", False, "<b>"),
        ("{{ 2 ** 10 }} {{ 'ab' * 2 }} {{ 2 * x }} {{ 3 * 4 }}", False, "1024 abab [1, 2, 1, 2] 12"),
        ("{{ '%s' % text }} {{ 1 % 2 }}", False, "<b> 1"),
        ("{% macro m(a) %}({{ a }}){% endmacro %}{{ m(1) }}", False, "(1)"),
    ],
)
def test_ordinary_templates_work(task: dict[str, object], source: str, escape: bool, text: str):
    assert template_program.render({**task, "source": source, "escape": escape}) == {"value": text}


def test_the_programs_talk_json(task: dict[str, object], monkeypatch: pytest.MonkeyPatch):
    def answer(program: object, given: dict[str, object]) -> object:
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({**given, "memory": 1})))
        said = io.StringIO()
        monkeypatch.setattr(sys, "stdout", said)
        program.main()
        return json.loads(said.getvalue())

    for module in (template_program, regex_program):
        monkeypatch.setattr(module, "limit_memory", lambda count: None)
    assert answer(template_program, {**task, "source": "{{ 1 + 1 }}"}) == {"value": "2"}
    assert answer(regex_program, {**TASK, "pattern": "("})["error"]


def test_memory_is_limited_where_the_platform_can(monkeypatch: pytest.MonkeyPatch):
    limits: list[object] = []
    monkeypatch.setattr("resource.setrlimit", lambda kind, limit: limits.append(limit))
    regex_program.limit_memory(5)
    assert limits == [(5, 5)]
    monkeypatch.setitem(sys.modules, "resource", None)
    regex_program.limit_memory(5)
    assert len(limits) == 1


@pytest.mark.parametrize(
    ("ended", "says", "error_class"),
    [
        (Ended(0, b"", b"", True, b""), "the pattern 'x' gives more than", "invalid_request"),
        (Ended(-9, b"", b"x\nMemoryError", False, b"x\nMemoryError"), "exit code -9): MemoryError", "failed"),
    ],
)
def test_a_program_that_dies_says_so(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, ended: Ended, says: str, error_class: str
):
    async def run(*_: object, **__: object) -> Ended:
        return ended

    monkeypatch.setattr("orchestrator.tools.isolated.run_process", run)
    error = failing(tools, "text.regex", text="", pattern="x")
    assert says in str(error)
    assert error.error_class == error_class


def test_a_plan_shows_the_file_of_a_template(tools: Tools):
    touches = tools.action("text.template").touches
    assert touches
    assert [touch.what for touch in touches({"file": "a.j2"})] == ["a.j2"]
    assert touches({"text": "x"}) == []
