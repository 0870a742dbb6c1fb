"""What a test expected, held against what its run gave."""

import json
from collections.abc import Iterator
from difflib import unified_diff

from msgspec import Struct

from orchestrator.app.plain import plain, written
from orchestrator.app.result import RunResult
from orchestrator.compiler.pipeline_tests import last_id
from orchestrator.core.pipeline_test import Expected, PipelineTest
from orchestrator.core.schema import compile_schema
from orchestrator.errors import Location

_LONG = 60


class Difference(Struct, frozen=True, kw_only=True):
    """One expectation that was not met."""

    what: str
    """Such as `status`, `outputs.page`, `steps.digest`."""
    expected: str
    actual: str
    location: Location | None = None

    @property
    def diff(self) -> str:
        """Both, line by line where they have several."""
        old, new = self.expected.splitlines(), self.actual.splitlines()
        if len(old) < 2 and len(new) < 2:
            return f"- {self.expected}\n+ {self.actual}"
        return "\n".join(list(unified_diff(old, new, "expected", "actual", lineterm="", n=2))[2:])

    def as_data(self) -> dict[str, object]:
        """Return it as plain data."""
        return {
            "what": self.what,
            "expected": self.expected,
            "actual": self.actual,
            "at": str(self.location) if self.location else None,
        }


def differences(test: PipelineTest, result: RunResult) -> list[Difference]:
    """Return every expectation that a run did not meet."""
    found: list[Difference] = []
    if result.status != test.status:
        told = result.status
        if result.error is not None:
            told += (
                f": {result.error.step}: {result.error.message}"
                if result.error.step
                else f": {result.error.message}"
            )
        at = test.places.get("status", test.location)
        found.append(Difference(what="status", expected=test.status, actual=told, location=at))
    for name, expected in test.outputs.items():
        found += _output(name, expected, result)
    for path, status in test.steps.items():
        found += _step(path, status, result, test.places.get(f"steps.{path}", test.location))
    cost = result.cost or 0
    if test.max_cost is not None and cost > test.max_cost:
        at = test.places.get("max_cost", test.location)
        found.append(
            Difference(what="max_cost", expected=f"{test.max_cost} USD", actual=f"{cost} USD", location=at)
        )
    return found


def _output(name: str, expected: Expected, result: RunResult) -> Iterator[Difference]:
    value, what = result.outputs.get(name), f"outputs.{name}"
    if expected.schema is not None:
        for misfit in compile_schema(expected.schema)(value):
            where = ".".join((what, *map(str, misfit.path)))
            yield Difference(
                what=where,
                expected="a value that fits the schema",
                actual=misfit.message,
                location=expected.location,
            )
    elif _as_json(value) != _as_json(expected.value):
        yield Difference(
            what=what, expected=_text(expected.value), actual=_text(value), location=expected.location
        )


def _step(path: str, status: str, result: RunResult, at: Location | None) -> Iterator[Difference]:
    exact = [step for task, step in result.steps.items() if task == path]
    every = [step for task, step in result.steps.items() if last_id(task) == path]
    found = {step.status for step in exact or every} or {"not reached"}
    if found != {status}:
        yield Difference(
            what=f"steps.{path}", expected=status, actual=" and ".join(sorted(found)), location=at
        )


def _as_json(value: object) -> str:
    return json.dumps(plain(value), sort_keys=True)


def _text(value: object) -> str:
    if isinstance(value, str) and "\n" in value:
        return value
    short = written(value)
    return (
        short
        if len(short) <= _LONG
        else json.dumps(plain(value), indent=2, ensure_ascii=False, sort_keys=True)
    )
