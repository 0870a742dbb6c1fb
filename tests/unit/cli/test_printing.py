"""Results, plans and documents as they are printed."""

import io
import json

import pytest

from doubles.pipelines import Actions, Text, block, call, pipeline, step
from orchestrator.app.plan import plan_of
from orchestrator.app.result import RunResult, StepResult
from orchestrator.cli.document import print_document, print_line
from orchestrator.cli.plan import print_plan
from orchestrator.cli.results import counted, print_ending, print_outputs, value_text
from orchestrator.cli.terminal import Paper
from orchestrator.core.failure import Failure
from orchestrator.core.ids import RunId, TaskPath
from orchestrator.core.pipeline import ForEach, InputSpec
from orchestrator.core.policy import Retry
from orchestrator.errors import Problem


def test_outputs_stand_under_their_names() -> None:
    stream = io.StringIO()
    print_outputs(
        Paper(stream), {"n": 3, "text": "two\nlines", "list": [1, "a"], "long": ["x" * 50, "y" * 50]}
    )
    assert stream.getvalue() == (
        'n: 3\ntext:\n  two\n  lines\nlist: [1, "a"]\nlong:\n  [\n    "'
        + "x" * 50
        + '",\n    "'
        + "y" * 50
        + '"\n  ]\n'
    )


def test_values_are_told_as_people_read_them() -> None:
    assert value_text(None) == "null"
    assert value_text({"a": 1.0}) == '{"a": 1.0}'
    assert counted(1, "task") == "1 task"
    assert counted(2000, "task") == "2,000 tasks"


def ending(result: RunResult, *, brief: bool = False) -> list[str]:
    stream = io.StringIO()
    print_ending(Paper(stream), result, brief=brief)
    return stream.getvalue().splitlines()


BROKEN = Failure("timeout", "too long", "a")


def result(status: str, **fields: object) -> RunResult:
    return RunResult(
        run_id=RunId("r"),
        pipeline="demo",
        status=status,
        outputs={},
        created_at=10.0,
        ended_at=11.5,
        **fields,
    )  # type: ignore[arg-type]


def test_a_good_end_is_one_line() -> None:
    assert ending(result("completed", steps={TaskPath("a"): StepResult(status="completed")})) == [
        "✓ demo completed  1.5 s · 1 task"
    ]


def test_a_bad_end_says_what_failed_and_where_to_look() -> None:
    steps = {
        TaskPath("a"): StepResult(status="failed", error=BROKEN),
        TaskPath("b"): StepResult(status="failed", error=BROKEN),
    }
    assert ending(result("failed", steps=steps, error=BROKEN, warnings=("careful",))) == [
        "✗ demo failed  1.5 s · 2 tasks",
        "  warning: careful",
        "  ✗ b: too long",
        "  error: a: too long",
        "  → see what it did with: py-orc show r",
    ]


def test_below_a_tree_the_failures_are_not_repeated() -> None:
    steps = {TaskPath("b"): StepResult(status="failed", error=BROKEN)}
    assert not any("b: too long" in line for line in ending(result("partial", steps=steps), brief=True))


def test_a_waiting_run_says_how_to_decide() -> None:
    (line,) = ending(result("waiting", steps={TaskPath("a[0].b"): StepResult(status="in_doubt")}))[1:]
    assert line == (
        "  → did a[0].b happen? Then: py-orc resume r --done 'a[0].b=VALUE'; "
        "to do it again: py-orc resume r --again 'a[0].b'"
    )


def test_a_cancelled_run_leaves_a_doubt_open() -> None:
    (line,) = ending(result("cancelled", steps={TaskPath("a"): StepResult(status="in_doubt")}))[1:]
    assert line == "  → whether a happened stays open: look there yourself"


def test_a_plan_is_printed_level_by_level() -> None:
    spec = InputSpec(name="who", type="string", schema={}, required=True)
    plan = plan_of(
        pipeline(
            block(
                step(
                    "ask",
                    call("generate"),
                    model=["a:b", "c:d"],
                    condition=Text("{{ inputs.who }}"),
                    retry=Retry(attempts=2),
                ),
                step("each", ForEach(items=Text("{{ x }}"), body=block(step("in")))),
                step("other", otherwise=block(step("e"))),
                after={"each": ["ask"], "other": ["ask"]},
            ),
            inputs={"who": spec},
            on_failure=block(step("tell")),
            max_parallel=3,
            warnings=(Problem("careful"),),
        ),
        Actions(generate="read", let="pure"),
    )
    stream = io.StringIO()
    print_plan(Paper(stream), plan)
    assert stream.getvalue().splitlines() == [
        "demo  ",
        "  input who: string, required",
        "1",
        "  ask  generate  reads · model a:b, then c:d · up to 2 attempts",
        "    if inputs.who",
        "2 (together)",
        "  each  for_each",
        "    ↻ each item in x",
        "      1",
        "        in  let  pure",
        "  other  let  pure",
        "    else",
        "      1",
        "        e  let  pure",
        "on failure",
        "  1",
        "    tell  let  pure",
        "6 steps: 4 pure, 1 reads, at most 3 at a time",
        "warning: careful",
    ]


@pytest.mark.parametrize("printer", [print_document, print_line])
def test_documents_hold_numbers_of_any_size(printer: object, capsys: pytest.CaptureFixture[str]) -> None:
    printer({"big": 2**70, "text": "ü"})  # type: ignore[operator]
    assert json.loads(capsys.readouterr().out) == {"big": 2**70, "text": "ü"}
