"""Other files as nested scopes: inputs, outputs, limits, failures, attempts, names known only at run time."""

from collections.abc import Mapping

import pytest
import yaml

from orchestrator.compiler import compile_document
from orchestrator.errors import CompileError, Problem
from scenarios.lab import Lab


class Shelf:
    """A `PipelineLoader` over texts."""

    def __init__(self, table, files: Mapping[str, str]):
        self._table, self._files = table, files
        self.loads: list[str] = []

    async def load(self, file, *, relative_to):
        self.loads.append(file)
        if file not in self._files:
            raise CompileError([Problem(f"there is no file {file}")])
        return self._compiled(yaml.safe_load(self._files[file]))

    def keep(self, pipeline):
        return pipeline.document

    async def restore(self, kept):
        return self._compiled(kept)

    def _compiled(self, document):
        return compile_document({"name": "child", **document}, actions=self._table)


def files(main: str, **others: str):
    """Return a lab for a pipeline that names the others only at run time, and how to run it."""
    place = Lab(lambda table: compile_document({"name": "main", **yaml.safe_load(main)}, actions=table))
    shelf = Shelf(place.table, others)
    return place, shelf


MAIN = """
steps:
- {id: name, action: let, with: {file: child}}
- {id: sub, action: pipeline.run, with: {file: "{{ steps.name.file }}", inputs: {n: 2}}%s}
outputs: {all: "{{ steps.sub }}"}
"""
CHILD = """
inputs: {n: {type: integer}, more: {type: integer, default: 5}}
steps: [{id: a, action: let, with: {v: "{{ inputs.n + inputs.more }}"}}, {id: t, action: test.tick, with: {key: child}}]
outputs: {sum: "{{ steps.a.v }}", run: "{{ run.id }}"}
"""


def test_a_file_named_at_run_time_gets_its_inputs_and_gives_its_outputs_killed_anywhere():
    place, shelf = files(MAIN % "", child=CHILD)
    whole = place.run(loader=shelf)
    assert whole.state.outputs == {"all": {"sum": 7, "run": "0197-run"}}
    for kill_at in range(len(whole.records) - 1):
        place, shelf = files(MAIN % "", child=CHILD)
        broken = place.run(kill_at=kill_at, loader=shelf)
        known = any(getattr(record, "what", "") == "pipeline" for record in broken.records)
        shelf.loads.clear()
        resumed = place.run(earlier=broken.records, loader=shelf)
        assert resumed.state.outputs == whole.state.outputs
        assert shelf.loads == ([] if known else ["child"])


@pytest.mark.parametrize(
    ("child", "message"),
    [
        (CHILD.replace("n: {type: integer}", "n: {type: integer, minimum: 3}"), "inputs of 'child': n:"),
        (
            CHILD.replace("n: {type: integer}", "other: {type: integer}").replace("inputs.n", "inputs.other"),
            "is not an input",
        ),
        (CHILD.replace('"{{ steps.a.v }}"', '"{{ steps.a.v / 0 }}"'), "output 'sum'"),
        (CHILD.replace("inputs.n +", "inputs.n / 0 +"), "zero"),
    ],
)
def test_what_does_not_fit_fails_the_step(child, message):
    place, shelf = files(MAIN % "", child=child)
    outcome = place.run(loader=shelf)
    assert outcome.error is None
    assert outcome.state.status == "failed"
    assert message in outcome.state.failure.message


def test_a_file_that_is_not_there_is_an_invalid_request():
    place, shelf = files(MAIN % "")
    assert place.run(loader=shelf).state.failure.error_class == "invalid_request"
    assert "no access to files" in place.run().state.failure.message


def test_parameters_that_are_no_mapping_are_refused():
    place, shelf = files(
        MAIN.replace("inputs: {n: 2}", 'inputs: "{{ steps.any }}"').replace(
            "- {id: sub", "- {id: any, action: test.echo, with: {value: text}}\n- {id: sub"
        )
        % "",
        child=CHILD,
    )
    outcome = place.run(loader=shelf)
    assert outcome.error is None
    assert outcome.state.failure.error_class == "invalid_request"


