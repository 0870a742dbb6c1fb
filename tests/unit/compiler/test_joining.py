"""Bases, includes and sub-pipelines: files that become one document, or run each other."""

from collections.abc import Mapping

import pytest

from orchestrator.compiler import compile_document, compile_text, inner_documents
from orchestrator.core.pipeline import Pipeline
from orchestrator.errors import CompileError, Problem
from unit.compiler.known_actions import ACTIONS
from unit.compiler.memory_files import MemoryFiles

BASE = """\
name: base
description: from the base
x-own: 1
inputs:
  folder: {type: path, default: docs}
  kind: {type: string}
defaults: {timeout: 1m, retry: 2}
steps:
  - id: read
    action: filesystem.read
    with: {path: "{{ inputs.folder }}"}
    retry: {attempts: 3, backoff: 5s}
  - id: say
    action: let
    with: {text: "{{ steps.read.content }}", kept: 1}
outputs:
  text: "{{ steps.say.text }}"
"""


def compiled(files: Mapping[str, str], name: str = "main.yaml") -> Pipeline:
    return compile_text(files[name], file=name, actions=ACTIONS, files=MemoryFiles(files))


def problems(files: Mapping[str, str], name: str = "main.yaml") -> list[Problem]:
    with pytest.raises(CompileError) as caught:
        compiled(files, name)
    return list(caught.value.problems)


def place(problem: Problem) -> str:
    return str(problem.location)


def test_a_child_overrides_its_base_key_by_key_and_steps_by_id() -> None:
    child = """\
extends: base.yaml
name: child
inputs: {folder: {default: other}}
defaults: {timeout: 2m}
steps:
  - id: say
    with: {text: changed}
  - {id: more, action: let, with: {n: 2}}
outputs: {n: "{{ steps.more.n }}"}
"""
    document = compiled({"main.yaml": child, "base.yaml": BASE}).document

    assert document["name"] == "child"
    assert document["description"] == "from the base"
    assert document["inputs"] == {"folder": {"type": "path", "default": "other"}, "kind": {"type": "string"}}
    assert document["defaults"] == {"timeout": "2m", "retry": 2}
    assert [step["id"] for step in document["steps"]] == ["read", "say", "more"]
    assert document["steps"][1] == {"id": "say", "action": "let", "with": {"text": "changed", "kept": 1}}
    assert document["outputs"] == {"text": "{{ steps.say.text }}", "n": "{{ steps.more.n }}"}
    assert "extends" not in document
    assert "x-own" not in document


def test_a_step_with_another_action_does_not_keep_the_parameters_of_the_base() -> None:
    child = "extends: base.yaml\nsteps: [{id: read, action: let, with: {content: fixed}}]\n"
    document = compiled({"main.yaml": child, "base.yaml": BASE}).document

    assert document["steps"][0]["with"] == {"content": "fixed"}
    assert document["steps"][0]["retry"] == {"attempts": 3, "backoff": "5s"}


def test_a_step_of_another_kind_replaces_what_the_base_does() -> None:
    child = "extends: base.yaml\nsteps:\n  - id: say\n    steps: [{id: inner, action: let}]\n    value: {text: x}\n"
    document = compiled({"main.yaml": child, "base.yaml": BASE}).document

    assert document["steps"][1] == {
        "id": "say",
        "steps": [{"id": "inner", "action": "let"}],
        "value": {"text": "x"},
    }


def test_a_base_may_have_a_base_in_another_folder() -> None:
    files = {
        "main.yaml": "extends: lib/middle.yaml\nname: main\n",
        "lib/middle.yaml": "extends: deep/base.yaml\nname: middle\nsteps:\n  - {id: b, action: let}\n",
        "lib/deep/base.yaml": "name: base\nsteps:\n  - {id: a, action: pipeline.run, with: {file: sub.yaml}}\n",
        "lib/deep/sub.yaml": "name: sub\nsteps: [{id: s, action: let}]\n",
    }
    pipeline = compiled(files)

    assert [step.id for step in pipeline.root.steps] == ["a", "b"]
    assert list(pipeline.pipelines) == ["lib/deep/sub.yaml"]
    assert pipeline.document["steps"][0]["with"]["file"] == "lib/deep/sub.yaml"


def test_a_fault_in_a_base_is_shown_in_the_base() -> None:
    broken = BASE.replace("inputs.folder", "inputs.foldr")
    (problem,) = problems({"main.yaml": "extends: base.yaml\nname: child\n", "base.yaml": broken})

    assert place(problem) == "base.yaml:11:22"
    assert problem.location is not None
    assert "foldr" in problem.location.excerpt


def test_a_fault_of_the_child_within_a_step_of_the_base_is_shown_in_the_child() -> None:
    child = "extends: base.yaml\nsteps:\n  - id: say\n    with: {text: '{{ steps.reed }}'}\n"
    (problem,) = problems({"main.yaml": child, "base.yaml": BASE})

    assert place(problem) == "main.yaml:4:22"


