"""Models that answer from a script."""

from collections.abc import Callable, Mapping

from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse
from orchestrator.core.usage import NO_USAGE, Usage

Answer = (
    str | Mapping[str, object] | list[object] | ModelResponse | Exception | Callable[[ModelRequest], object]
)


class ScriptedModel:
    """A `core.model.Model` that gives its answers one after the other; its name says `scripted:`.

    A text is the text of the response, a mapping or list its value, an exception is raised, and a function is asked with
    the request for any of these. Asking for more than the script holds is a mistake of the test: AssertionError.
    """

    def __init__(
        self,
        *answers: Answer,
        name: str = "script",
        usage: Usage = NO_USAGE,
        profile: ModelProfile | None = None,
    ) -> None:
        self.name = f"scripted:{name}"
        self.profile = profile or ModelProfile(structured=True)
        self.requests: list[ModelRequest] = []
        self.is_closed = False
        self._answers = answers
        self._usage = usage

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Give the next answer."""
        self.requests.append(request)
        if len(self.requests) > len(self._answers):
            raise AssertionError(
                f"{self.name} has {len(self._answers)} answers and was asked again: {request.prompt[:80]!r}"
            )
        answer: object = self._answers[len(self.requests) - 1]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, ModelResponse):
            return answer
        text = answer if isinstance(answer, str) else ""
        value = None if isinstance(answer, str) else answer
        return ModelResponse(text=text, value=value, model=self.name, usage=self._usage)

    async def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True