def test_files_that_run_themselves_for_ever_are_stopped_at_sixteen():
    endless = 'steps: [{id: n, action: let, with: {f: child}}, {id: sub, action: pipeline.run, with: {file: "{{ steps.n.f }}"}}]'
    place, shelf = files((MAIN % "").replace(", inputs: {n: 2}", ""), child=endless)
    outcome = place.run(loader=shelf)
    assert "more than 16 deep" in outcome.state.failure.message
    assert outcome.state.failure.error_class == "invalid_request"
    assert outcome.left_over == []


def test_its_own_limits_hold():
    child = """
max_parallel: 1
timeout: 5s
steps: [{id: a, for_each: [2, 2], action: test.slow, with: {seconds: "{{ item }}", value: 1}}%s]
"""
    place, shelf = files((MAIN % "").replace(", inputs: {n: 2}", ""), child=child % "")
    outcome = place.run(loader=shelf)
    assert outcome.state.status == "completed"
    assert outcome.elapsed == 4
    place, shelf = files(
        (MAIN % "").replace(", inputs: {n: 2}", ""),
        child=child % ", {id: b, action: test.slow, with: {seconds: 99, value: 1}}",
    )
    outcome = place.run(loader=shelf)
    assert outcome.state.failure.error_class == "timeout"
    assert "'child' took longer than its timeout of 5 s" in outcome.state.failure.message
    assert outcome.left_over == []


def test_its_on_failure_runs_and_hides_nothing():
    child = """
steps: [{id: a, action: fail, with: {message: broken}}]
on_failure: [{id: tell, action: test.tick, with: {key: told}}, {id: bad, needs: tell, action: fail, with: {message: also}}]
"""
    place, shelf = files((MAIN % "").replace(", inputs: {n: 2}", ""), child=child)
    outcome = place.run(loader=shelf)
    assert outcome.state.failure.message == "broken"
    assert outcome.world == {"told": 1}
    assert any("on_failure" in warning for warning in outcome.state.warnings)


def test_a_file_is_tried_again_with_tasks_of_its_own_killed_anywhere():
    child = """
steps: [{id: t, action: test.tick, with: {key: tries}}, {id: f, if: "{{ steps.t < 3 }}", action: fail, with: {message: early}}]
outputs: {tries: "{{ steps.t }}"}
"""
    main = (MAIN % ", retry: {attempts: 3, backoff: 10s, jitter: 0}").replace(", inputs: {n: 2}", "")
    main = main.replace("retry: {", "retry: {'on': [failed], ")
    place, shelf = files(main, child=child)
    whole = place.run(loader=shelf)
    assert whole.state.outputs == {"all": {"tries": 3}}
    assert whole.elapsed == pytest.approx(30)
    assert whole.statuses()["sub~3.t"] == "completed"
    assert whole.state.tasks["sub"].crashes == 0
    for kill_at in range(len(whole.records) - 1):
        place, shelf = files(main, child=child)
        broken = place.run(kill_at=kill_at, loader=shelf)
        resumed = place.run(earlier=broken.records, loader=shelf)
        assert resumed.state.status == "completed", kill_at


def test_a_result_that_does_not_fit_its_output_fails():
    place, shelf = files(MAIN % ", output: {type: object, required: [total]}", child=CHILD)
    assert place.run(loader=shelf).state.failure.error_class == "bad_output"


def test_what_it_did_is_undone_when_the_run_fails():
    child = "steps: [{id: a, action: test.put, with: {key: a, value: 1}, undo: true}]"
    main = (
        (MAIN % "")
        .replace(", inputs: {n: 2}", "")
        .replace("outputs:", "- {id: f, needs: sub, action: fail, with: {message: over}}\noutputs:")
    )
    place, shelf = files(main, child=child)
    outcome = place.run(loader=shelf)
    assert outcome.state.status == "failed"
    assert outcome.world == {}
    assert outcome.statuses()["sub.a"] == "undone"
