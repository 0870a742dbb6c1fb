"""Expression text → tokens with exact offsets; one compiled pattern does the work.

A token is `(kind, text, start, end)`. The kind is `name`, `int`, `float`, `string`, `op` or `end`; the text is as written.
"""

import re

from orchestrator.errors import TemplateError

Token = tuple[str, str, int, int]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<name>[^\W\d]\w*)
    | (?P<close>[-+]?[%}]\})
    | (?P<op>//|\*\*|[=!<>]=|[-+*/%~()\[\]{}<>=.:|,])
    | (?P<float>(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+))
    | (?P<int>0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*)
    | (?P<string>'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")
    )""",
    re.VERBOSE | re.DOTALL,
)
_OPERATOR = re.compile(r"//|\*\*|[=!<>]=|[-+*/%~()\[\]{}<>=.:|,]")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_BRACKETS = frozenset("()[]{}")
_ADVICE = {
    "&": "write `and`.",
    "!": "write `not`, or `!=` to compare.",
    "?": "write `value if condition else other`.",
    "$": "names stand without `$`.",
    ";": "one expression per hole.",
}
_ENDS = {"}}": ("}}", "-}}"), "%}": ("%}", "-%}", "+%}"), "": ()}


def tokens_of(text: str, start: int, *, close: str, opened: int = 0) -> list[Token]:
    """Return the tokens from `start` to the closing mark, which becomes the `end` token.

    `close` is `}}`, `%}` or empty for the end of the text; `opened` is where the tag began, for messages.
    """
    tokens: list[Token] = []
    expected: list[str] = []
    ends = _ENDS[close]
    position = start
    while True:
        for found in _TOKEN.finditer(text, position):
            if found.start() != position:
                raise _odd_character(text, position)
            kind = found.lastgroup or ""
            value: str = found[kind]
            end = found.end()
            begin = end - len(value)
            if kind == "op":
                if value in _BRACKETS:
                    _balance(value, expected, begin)
            elif kind == "close":
                if not expected and value in ends:
                    tokens.append(("end", value, begin, end))
                    return tokens
                position = _part_of_close(text, begin, expected, tokens)
                break
            elif kind == "name" and not value.isidentifier():
                raise TemplateError(f"`{value}` is not a name", offset=begin, length=len(value))
            tokens.append((kind, value, begin, end))
            position = end
        else:
            tokens.append(_end_of_text(text, position, expected, close=close, opened=opened))
            return tokens


def _part_of_close(text: str, begin: int, expected: list[str], tokens: list[Token]) -> int:
    """Read the first operator of what looks like a closing mark but stands within brackets; return where it ends."""
    found = _OPERATOR.match(text, begin)
    value = found[0] if found else text[begin]
    if value in _BRACKETS:
        _balance(value, expected, begin)
    tokens.append(("op", value, begin, begin + len(value)))
    return begin + len(value)


def _balance(value: str, expected: list[str], begin: int) -> None:
    if value in _CLOSERS:
        expected.append(_CLOSERS[value])
    else:
        if not expected:
            hint = "a hole ends with `}}`." if value == "}" else "nothing was opened that it could close."
            raise TemplateError(f"unexpected `{value}`", offset=begin, hint=hint)
        wanted = expected.pop()
        if wanted != value:
            raise TemplateError(f"unexpected `{value}`, `{wanted}` is expected first", offset=begin)


def _end_of_text(text: str, position: int, expected: list[str], *, close: str, opened: int) -> Token:
    """Return the `end` token of a bare expression; inside a tag, the end of the text is an error."""
    if text[position:].strip():
        raise _odd_character(text, position)
    if close:
        raise TemplateError(
            f"this `{'{{' if close == '}}' else '{%'}` is never closed",
            offset=opened,
            length=2,
            hint=f"add `{close}` where it ends.",
        )
    if expected:
        raise TemplateError(f"`{expected[-1]}` is missing", offset=len(text), hint="close every bracket.")
    return ("end", "", len(text), len(text))


def _odd_character(text: str, position: int) -> TemplateError:
    while text[position].isspace():
        position += 1
    character = text[position]
    if character in "'\"":
        return TemplateError("this text is not closed", offset=position, hint=f"add the missing {character}.")
    hint = _ADVICE.get(character, "")
    return TemplateError(f"unexpected character {character!r}", offset=position, hint=hint)