def test_bases_in_a_circle_are_named() -> None:
    files = {"main.yaml": "extends: other.yaml\n", "other.yaml": "name: o\nextends: main.yaml\n"}
    (problem,) = problems(files)

    assert problem.message == "the files name each other in a circle: main.yaml → other.yaml → main.yaml"
    assert place(problem) == "other.yaml:2:10"


@pytest.mark.parametrize(
    "part",
    [
        "- {id: b, action: let, with: {x: 1}}\n- {id: c, action: let}\n",
        "steps:\n  - {id: b, action: let, with: {x: 1}}\n  - {id: c, action: let}\n",
    ],
)
def test_an_include_brings_the_steps_of_its_file(part: str) -> None:
    main = "name: m\nsteps:\n  - {id: a, action: let}\n  - include: part.yaml\n  - {id: d, action: let, with: {x: '{{ steps.b.x }}'}}\n"
    pipeline = compiled({"main.yaml": main, "part.yaml": part})

    assert [step.id for step in pipeline.root.steps] == ["a", "b", "c", "d"]
    assert pipeline.root.graph.dependencies == ((), (), (), (1,))


@pytest.mark.parametrize(
    "step",
    [
        "{id: a, steps: [include: part.yaml]}",
        "{id: a, if: true, action: let, else: [include: part.yaml]}",
        "{id: a, switch: run.id, cases: {x: [include: part.yaml]}}",
        "{id: a, switch: run.id, cases: [{case: x, steps: [include: part.yaml]}]}",
        "{id: a, switch: run.id, cases: {}, default: [include: part.yaml]}",
        "{id: a, action: let, on_error: {steps: [include: part.yaml]}}",
        "{id: a, action: let, on_error: [{match: x, steps: [include: part.yaml]}]}",
    ],
)
def test_an_include_may_stand_wherever_steps_do(step: str) -> None:
    files = {"main.yaml": f"name: m\nsteps:\n  - {step}\n", "part.yaml": "- {id: b, action: let}\n"}

    assert "'id': 'b'" in str(compiled(files).document)


def test_an_included_file_may_include_and_run_files_of_its_own_folder() -> None:
    files = {
        "main.yaml": "name: m\nsteps:\n  - include: lib/one.yaml\n",
        "lib/one.yaml": "- include: two.yaml\n- id: g\n  steps:\n    - {id: r, action: pipeline.run, with: {file: sub.yaml}}\n",
        "lib/two.yaml": "- {id: t, action: let, with: {file: sub.yaml}}\n",
        "lib/sub.yaml": "name: s\nsteps: [{id: x, action: let}]\noutputs: {y: 1}\n",
    }
    pipeline = compiled(files)

    assert [step.id for step in pipeline.root.steps] == ["t", "g"]
    assert list(pipeline.pipelines) == ["lib/sub.yaml"]
    assert pipeline.document["steps"][0]["with"] == {"file": "sub.yaml"}


def test_a_fault_in_an_included_file_is_shown_there() -> None:
    files = {
        "main.yaml": "name: m\nsteps:\n  - include: part.yaml\n",
        "part.yaml": "- id: b\n  actoin: let\n",
    }
    found = problems(files)

    assert [place(problem) for problem in found] == ["part.yaml:1:3", "part.yaml:2:3"]


@pytest.mark.parametrize(
    ("part", "where", "message"),
    [
        ("name: p\ninputs: {}\nsteps: []\n", "part.yaml:2:1", "`inputs` has no effect in an included file"),
        ("name: p\n", "part.yaml:1:1", "an included file is a list of steps, or a mapping with `steps`"),
        (
            "- a: 1\n  a: 2\n",
            "part.yaml:2:3",
            "the key `a` stands here a second time; the first is in line 1",
        ),
        (
            "- include: part.yaml\n",
            "part.yaml:1:12",
            "the files name each other in a circle: part.yaml → part.yaml",
        ),
        ("- include: ../x.yaml\n", "part.yaml:1:12", "`../x.yaml` lies outside"),
    ],
)
def test_what_cannot_be_included(part: str, where: str, message: str) -> None:
    (problem,) = problems({"main.yaml": "name: m\nsteps:\n  - include: part.yaml\n", "part.yaml": part})

    assert (place(problem), problem.message) == (where, message)


def test_without_a_reader_no_file_is_joined() -> None:
    with pytest.raises(CompileError, match=r"`base\.yaml` cannot be read here"):
        compile_text("extends: base.yaml\n", file="m", actions=ACTIONS)


SUB = """\
name: sub
inputs:
  path: {type: path}
  count: {type: integer, default: 1}
  key: {type: secret, required: false}
steps:
  - {id: r, action: filesystem.read, with: {path: "{{ inputs.path }}"}}
outputs: {text: "{{ steps.r.content }}"}
"""


