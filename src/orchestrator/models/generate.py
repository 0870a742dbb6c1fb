"""The action `generate`: ask a model, hold its answer to the step's `output`, try the next model of the chain if need be."""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256

from orchestrator.core.action import Action, ActionContext, ActionOutcome, ActionSpec, Effect, Params, Touch
from orchestrator.core.model import ModelRequest
from orchestrator.errors import ActionError, UserError
from orchestrator.models.advice import advise
from orchestrator.models.asking import Asking
from orchestrator.models.gateway import Ask, Caller, gateway
from orchestrator.models.routing import need_of
from orchestrator.models.selection import Choice, Draw, Selector

_PARAMETERS: dict[str, object] = {
    "type": "object",
    "properties": {
        "prompt": {
            "type": "string",
            "minLength": 1,
            "description": "What to ask, with the text it is about.",
        },
        "system": {"type": "string", "description": "Who the model is and how it answers."},
        "max_tokens": {"type": "integer", "minimum": 1, "description": "The longest answer, in tokens."},
        "temperature": {
            "type": "number",
            "minimum": 0,
            "maximum": 2,
            "description": "0 is steady, 1 is free.",
        },
    },
    "required": ["prompt"],
    "additionalProperties": False,
}


def generate_action(selector: Selector, ask: Ask | None = None) -> Action:
    """Return the action over the models that a selector knows, asked through a gateway."""
    way = ask or gateway()

    async def chain_for(
        context: ActionContext, request: ModelRequest, draw: Draw | None = None
    ) -> Sequence[Choice]:
        try:
            return await selector.select(
                context.model, need_of(request), draw=draw, tight=context.purse.tight
            )
        except UserError as error:
            raise ActionError(str(error), error_class="invalid_request") from error

    async def generate(parameters: Params, context: ActionContext) -> ActionOutcome:
        caller = Caller(run_id=context.run_id, task=context.task, purse=context.purse)
        request = _request(parameters, context)

        def chance() -> float:
            return context.randomness.random()

        chain = await chain_for(context, request, chance)
        return await Asking(request, way, caller).through(chain)

    async def who_answers(parameters: Params, context: ActionContext) -> object:
        """Name the models that will be asked: what `auto` means changes with what is configured."""
        chain = await chain_for(context, _request(parameters, context))
        return [choice.model.name for choice in chain]

    return Action(
        spec=ActionSpec(
            name="generate",
            description="Ask a model; with `output` the answer is data that fits it.",
            parameters=_PARAMETERS,
            effect=Effect.READ,
            runs="async",
            labels=frozenset({"model"}),
            digest=sha256(repr(_PARAMETERS).encode()).hexdigest(),
        ),
        function=generate,
        fingerprint=who_answers,
        advise=partial(advise, selector),
        touches=_touches,
    )


def _request(parameters: Params, context: ActionContext) -> ModelRequest:
    system, limit, temperature = (parameters.get(name) for name in ("system", "max_tokens", "temperature"))
    return ModelRequest(
        prompt=str(parameters["prompt"]),
        system=system if isinstance(system, str) else "",
        schema=context.output or None,
        max_tokens=int(limit) if isinstance(limit, int | float) else None,
        temperature=float(temperature) if isinstance(temperature, int | float) else None,
    )


def _touches(_parameters: Params) -> Sequence[Touch]:
    return (Touch(kind="model", what="…"),)
