"""What a pipeline hands out at its end."""

from orchestrator.core.failure import Failure
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.undefined import Undefined
from orchestrator.engine.result_data import without_undefined
from orchestrator.engine.scope import Scope
from orchestrator.engine.signals import FailedError
from orchestrator.errors import TemplateError


def render_outputs(pipeline: Pipeline, scope: Scope, *, step: str = "") -> dict[str, object]:
    """Return the outputs; raises `FailedError` naming those that cannot be evaluated."""
    outputs: dict[str, object] = {}
    problems: list[str] = []
    for name, template in pipeline.outputs.items():
        try:
            value = template.render(scope.names)
        except TemplateError as error:
            problems.append(f"output {name!r}: {error.message}")
            continue
        if isinstance(value, Undefined):
            problems.append(f"output {name!r}: {value.name} is not defined")
            continue
        outputs[name] = without_undefined(value)
    if problems:
        raise FailedError(Failure("template", "; ".join(problems), step))
    return outputs
