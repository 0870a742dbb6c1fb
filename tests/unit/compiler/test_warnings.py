"""What the compiler doubts, and what it takes as meant."""

import pytest

from orchestrator.compiler import compile_text
from unit.compiler.known_actions import ACTIONS


def warnings(steps: str) -> list[tuple[int, int, str]]:
    pipeline = compile_text(f"name: p\nsteps:\n{steps}", file="p", actions=ACTIONS)
    return [(w.location.line, w.location.column, w.message) for w in pipeline.warnings if w.location]


A = "  - {id: a, action: let, with: {x: 1}, if: run.id == 'x'}\n"


def reads(extra: str = "", template: str = "{{ steps.a.x }}") -> str:
    return f'  - {{id: b, action: let, with: {{y: "{template}"}}{extra}}}\n'


@pytest.mark.parametrize(
    ("a", "why"),
    [
        (A, "its `if` may skip it"),
        ("  - {id: a, switch: run.id, cases: {x: [{id: x, action: let}]}}\n", "its `switch` may fit no case"),
        ("  - {id: a, action: let, with: {x: 1}, on_error: continue}\n", "its failure is tolerated"),
        (
            "  - {id: a, action: let, with: {x: 1}, on_error: {goto: c}}\n",
            "when it fails the run goes on at `c`",
        ),
    ],
)
def test_reading_what_may_be_missing_is_doubtful(a: str, why: str) -> None:
    found = warnings(a + reads() + "  - {id: c, action: let}\n")

    assert found == [(4, 40, f"`steps.a` may have no value here: {why}")]


def test_a_step_that_a_goto_skips_may_be_missing() -> None:
    steps = (
        "  - {id: a, action: let, on_error: {goto: c}}\n  - {id: m, needs: a, action: let, with: {x: 1}}\n"
    )
    found = warnings(steps + '  - {id: c, action: let, with: {y: "{{ steps.m.x }}"}}\n')

    assert found == [(5, 40, "`steps.m` may have no value here: it is skipped when `a` fails")]


@pytest.mark.parametrize(
    "reader",
    [
        reads(template="{{ steps.a.x | default(0) }}"),
        reads(template="{{ 1 if steps.a is defined else 2 }}"),
        reads(template="{% if steps.a %}{{ steps.a.x }}{% endif %}"),
        reads(", if: status.a == 'completed'"),
        reads(", if: steps.a"),
        reads(", if: run.id == 'x'"),
        "  - id: g\n    if: steps.a.x is defined\n    steps:\n    " + reads().replace("\n", "\n    ") + "\n",
        "  - id: g\n    switch: status.a\n    cases: {completed: [" + reads().strip()[2:] + "]}\n",
        reads(template="{{ status.a }}"),
        "  - {id: b, needs: a, action: let}\n",
    ],
)
def test_a_guarded_reading_is_meant(reader: str) -> None:
    assert warnings(A + reader) == []


@pytest.mark.parametrize(
    "a",
    [
        "  - {id: a, action: let, with: {x: 1}, if: true, else: [{id: e, action: let, with: {x: 2}}]}\n",
        "  - {id: a, switch: run.id, cases: {x: [{id: x, action: let}]}, default: [{id: d, action: let}]}\n",
        "  - {id: a, action: let, with: {x: 1}, on_error: {value: {x: 2}}}\n",
    ],
)
def test_a_step_with_a_value_in_every_case_may_be_read(a: str) -> None:
    assert warnings(a + reads()) == []


def write(name: str, path: str = "out.txt", extra: str = "") -> str:
    return f"  - {{id: {name}, action: filesystem.write, with: {{path: {path}, content: x}}{extra}}}\n"


def test_two_unordered_writers_of_one_path_are_doubtful() -> None:
    assert warnings(write("a") + write("b")) == [
        (4, 10, "`a` and `b` write `out.txt`, and nothing says which comes first")
    ]


def test_writers_in_different_blocks_are_compared_too() -> None:
    group = "  - id: g\n    steps:\n    " + write("b").replace("\n", "\n    ") + "\n"
    assert len(warnings(write("a") + group)) == 1
    assert warnings(write("a") + group.replace("- id: g\n", "- id: g\n    needs: a\n")) == []


@pytest.mark.parametrize(
    "steps",
    [
        write("a") + write("b", extra=", needs: a"),
        write("a") + write("b", path="other.txt"),
        write("a") + write("m", path="m", extra=", needs: a") + write("b", extra=", needs: m"),
        write("a", path='"{{ run.id }}"') + write("b", path='"{{ run.id }}"'),
        "  - id: s\n    switch: run.id\n    cases: {x: ["
        + write("a").strip()[2:]
        + "], y: ["
        + write("b").strip()[2:]
        + "]}\n",
        "  - {id: g, action: let, on_error: {steps: [" + write("a").strip()[2:] + "]}}\n",
    ],
)
def test_writers_that_cannot_meet_are_fine(steps: str) -> None:
    assert warnings(steps) == []


def test_a_misspelt_error_class_is_doubtful() -> None:
    steps = "  - {id: a, action: let, retry: {on: [time_out, my_own]}}\n"
    assert warnings(steps) == [(3, 39, "no error class of ours is called `time_out`")]