def caller(inputs: str, rest: str = "") -> str:
    return f"name: m\ninputs: {{key: {{type: secret}}}}\nsteps:\n  - id: call\n    action: pipeline.run\n    with: {{file: sub.yaml, inputs: {inputs}}}\n{rest}"


def test_a_file_that_is_run_is_compiled_and_its_outputs_are_known() -> None:
    main = caller('{path: x, key: "{{ inputs.key }}"}', 'outputs: {t: "{{ steps.call.text }}"}\n')
    pipeline = compiled({"main.yaml": main, "sub.yaml": SUB})

    assert pipeline.pipelines["sub.yaml"].name == "sub"


@pytest.mark.parametrize(
    ("inputs", "rest", "where", "message"),
    [
        ("{pth: x, path: y}", "", "main.yaml:6:37", "`sub.yaml` has no input `pth`"),
        ("{count: 2}", "", "main.yaml:6:28", "`sub.yaml` needs the input `path`"),
        ("{path: 3}", "", "main.yaml:6:43", "expected text, not 3"),
        (
            "{path: '{{ inputs.key }}'}",
            "",
            "main.yaml:6:47",
            "a secret goes to `path` of `sub.yaml`, which is not an input of it",
        ),
        ("{path: x}", "outputs: {t: '{{ steps.call.txt }}'}\n", "main.yaml:7:18", "there is no field `txt`"),
    ],
)
def test_a_call_of_another_file_is_checked(inputs: str, rest: str, where: str, message: str) -> None:
    (problem,) = problems({"main.yaml": caller(inputs, rest), "sub.yaml": SUB})

    assert (place(problem), problem.message) == (where, message)


def test_faults_of_a_file_that_is_run_are_shown_once_in_that_file() -> None:
    twice = "name: m\nsteps:\n  - {id: a, action: pipeline.run, with: {file: sub.yaml}}\n  - {id: b, action: pipeline.run, with: {file: ./sub.yaml}}\n"
    (problem,) = problems({"main.yaml": twice, "sub.yaml": "name: s\nsteps: [{id: x, action: lett}]\n"})

    assert place(problem) == "sub.yaml:2:25"


def test_files_that_run_each_other_are_named_as_a_circle() -> None:
    run = "name: m\nsteps:\n  - {id: a, action: pipeline.run, with: {file: %s}}\n"
    (problem,) = problems({"main.yaml": run % "b.yaml", "b.yaml": run % "main.yaml"})

    assert problem.message == "the files run each other in a circle: main.yaml → b.yaml → main.yaml"
    assert place(problem) == "b.yaml:3:48"


def test_a_computed_file_name_is_left_to_the_run() -> None:
    main = "name: m\ninputs: {f: {type: path}}\nsteps:\n  - {id: a, action: pipeline.run, with: {file: '{{ inputs.f }}'}}\n"

    assert compiled({"main.yaml": main}).pipelines == {}


def test_documents_of_inner_files_stand_under_all_names_on_the_way() -> None:
    run = "name: m\nsteps:\n  - {id: a, action: pipeline.run, with: {file: %s}}\n"
    files = {
        "main.yaml": run % "lib/b.yaml",
        "lib/b.yaml": run % "c.yaml",
        "lib/c.yaml": "name: c\nsteps: [{id: x, action: let}]\n",
    }
    pipeline = compiled(files)
    documents = inner_documents(pipeline)

    assert list(documents) == ["lib/b.yaml", "lib/b.yaml/c.yaml"]

    again = compile_document(pipeline.document, actions=ACTIONS, documents=documents)
    assert again.pipelines["lib/b.yaml"].pipelines["c.yaml"].name == "c"


def test_a_document_whose_inner_file_is_wrong_says_so() -> None:
    main = {"name": "m", "steps": [{"id": "a", "action": "pipeline.run", "with": {"file": "s"}}]}
    with pytest.raises(CompileError, match="there is no action `lett`"):
        compile_document(
            main, actions=ACTIONS, documents={"s": {"name": "s", "steps": [{"id": "x", "action": "lett"}]}}
        )
    assert compile_document(main, actions=ACTIONS).pipelines == {}


def test_inputs_that_hold_templates_are_left_to_the_run() -> None:
    main = caller("{path: '{{ run.id }}', count: [1, '{{ run.id }}'], key: {a: '{{ run.id }}'}}")
    assert compiled({"main.yaml": main, "sub.yaml": SUB}).name == "m"


def test_all_inputs_may_be_computed() -> None:
    main = caller("'{{ run }}'")
    with pytest.raises(CompileError):
        compiled({"main.yaml": main.replace("{{ run }}", "text"), "sub.yaml": SUB})
    assert compiled({"main.yaml": main, "sub.yaml": SUB}).name == "m"


def test_a_base_is_a_mapping() -> None:
    (problem,) = problems({"main.yaml": "extends: base.yaml\n", "base.yaml": "- a\n"})
    assert (place(problem), problem.message) == ("main.yaml:1:10", "the base `base.yaml` is no mapping")
