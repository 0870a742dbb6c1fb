"""Values for a pipeline's inputs, as the engine hands them from one file to another."""

from collections.abc import Mapping

from orchestrator.core.pipeline import Pipeline
from orchestrator.core.schema import compile_schema
from orchestrator.core.secret import Sealed, Secret
from orchestrator.errors import ActionError


def complete_inputs(pipeline: Pipeline, given: Mapping[str, object]) -> dict[str, object]:
    """Return the inputs with defaults filled in; raises `ActionError` naming every value that does not fit."""
    problems = [
        f"{name!r} is not an input of {pipeline.name!r}" for name in given if name not in pipeline.inputs
    ]
    values: dict[str, object] = {}
    for name, spec in pipeline.inputs.items():
        if name in given:
            values[name] = given[name]
            if not isinstance(given[name], Secret | Sealed):
                problems += [
                    f"{name}: {misfit.message}" for misfit in compile_schema(spec.schema)(given[name])
                ]
        elif spec.required:
            problems.append(f"{name!r} is required")
        else:
            values[name] = spec.default
    if problems:
        raise ActionError(
            f"inputs of {pipeline.name!r}: {'; '.join(problems)}", error_class="invalid_request"
        )
    return values
