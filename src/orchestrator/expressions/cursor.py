"""A place among the tokens of one tag."""

from orchestrator.errors import TemplateError
from orchestrator.expressions.lexer import Token, tokens_of


class Cursor:
    """A cursor over the tokens of one tag."""

    __slots__ = ("index", "token", "tokens")

    def __init__(self, text: str, start: int, *, close: str, opened: int = 0) -> None:
        self.tokens = tokens_of(text, start, close=close, opened=opened)
        self.index = 0
        self.token = self.tokens[0]

    @property
    def closing(self) -> Token:
        """The closing mark."""
        return self.tokens[-1]

    def advance(self) -> Token:
        """Step over the current token and return it."""
        token = self.token
        self.index += 1
        self.token = self.tokens[self.index]
        return token

    def accept(self, text: str) -> bool:
        """Step over the current token if it reads so."""
        if self.token[1] != text or self.token[0] == "end":
            return False
        self.advance()
        return True

    def expect(self, text: str, *, hint: str = "") -> Token:
        """Step over the current token, which must read so."""
        if self.token[1] != text or self.token[0] == "end":
            raise self.unexpected(f"`{text}`", hint=hint)
        return self.advance()

    def expect_name(self, what: str) -> Token:
        """Step over a name and return it."""
        if self.token[0] != "name":
            raise self.unexpected(what)
        return self.advance()

    def finish(self) -> None:
        """Check that nothing is left before the closing mark."""
        if self.token[0] != "end":
            raise self.unexpected("the end")

    def unexpected(self, wanted: str, *, hint: str = "") -> TemplateError:
        """Return the error that says what stands here instead."""
        kind, text, start, end = self.token
        found = "the end" if kind == "end" else f"`{text}`"
        if text == "=" and not hint:
            hint = "compare with `==`."
        return TemplateError(
            f"{wanted} is expected, {found} found", offset=start, length=max(1, end - start), hint=hint
        )

    def before(self) -> int:
        """Return where the token before this one ended."""
        return self.tokens[self.index - 1][3]
