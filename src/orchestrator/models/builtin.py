"""The built-in model: it takes sentences, choices and fields out of a text, and writes nothing of its own.

It stands in where no real model is configured, so that a pipeline can be tried with no key, no server and no network. The
same request always gives the same answer. What it cannot do it refuses with a sentence that says how to get a real model.
"""

import asyncio
from decimal import Decimal

from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse
from orchestrator.core.usage import Usage

NAME = "builtin:extractive"
NOTICE = "builtin is extractive: it only picks sentences, choices and fields out of the given text"
_LONG = 50_000
"""Characters beyond which reading takes long enough to be felt by other tasks of the event loop."""


class BuiltinModel:
    """The extractive model; says once what it is."""

    name = NAME
    profile = ModelProfile(structured=True, local=True)

    def __init__(self) -> None:
        self._noticed = False

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer from the text within the prompt; raises ActionError where that is not possible."""
        from orchestrator.models.extractive.reply import reply_to

        warnings: list[str] = [] if self._noticed else [NOTICE]
        if len(request.prompt) > _LONG:
            text, value = await asyncio.to_thread(reply_to, request, warnings)
        else:
            text, value = reply_to(request, warnings)
        self._noticed = True
        return ModelResponse(
            text=text,
            value=value,
            model=NAME,
            usage=Usage(requests=1, cost=Decimal(0)),
            warnings=tuple(warnings),
        )

    async def close(self) -> None:
        """Hold nothing."""
