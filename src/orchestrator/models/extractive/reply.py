"""What the built-in model answers: a reply in words, or a value for a schema; what it cannot do it refuses."""

import re

from orchestrator.core.misfit import shortened
from orchestrator.core.model import ModelRequest
from orchestrator.core.schema import compile_schema
from orchestrator.errors import ActionError
from orchestrator.models.extractive.document import Document, read_document, stems, words
from orchestrator.models.extractive.extraction import Extractor, MissingFactError
from orchestrator.models.extractive.facts import kind_of, matches
from orchestrator.models.extractive.instruction import Instruction, read_instruction
from orchestrator.models.extractive.ranking import best_sentences, choose, cut, keywords

_HOW = (
    "configure a model: start a local server such as Ollama, or set OPENAI_API_KEY, or name one under `model`"
)
_MAKES = r"\b(?:write|generate|implement|create|produce|make|give|develop|build|compose|draft|invent|tell|fix|refactor|debug)\b"
_BEYOND = (
    (
        rf"{_MAKES}.*\b(?:code|functions?|scripts?|programs?|class|sql|query|regex|unit tests?|html|css|app)\b",
        "write code",
    ),
    (r"\btranslat", "translate"),
    (
        rf"{_MAKES}.*\b(?:poem|story|song|joke|essay|e-?mail|letter|tweet|slogan|ideas?|reply|dialogue|speech)\b",
        "compose texts",
    ),
    (r"\b(?:brainstorm|imagine|role-?play)", "have ideas"),
    (r"\b(?:calculate|compute|solve|prove)\b", "calculate"),
    (r"\b(?:rewrite|paraphrase|rephrase|proofread|correct the)\b", "rewrite"),
)
_SUMMARISING = re.compile(r"summar|condens|tl;?dr|digest|gist|key ?words?|extract|classif", re.IGNORECASE)
_QUESTION = re.compile(
    r"(?:what|who|whom|whose|when|where|why|which|how (?:many|much|long|old|far|often)|is|are|does|did)\b.*\?",
    re.IGNORECASE,
)
_TASK_TEXT = (
    "summarise summarize summary summaries summarised condense shorten digest extract list find name choose pick select"
    " classify categorise categorize decide answer describe explain identify tag keywords keyword write report text document"
    " article following below above brief short concise detailed sentence sentences paragraph words points point bullet"
    " bullets main key important one two three four five six seven eight nine ten best fit fits return read content"
    " please give json title headline topic"
)
_TASK_WORDS = frozenset(_TASK_TEXT.split())
_COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def reply_to(request: ModelRequest, warnings: list[str]) -> tuple[str, object]:
    """Return the answer as text and as data, and add to the warnings; raises ActionError."""
    instruction = read_instruction(request.prompt, request.system)
    _refuse_beyond(instruction)
    if request.schema is None:
        return _written(instruction, request.max_tokens, warnings), None
    value = _filled(instruction, request, warnings)
    return _as_json(value), value


def _refuse_beyond(instruction: Instruction) -> None:
    asked = instruction.asked.lower()
    for pattern, what in _BEYOND:
        if re.search(pattern, asked) and not _SUMMARISING.search(asked):
            raise _refusal(f"cannot {what}")
    if len(words(instruction.text)) < 2:
        raise _refusal(f"finds no text to work on in the prompt {shortened(instruction.asked)!r}")


def _refusal(why: str) -> ActionError:
    return ActionError(
        f"builtin:extractive {why}: it only picks sentences, choices and fields out of a given text\n→ {_HOW}",
        error_class="invalid_request",
    )


