"""The built-in model, for trying pipelines with no key: it picks sentences, choices and fields out of a text, always the same."""

import asyncio
from decimal import Decimal

from orchestrator.core.model import ModelProfile, ModelRequest, ModelResponse
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError

NAME = "builtin:extractive"
NOTICE = "builtin is extractive: it only picks sentences, choices and fields out of the given text"
LONGEST_PROMPT = 100_000  # characters; the rest is not read
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TASKS = "bullet choose condense digest extract find give list name point sentence shorten summarise summarize summary"


class BuiltinModel:
    """The extractive model; says once what it is."""

    name = NAME
    profile = ModelProfile(structured=True, local=True)

    def __init__(self) -> None:
        self._notices = [NOTICE]

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer from the text within the prompt; raises ActionError where that is not possible."""
        text, value = await asyncio.to_thread(_reply, request)  # a long text would hold up the event loop
        notices, self._notices = self._notices, []
        if len(request.prompt) > LONGEST_PROMPT:
            notices.append(f"only the first {LONGEST_PROMPT:,} characters of the prompt were read")
        usage = Usage(requests=1, cost=Decimal(0))
        return ModelResponse(text=text, value=value, model=NAME, usage=usage, warnings=tuple(notices))

    async def close(self) -> None:
        """Hold nothing."""


def _reply(request: ModelRequest) -> tuple[str, object]:
    from json import dumps

    from orchestrator.core.schema import compile_schema
    from orchestrator.models.answer import described
    from orchestrator.models.extractive.document import read_document, stems
    from orchestrator.models.extractive.extraction import Extractor, cut
    from orchestrator.models.extractive.ranking import best_sentences

    prompt = request.prompt[:LONGEST_PROMPT].strip()
    asked, text = _parted(prompt, request.system)
    document, wish = read_document(text), stems(asked)
    if not document.sentences or not (request.schema or wish & stems(_TASKS) or "?" in asked):
        raise _refusal("finds no text, or nothing that it can do, in the prompt")
    if request.schema is None:
        said, room = asked.lower().split(), 4 * (request.max_tokens or LONGEST_PROMPT)  # characters
        counts = [number for number, word in enumerate(_COUNTS, 1) if word in said or str(number) in said]
        count = counts[0] if counts else 1 if "?" in asked else 3
        sentences = best_sentences(document, count, wish - stems(_TASKS), room=room)
        start, between = ("- ", "\n- ") if wish & stems("bullet point") else ("", " ")
        return cut(start + between.join(sentences), room), None
    lines = (line.partition(":") for line in prompt[:2_000].split("\n"))
    meanings = {choice.strip(" -*").lower(): meaning for choice, _, meaning in lines}
    value = next(Extractor(document, meanings).values({"description": asked, **request.schema}), None)
    if misfits := compile_schema(request.schema)(value):
        raise _refusal(f"cannot fill the schema from the text ({described(misfits)})")
    return dumps(value, ensure_ascii=False), value


def _parted(prompt: str, system: str) -> tuple[str, str]:
    """Return what is asked, and the text: in a tag, else all where a system text asks, else after the first line."""
    before, tag, rest = prompt.partition("<document>")
    if tag:
        return before + rest.partition("</document>")[2], rest.partition("</document>")[0]
    head, _, rest = prompt.partition("\n" if "\n" in prompt else ": ")
    return f"{system}\n{head}", prompt if system else rest


def _refusal(why: str) -> ActionError:
    return ActionError(
        f"{NAME} {why}: it only picks sentences, choices and fields out of a given text\n"
        "→ configure a model: start a local server such as Ollama, set OPENAI_API_KEY, or name one under `model`",
        error_class="invalid_request",
    )
