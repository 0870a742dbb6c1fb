"""Pipelines written in Python are the same as files."""

import pytest

from orchestrator.compiler import build, compile_text
from orchestrator.errors import CompileError
from unit.compiler.known_actions import ACTIONS

FILE = """\
name: p
description: d
timeout: 2m
inputs:
  folder: {type: path, default: docs}
steps:
  - id: files
    action: filesystem.list
    with: {path: "{{ inputs.folder }}"}
  - id: digest
    for_each: "{{ steps.files.paths }}"
    as: path
    max_parallel: 4
    steps:
      - {id: text, action: filesystem.read, with: {path: "{{ path }}"}, retry: 3}
  - id: sizes
    for_each: [1, 2]
    action: let
    with: {n: "{{ item }}"}
  - id: both
    needs: [digest]
    steps:
      - {id: one, action: let}
      - {id: two, action: let, with: {x: [1, "{{ steps.one }}"]}}
  - id: choice
    switch: "{{ inputs.folder }}"
    cases:
      docs: [{id: for_docs, action: let}]
      1: [{id: for_one, action: let}]
    default: [{id: for_others, action: let}]
  - id: again
    until: steps.score.n > 1
    max_iterations: 3
    steps: [{id: score, action: let, with: {n: 2}}]
  - id: poll
    while: loop.iteration < 3
    max_iterations: 9
    action: let
    with: {n: 1}
outputs:
  count: "{{ steps.digest | length }}"
on_failure: [{id: tell, action: let}]
"""


def test_the_builder_and_the_file_give_equal_digests() -> None:
    built = (
        build("p")
        .set(description="d", timeout="2m")
        .input("folder", type="path", default="docs")
        .step("files", "filesystem.list", path="{{ inputs.folder }}")
        .for_each(
            "digest",
            "{{ steps.files.paths }}",
            as_="path",
            max_parallel=4,
            steps=lambda b: b.step("text", "filesystem.read", {"retry": 3}, path="{{ path }}"),
        )
        .for_each("sizes", (1, 2), action="let", parameters={"n": "{{ item }}"})
        .group(
            "both",
            lambda b: b.step("one", "let").step("two", "let", x=[1, "{{ steps.one }}"]),
            {"needs": ["digest"]},
        )
        .switch(
            "choice",
            "{{ inputs.folder }}",
            cases={"docs": lambda b: b.step("for_docs", "let"), 1: lambda b: b.step("for_one", "let")},
            default=lambda b: b.step("for_others", "let"),
        )
        .loop(
            "again", until="steps.score.n > 1", max_iterations=3, steps=lambda b: b.step("score", "let", n=2)
        )
        .loop("poll", while_="loop.iteration < 3", max_iterations=9, action="let", parameters={"n": 1})
        .output("count", "{{ steps.digest | length }}")
        .on_failure(lambda b: b.step("tell", "let"))
        .compile(ACTIONS)
    )
    written = compile_text(FILE, file="p.yaml", actions=ACTIONS)

    assert built.digest == written.digest
    assert built.root.graph == written.root.graph


def test_a_mistake_is_shown_by_its_path() -> None:
    builder = build("p").group("g", lambda b: b.step("a", "filesystem.read", path="{{ steps.nope }}"))
    with pytest.raises(CompileError) as caught:
        builder.compile(ACTIONS)

    assert str(caught.value).startswith("steps.g.steps.a.with.path: there is no step `nope`")


def test_later_changes_do_not_reach_a_compiled_pipeline() -> None:
    values: list[object] = [1]
    builder = build("p").step("a", "let", x=values)
    pipeline = builder.compile(ACTIONS)
    values.append(2)
    builder.step("b", "let")

    assert pipeline.document["steps"] == [{"id": "a", "action": "let", "with": {"x": [1]}}]


def test_keys_that_json_cannot_hold_are_refused() -> None:
    with pytest.raises(CompileError, match="the key 1 must be a text here"):
        build("p").step("a", "let", {"output": {"properties": {1: {}}}}).compile(ACTIONS)
    with pytest.raises(CompileError, match="the key 1 must be a text here"):
        build("p").step("a", "let", x={1: 2}).compile(ACTIONS)
