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
    | (?P<float>(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?[eE][+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+))
    | (?P<int>0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*)
    | (?P<string>'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")
    | (?P<op>//|\*\*|[=!<>]=|[-+*/%~()\[\]{}<>=.:|,])
    )""",
    re.VERBOSE | re.DOTALL,
)
_OPERATOR = re.compile(r"//|\*\*|[=!<>]=|[-+*/%~()\[\]{}<>=.:|,]")
_SPACE = re.compile(r"\s*")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_ENDS = {"}}": ("}}", "-}}"), "%}": ("%}", "-%}", "+%}"), "": ()}


def tokens_of(text: str, start: int, *, close: str, opened: int = 0) -> list[Token]:
    """Return the tokens from `start` to the closing mark, which becomes the `end` token.

    `close` is `}}`, `%}` or empty for the end of the text; `opened` is where the tag began, for messages.
    """
    tokens: list[Token] = []
    expected: list[str] = []
    ends = _ENDS[close]
    match = _TOKEN.match
    position = start
    while True:
        found = match(text, position)
        if found is None:
            position = _odd_token(text, position, tokens, close=close, opened=opened)
            if tokens and tokens[-1][0] == "end":
                _check_balance(expected, tokens)
                return tokens
            continue
        kind: str = found.lastgroup or ""
        value: str = found[kind]
        position = found.end()
        begin = position - len(value)
        if kind == "name":
            if not value.isidentifier():
                raise TemplateError(f"`{value}` is not a name", offset=begin, length=len(value))
        elif kind == "close":
            if not expected and value in ends:
                tokens.append(("end", value, begin, position))
                return tokens
            kind = "op"
            value = _operator_at(text, begin)
            position = begin + len(value)
        if kind == "op":
            _balance(value, expected, begin)
        tokens.append((kind, value, begin, position))


def _operator_at(text: str, begin: int) -> str:
    found = _OPERATOR.match(text, begin)
    return found[0] if found else text[begin]


def _balance(value: str, expected: list[str], begin: int) -> None:
    if value in _CLOSERS:
        expected.append(_CLOSERS[value])
    elif value in {")", "]", "}"}:
        if not expected:
            hint = "a hole ends with `}}`." if value == "}" else "nothing was opened that it could close."
            raise TemplateError(f"unexpected `{value}`", offset=begin, hint=hint)
        wanted = expected.pop()
        if wanted != value:
            raise TemplateError(f"unexpected `{value}`, `{wanted}` is expected first", offset=begin)


def _check_balance(expected: list[str], tokens: list[Token]) -> None:
    if expected:
        raise TemplateError(f"`{expected[-1]}` is missing", offset=tokens[-1][2], hint="close every bracket.")


def _odd_token(text: str, position: int, tokens: list[Token], *, close: str, opened: int) -> int:
    """Read the end of the text; anything else is an error."""
    space = _SPACE.match(text, position)
    position = space.end() if space else position
    if position >= len(text):
        if close:
            raise TemplateError(
                f"this `{'{{' if close == '}}' else '{%'}` is never closed",
                offset=opened,
                length=2,
                hint=f"add `{close}` where it ends.",
            )
        tokens.append(("end", "", position, position))
        return position
    character = text[position]
    if character in "'\"":
        raise TemplateError("this text is not closed", offset=position, hint=f"add the missing {character}.")
    hints = {
        "&": "write `and`.",
        "!": "write `not`, or `!=` to compare.",
        "?": "write `value if condition else other`.",
        "$": "names stand without `$`.",
        ";": "one expression per hole.",
    }
    raise TemplateError(f"unexpected character {character!r}", offset=position, hint=hints.get(character, ""))
