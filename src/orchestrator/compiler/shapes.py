"""What is known about values before a run, as JSON Schemas."""

from collections.abc import Mapping

from orchestrator.core.pipeline import Block, Call, ForEach, Loop, Step, Switch

Shape = Mapping[str, object]

UNKNOWN: Shape = {}


def closed(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the shape of a mapping with these fields and no others."""
    return {"type": "object", "properties": fields, "additionalProperties": False}


POSITION: Shape = closed(
    {
        "index": {"type": "integer"},
        "index0": {"type": "integer"},
        "first": {"type": "boolean"},
        "last": {"type": "boolean"},
        "length": {"type": "integer"},
    }
)
"""`loop` in a `for_each`."""
ITERATION: Shape = closed({"iteration": {"type": "integer"}, "previous": UNKNOWN})
"""`loop` in a `while` or `until`."""
RUN: Shape = closed({"id": {"type": "string"}, "started_at": {"type": "number"}, "date": {"type": "string"}})
FAILURE: Shape = closed(
    {
        "class": {"type": "string"},
        "message": {"type": "string"},
        "step": {"type": "string"},
        "attempt": {"type": "integer"},
        "retryable": {"type": "boolean"},
    }
)
STATUSES: Shape = {"type": "object", "additionalProperties": {"type": "string"}}
FAILURES: Shape = {"type": "object", "additionalProperties": FAILURE}


def step_shape(step: Step, known: Mapping[str, Shape], own: Shape) -> Shape:
    """Return the shape of a step's value; `known` are those of inner steps, `own` that of its call or `value`."""
    if step.otherwise is not None or any(rule.value or rule.handler for rule in step.on_error):
        return UNKNOWN
    body = step.body
    kind = type(body)
    if kind is Call:
        return step.output or own
    if isinstance(body, Block):
        return _block_shape(body, known, own)
    if isinstance(body, Switch):
        return UNKNOWN
    if isinstance(body, ForEach) and body.reduce is not None:
        return UNKNOWN
    inner = body.body if isinstance(body, ForEach | Loop) else None
    item = _block_shape(inner, known, own) if isinstance(inner, Block) else step.output or own
    return {"type": "array", "items": item}


def _block_shape(block: Block, known: Mapping[str, Shape], own: Shape) -> Shape:
    if block.value is not None:
        return own
    return closed({step.id: known.get(step.id, UNKNOWN) for step in block.steps})
