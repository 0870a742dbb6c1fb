"""Other files that a pipeline runs: compiled with it where they are named literally, their inputs checked."""

from typing import cast

from orchestrator.compiler.auto_tags import is_computed
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import View
from orchestrator.compiler.origin import Place
from orchestrator.compiler.references import nearest_hint
from orchestrator.compiler.shapes import UNKNOWN, closed
from orchestrator.core.pipeline import InputSpec, Pipeline
from orchestrator.core.schema import compile_schema
from orchestrator.expressions import is_template


def read_subpipeline(c: Compilation, parameters: dict[str, object], place: Place, view: View) -> None:
    """Compile the file of a `pipeline.run` step, unless its name is computed."""
    name = parameters.get("file")
    if type(name) is not str or is_computed(name):
        return
    pipeline = c.pipelines.get(name) or c.subpipeline(c, name, (place, "file"))
    if pipeline is None:
        return
    c.pipelines[name] = pipeline
    c.own_shapes[view.draft.ids[view.at]] = closed(dict.fromkeys(pipeline.outputs, UNKNOWN))
    inputs = parameters.get("inputs", {})
    if type(inputs) is dict:
        _check_inputs(
            c, name, pipeline, cast("dict[str, object]", inputs), place, given="inputs" in parameters
        )


def _check_inputs(
    c: Compilation, name: str, pipeline: Pipeline, inputs: dict[str, object], place: Place, *, given: bool
) -> None:
    at: Place = (place, "inputs") if given else (place, "file")
    for key, value in inputs.items():
        spec = pipeline.inputs.get(key)
        if spec is None:
            hint = nearest_hint(c, key, list(pipeline.inputs), "its inputs are") or "it has no inputs."
            c.problems.error((at, key), f"`{name}` has no input `{key}`", hint=hint, key=True)
        elif not _moves(value):
            _check_value(c, spec, value, (at, key))
        elif spec.type != "secret":
            _check_secrets(c, name, key, value, (at, key))
    for key, spec in pipeline.inputs.items():
        if spec.required and key not in inputs:
            c.problems.error(
                at, f"`{name}` needs the input `{key}`", hint=f"add `{key}: …` under `inputs`.", key=given
            )


def _check_value(c: Compilation, spec: InputSpec, value: object, place: Place) -> None:
    for misfit in compile_schema(spec.schema)(value):
        where = place
        for step in misfit.path:
            where = (where, step)
        c.problems.error(where, misfit.message, hint=misfit.hint)


def _check_secrets(c: Compilation, name: str, key: str, value: object, place: Place) -> None:
    """A secret may only go where it stays one."""
    if not c.secrets or type(value) is not str or not is_template(value):
        return
    for reference in c.templates.template(value).references:
        if reference.path[0] == "inputs" and len(reference.path) > 1 and reference.path[1] in c.secrets:
            message = f"a secret goes to `{key}` of `{name}`, which is not an input of it"
            hint = f"declare `{key}` there with `type: secret`."
            c.problems.error_inside(
                place, message, offset=reference.offset, length=reference.length, hint=hint
            )


def _moves(value: object) -> bool:
    """Tell whether a value has templates in it."""
    if type(value) is str:
        return is_computed(value)
    if type(value) is dict:
        return any(_moves(item) for item in cast("dict[str, object]", value).values())
    return type(value) is list and any(_moves(item) for item in cast("list[object]", value))
