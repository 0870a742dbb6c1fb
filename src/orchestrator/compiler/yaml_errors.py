"""Faults of YAML itself, in words that say what to do."""

from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from orchestrator.compiler.text import Text
from orchestrator.errors import Problem

_QUOTE = 'quote the text: "…", or use a block (`|`) for longer ones.'
_ALIGN = "indent the keys of one mapping alike, with spaces, and check that brackets and quotes are closed."
_KNOWN: tuple[tuple[str, str, str], ...] = (
    ("mapping values are not allowed", "a `: ` stands where a value already is", _QUOTE),
    (
        "expected a single document",
        "the file holds a second document",
        "keep one pipeline per file: take the `---` away.",
    ),
    (
        "undefined alias",
        "the alias names no anchor above it",
        "mark what is meant with `&name` before `*name`.",
    ),
    ("duplicate anchor", "the anchor stands here a second time", "give it another name."),
    ("expected <block end>", "the indentation does not fit the lines above", _ALIGN),
    ("did not find expected key", "the indentation does not fit the lines above", _ALIGN),
    ("did not find expected '-' indicator", "the indentation does not fit the list above", _ALIGN),
    ("could not find expected ':'", "a key without `:`", "write `key: value`, or quote the text above."),
    ("unexpected end of stream", "a quote is not closed", "close the quote that opens here."),
    (
        "did not find expected ',' or",
        "a bracket is not closed",
        "close the bracket, or quote the text that holds it.",
    ),
    ("expected ',' or", "a bracket is not closed", "close the bracket, or quote the text that holds it."),
    ("unknown escape character", "an unknown escape", "write `\\\\` for a backslash, or use single quotes."),
    (
        "control characters are not allowed",
        "a control character",
        "take it away; a tab or line break may stay.",
    ),
)
_QUOTES = {
    "'": "write the text in double quotes, or the quote inside it twice: `''`.",
    '"': "write the text in single quotes, or a backslash before the quote inside it.",
}
_TABS = "found character that cannot start any token", "found character '\\t'"


def syntax_problem(error: Exception, text: Text) -> Problem:
    """Return what the YAML parser objected to, with its place."""
    if isinstance(error, UnicodeEncodeError):
        message = "a lone surrogate: this is no text"
        return Problem(message, text.location(error.start, 1), hint="save the file as UTF-8.")
    if isinstance(error, ReaderError):
        return _unreadable(error, text)
    if not isinstance(error, MarkedYAMLError):
        return Problem(str(error), text.location(0, 1))
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(text.content)) if mark else 0
    if index and index == len(text.content) and error.context_mark:
        index = error.context_mark.index
    problem = _too_deep(error, text, index) or _quote_inside(text, index)
    if problem is not None:
        return problem
    message, hint = _in_our_words(error, text, index)
    return Problem(message, text.location(index, 1), hint=hint)


def _too_deep(error: MarkedYAMLError, text: Text, index: int) -> Problem | None:
    """Tell of a key that is indented deeper than the one above, whose value stands on its line."""
    if not (error.problem or "").startswith("mapping values are not allowed"):
        return None
    before = text.content[:index]
    start = max(before.rfind("\n"), before.rfind("\r")) + 1
    key = before[start:].strip()
    above = before[:start].rstrip()
    line = text.line(len(above) - 1).lstrip("- ") if above else ""
    known, colon, _ = line.partition(": ")
    if not key.isidentifier() or not colon:
        return None
    return Problem(
        f"`{key}` is indented deeper than `{known}` above, which has a value already",
        text.location(before.index(key, start), len(key)),
        hint="indent both alike.",
    )


def _quote_inside(text: Text, index: int) -> Problem | None:
    """Tell of a text in quotes that goes on behind what was meant as an apostrophe or an inner quote."""
    quote, rest = text.content[index - 1 : index], text.content[index : index + 1]
    if quote not in _QUOTES or not rest.isalnum():
        return None
    message = f"the quote `{quote}` ends the text here, and more follows"
    return Problem(message, text.location(index - 1, 1), hint=_QUOTES[quote])


def _in_our_words(error: MarkedYAMLError, text: Text, index: int) -> tuple[str, str]:
    line = text.line(index)
    found = " ".join(part for part in (error.problem, error.context) if part)
    if "tab character" in found:
        return _bad_start("\t")
    if any(sign in found for sign in _TABS):
        return _bad_start(text.content[index : index + 1])
    if "{{" in line and '"{{' not in line and "'{{" not in line:
        return (
            "a template that stands for a whole value must be quoted",
            'write "{{ … }}" with quotes around it.',
        )
    for sign, message, hint in _KNOWN:
        if sign in found:
            return message, hint
    return f"this is no valid YAML: {found}", _ALIGN


def _bad_start(char: str) -> tuple[str, str]:
    if char == "\t":
        return "a tab cannot indent YAML", "indent with spaces."
    return f"a value cannot start with `{char}`", _QUOTE


def _unreadable(error: ReaderError, text: Text) -> Problem:
    from re import search

    found = search("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text.content)
    index = found.start() if found else 0
    code = f"U+{ord(found.group()):04X}" if found else str(error.reason)
    return Problem(
        f"the character {code} is not allowed in a file",
        text.location(index, 1),
        hint='take it away, or write it as an escape in double quotes: "\\x07".',
    )
