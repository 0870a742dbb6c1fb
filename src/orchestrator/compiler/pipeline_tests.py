"""Tests of a pipeline: those under its own key `tests`, and those of a file beside it, which are read in the same way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast, get_args

from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.mappings import Entry, checked, wrong_kind
from orchestrator.compiler.origin import TOP, Origin, Place
from orchestrator.compiler.problems import Problems
from orchestrator.compiler.schema import EXPECT, FIXTURE_FAILURE, TEST, TESTS_FILE
from orchestrator.core.action import Action
from orchestrator.core.budget import dollars
from orchestrator.core.misfit import shown
from orchestrator.core.pipeline import Block, Pipeline
from orchestrator.core.pipeline_test import Expected, Fixture, PipelineTest
from orchestrator.core.plain import is_mapping
from orchestrator.core.schema import compile_schema
from orchestrator.core.status import TaskStatus
from orchestrator.core.suggestion import suggestion

_STATUSES = sorted({word for part in get_args(TaskStatus) for word in (get_args(part) or (part,))})


def read_tests(
    c: Compilation, entries: object, place: Place, *, steps: Iterable[str], outputs: Iterable[str]
) -> tuple[PipelineTest, ...]:
    """Return the tests of a list, with everything wrong in them reported; `c.inputs` are those of the pipeline.

    Args:
        c: Where problems go.
        entries: The list.
        place: Where it stands.
        steps: The ids of the pipeline's steps.
        outputs: The names of its outputs.
    """
    reader = _Reader(c, frozenset(steps), frozenset(outputs))
    found: list[PipelineTest] = []
    names: set[str] = set()
    for index, entry in enumerate(cast("list[object]", entries)):
        test = reader.test(entry, (place, index))
        if test is None:
            continue
        if test.name in names:
            c.problems.error(
                ((place, index), "name"), f"there are two tests named `{test.name}`", hint="rename one."
            )
        names.add(test.name)
        found.append(test)
    return tuple(found)


def compile_tests(
    text: str, *, file: str, pipeline: Pipeline, steps: Iterable[str]
) -> tuple[PipelineTest, ...]:
    """Return the tests of a file that stands beside a pipeline; raises `CompileError` with everything that is wrong.

    `steps` are the ids of the pipeline's steps.
    """
    from orchestrator.compiler.source import compose, plain_data
    from orchestrator.compiler.text import Text

    source = Text(text, file)
    root = compose(source)
    data = plain_data(root, source)
    problems = Problems(Origin(data, file=file, root=root, text=source))
    c = Compilation(
        file=file, problems=problems, actions=_NoActions(), blocks=_no_block, subpipeline=_no_pipeline
    )
    c.inputs = dict(pipeline.inputs)
    if not is_mapping(data):
        problems.error(
            TOP, f"a file of tests must be a mapping, not {shown(data)}", hint="write `tests:` at its top."
        )
        problems.raise_if_any()
    entry = checked(c, cast("Entry", data), TESTS_FILE, TOP)
    if "tests" not in cast("Entry", data):
        problems.error(TOP, "the file has no `tests`", hint="add `tests:` at its top level.")
    tests = read_tests(c, entry.get("tests", []), (TOP, "tests"), steps=steps, outputs=pipeline.outputs)
    problems.raise_if_any()
    return tests


class _Reader:
    def __init__(self, c: Compilation, steps: frozenset[str], outputs: frozenset[str]) -> None:
        self._c = c
        self._problems = c.problems
        self._steps = steps
        self._outputs = outputs

    def test(self, entry: object, place: Place) -> PipelineTest | None:
        if not is_mapping(entry):
            self._problems.error(
                place, f"a test must be a mapping, not {shown(entry)}", hint="write `name:` and `expect:`."
            )
            return None
        found = checked(self._c, entry, TEST, place)
        name = cast("str", found.get("name", ""))
        if not name.strip() and ("name" in found or "name" not in entry):
            self._problems.error(
                place, "the test has no `name`", hint="add `name:` with what it shows.", key=True
            )
        inputs, at = cast("Entry", found.get("inputs", {})), (place, "expect")
        self._check_inputs(inputs, (place, "inputs"), place)
        expect = checked(self._c, cast("Entry", found.get("expect", {})), EXPECT, at)
        steps = cast("Mapping[str, object]", expect.get("steps", {}))
        self._check_steps(steps, (at, "steps"))
        spots: dict[str, Place] = {key: (at, key) for key in ("status", "max_cost") if key in expect}
        spots |= {f"steps.{step}": ((at, "steps"), step) for step in steps}
        located = {key: self._problems.location(spot) for key, spot in spots.items()}
        return PipelineTest(
            name=name,
            inputs=inputs,
            fixtures=self._fixtures(cast("Entry", found.get("fixtures", {})), (place, "fixtures")),
            replay=cast("str", found.get("replay", "")),
            status=cast("str", expect.get("status", "completed")),
            outputs=self._expected(cast("Entry", expect.get("outputs", {})), (at, "outputs")),
            steps={step: str(status) for step, status in steps.items()},
            max_cost=dollars(expect.get("max_cost")),
            file=self._c.file,
            location=self._problems.location(place),
            places={key: location for key, location in located.items() if location},
        )

    def _check_inputs(self, inputs: Entry, place: Place, around: Place) -> None:
        specs = self._c.inputs
        for name, value in inputs.items():
            spec = specs.get(name)
            if spec is None:
                hint = suggestion(name, specs, kind="the inputs are") or "this pipeline takes no inputs."
                self._problems.error((place, name), f"there is no input `{name}`", hint=hint, key=True)
                continue
            for misfit in compile_schema(spec.schema)(value):
                where: Place = (place, name)
                for step in misfit.path:
                    where = (where, step)
                self._problems.error(where, misfit.message, hint=misfit.hint)
        for name, spec in specs.items():
            if spec.required and name not in inputs:
                self._problems.error(
                    place if inputs else around,
                    f"the test gives no value for the input `{name}`",
                    hint="add it under `inputs`.",
                )

    def _fixtures(self, entry: Entry, place: Place) -> dict[str, Fixture]:
        found: dict[str, Fixture] = {}
        for step, value in entry.items():
            self._known_step(step, step, (place, step))
            if is_mapping(value) and list(value) == ["fail"]:
                found[step] = self._failing(value["fail"], ((place, step), "fail"))
            else:
                found[step] = Fixture(value=value)
        return found

    def _failing(self, value: object, place: Place) -> Fixture:
        if type(value) is str:
            return Fixture(failure=("failed", value))
        if not is_mapping(value):
            wrong_kind(self._c, "fail", FIXTURE_FAILURE["message"].kind, value, place)
            return Fixture()
        failure = checked(self._c, value, FIXTURE_FAILURE, place)
        return Fixture(
            failure=(str(failure.get("class", "failed")), str(failure.get("message", "it was told to fail")))
        )

    def _check_steps(self, entry: Mapping[str, object], place: Place) -> None:
        for path, status in entry.items():
            self._known_step(last_id(path), path, (place, path))
            if status not in _STATUSES:
                hint = suggestion(str(status), _STATUSES, kind="they are")
                self._problems.error((place, path), f"{shown(status)} is no status of a step", hint=hint)

    def _known_step(self, step: str, path: str, place: Place) -> None:
        if step not in self._steps:
            hint = suggestion(str(step), self._steps, kind="the steps are")
            self._problems.error(place, f"there is no step `{path}`", hint=hint, key=True)

    def _expected(self, entry: Entry, place: Place) -> dict[str, Expected]:
        found: dict[str, Expected] = {}
        for name, value in entry.items():
            where = (place, name)
            if name not in self._outputs:
                hint = (
                    suggestion(str(name), self._outputs, kind="the outputs are")
                    or "this pipeline has no outputs."
                )
                self._problems.error(where, f"there is no output `{name}`", hint=hint, key=True)
            location = self._problems.location(where)
            found[name] = Expected(value=value, location=location)
            if is_mapping(value) and list(value) == ["schema"]:
                found[name] = Expected(
                    schema=self._schema(value["schema"], (where, "schema")), location=location
                )
        return found

    def _schema(self, value: object, place: Place) -> Mapping[str, object]:
        if not is_mapping(value):
            self._problems.error(place, f"a JSON Schema must be a mapping, not {shown(value)}")
            return {}
        try:
            compile_schema(value)
        except ValueError as error:
            self._problems.error(place, f"this is no valid JSON Schema: {error}")
            return {}
        return value


def last_id(path: str) -> str:
    """Return the id of the step that a task's path, such as `digest[3].text` or `refine#2.judge`, ends with."""
    last = str(path).rpartition(".")[2].partition("~undo")[0]
    return last.partition("[")[0].partition("#")[0].partition("/")[0]


class _NoActions:
    def find(self, name: str) -> Action | None:
        """Find nothing: tests name no actions."""
        del name

    def names(self) -> Sequence[str]:
        """Return nothing."""
        return ()


def _no_block(*_: object, **__: object) -> Block:
    raise AssertionError("tests have no steps of their own")


def _no_pipeline(*_: object) -> None:
    raise AssertionError("tests run no other files")