def _written(instruction: Instruction, tokens: int | None, warnings: list[str]) -> str:
    """Return the answer as text: a choice, key words, a title, found addresses, or the best sentences."""
    asked = instruction.asked
    document = read_document(instruction.text)
    options = _options(asked)
    if options:
        best, spoken_for = choose(options, document, asked)
        if not spoken_for:
            warnings.append(f"no word of the text speaks for any choice; took {best}")
        return best
    count = _count(asked)
    if re.search(r"\b(?:key ?words?|tags?)\b", asked, re.IGNORECASE):
        return ", ".join(keywords(document, count or 8))
    if re.search(r"\b(?:extract|list|find)\b.*\b(?:e-?mail|url|link|date|phone)", asked, re.IGNORECASE):
        kind = next((found for word in words(asked) if (found := kind_of(word.removesuffix("s")))), "")
        return "\n".join(matches(kind, instruction.text)) if kind else ""
    if re.search(r"\b(?:title|headline)\b", asked, re.IGNORECASE):
        return document.title or cut(" ".join(best_sentences(document, count=1, tokens=tokens)), 80)
    if _QUESTION.match(asked):
        return _replied(instruction, tokens)
    bullets = re.search(r"\b(?:bullets?|points|highlights|takeaways)\b", asked, re.IGNORECASE)
    sentences = best_sentences(
        document,
        count=count or _usual_count(asked, len(document.sentences)),
        tokens=tokens,
        query=_query(asked),
    )
    if not sentences:
        raise _refusal("finds no sentence in the text of the prompt")
    return "\n".join(f"- {sentence}" for sentence in sentences) if bullets else " ".join(sentences)


def _replied(instruction: Instruction, tokens: int | None) -> str:
    """Return the sentence that shares the most with a question."""
    document = read_document(instruction.text)
    wanted = stems(instruction.asked)
    most = max((len(each.stems & wanted) for each in document.sentences), default=0)
    near = tuple(each for each in document.sentences if most and len(each.stems & wanted) >= most)
    answer = best_sentences(Document(document.title, near), count=1, tokens=tokens, query=instruction.asked)
    if not answer:
        raise _refusal(f"finds nothing in the text about {shortened(instruction.asked)!r}")
    return answer[0]


def _filled(instruction: Instruction, request: ModelRequest, warnings: list[str]) -> object:
    schema = request.schema or {}
    hints = f"{request.system}\n{instruction.asked}\n{_definitions(request.prompt)}"
    extractor = Extractor(instruction.text, schema, hints=hints, query=_query(instruction.asked))
    try:
        value = extractor.value()
    except MissingFactError as missing:
        what = f"`{missing.path}`" if missing.path else "what is asked for"
        raise _refusal(f"does not find {what} in the text") from None
    misfits = compile_schema(schema)(value)
    if misfits:
        where = ".".join(str(part) for part in misfits[0].path) or "the answer"
        raise _refusal(f"cannot fill the schema from the text ({where}: {misfits[0].message})")
    warnings += extractor.doubts
    return value


def _options(asked: str) -> list[str]:
    """Return the choices that an instruction offers in its own words, as `one of: a, b or c`."""
    found = re.search(
        r"\b(?:one of(?: these| the following)?|either|classify .{0,40}?\bas|choose (?:from|between)|categories)"
        r"\b:?\s+(.+)",
        asked,
        re.IGNORECASE,
    )
    if not found:
        return []
    parts = re.split(r",\s*(?:or |and )?|\s+(?:or|and)\s+|\s*[/|]\s*", found[1].strip().rstrip(".:?"))
    options = [part.strip("\"'`() ") for part in parts if part.strip("\"'`() ")]
    return options if len(options) > 1 and all(len(option.split()) <= 3 for option in options) else []


def _definitions(prompt: str) -> str:
    """Return the short lines near the top that may explain choices, as `guide: how to do things`."""
    return "\n".join(line for line in prompt.split("\n")[:12] if len(line) < 120)


def _count(asked: str) -> int | None:
    found = re.search(
        r"\b(\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)(?: \w+){0,2}? "
        r"(?:sentences?|points?|bullets?|highlights|takeaways|key ?words?|tags|lines?)\b",
        asked,
        re.IGNORECASE,
    )
    if not found:
        return None
    word = found[1].lower()
    return max(1, int(word)) if word.isdigit() else _COUNTS.index(word) if word in _COUNTS else 1


def _usual_count(asked: str, sentences: int) -> int:
    if re.search(r"\b(?:brief|short|concise|tl;?dr)", asked, re.IGNORECASE):
        return 3
    if re.search(r"\b(?:detailed|thorough|long|full)", asked, re.IGNORECASE):
        return min(12, max(6, sentences // 6))
    return min(7, max(3, sentences // 12))


def _query(asked: str) -> str:
    return " ".join(word for word in words(asked) if word not in _TASK_WORDS)


def _as_json(value: object) -> str:
    from json import dumps

    return dumps(value, ensure_ascii=False)
