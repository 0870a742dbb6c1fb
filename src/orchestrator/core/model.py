"""The contract of a language model: a request in, an answer with its usage out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from msgspec import Struct, field

from orchestrator.core.usage import NO_USAGE, Usage


class Image(Struct, frozen=True):
    """A picture that a model is shown."""

    media_type: str
    """`image/png`, `image/jpeg`, `image/webp` or `image/gif`."""
    data: bytes


class ToolOffer(Struct, frozen=True):
    """A tool that a model may call instead of answering."""

    name: str
    description: str
    parameters: Mapping[str, object]
    """JSON Schema."""


class ToolCall(Struct, frozen=True):
    """A model's wish to call a tool."""

    id: str
    name: str
    arguments: Mapping[str, object]


class Exchange(Struct, frozen=True):
    """One round of tool calls in a conversation, with what came back."""

    calls: tuple[ToolCall, ...]
    results: tuple[str, ...]
    """In the order of the calls."""
    text: str = ""
    """What the model said beside its calls."""


class ModelRequest(Struct, frozen=True, kw_only=True):
    """One question to a model."""

    prompt: str
    system: str = ""
    schema: Mapping[str, object] | None = None
    """JSON Schema that the answer must fit; None asks for text."""
    max_tokens: int | None = None
    temperature: float | None = None
    images: tuple[Image, ...] = ()
    tools: tuple[ToolOffer, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    """Rounds of tool calls since the prompt, oldest first."""
    repair: tuple[tuple[str, str], ...] = ()
    """Earlier answers to this request with what was wrong with each, oldest first."""


class ModelResponse(Struct, frozen=True, kw_only=True):
    """What a model answered."""

    text: str
    value: object = None
    """The answer as data where a schema was asked for and the model gave data itself."""
    model: str
    """The name of the model that answered, `provider:name`."""
    usage: Usage = NO_USAGE
    warnings: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    """Tools that it wants called before it answers; only those it was offered."""
    origin: str = ""
    """Where the answer came from when no model was asked: `cache` or `recording`."""


class Price(Struct, frozen=True, kw_only=True):
    """What a model costs, in US dollars per million tokens."""

    input: Decimal
    output: Decimal
    source: str
    """Where the price comes from, with its date where it has one."""
    beyond: tuple[int, "Price"] | None = None
    """From how many input tokens on a request has another price, for all of its tokens."""

    def most(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return the cost of that many tokens."""
        if self.beyond is not None and input_tokens >= self.beyond[0]:
            return self.beyond[1].most(input_tokens, output_tokens)
        return (self.input * input_tokens + self.output * output_tokens) / 1_000_000


class ModelProfile(Struct, frozen=True, kw_only=True):
    """What a model can do; asked instead of testing for a vendor."""

    structured: bool = False
    """Whether it holds itself to a schema."""
    vision: bool = False
    tools: bool = False
    local: bool = True
    """Whether the data stays on this machine."""
    context: int | None = None
    """Tokens that request and answer may have together; None where unknown."""
    max_output: int | None = None
    """Tokens of the longest answer; None where unknown."""
    price: Price | None = None
    """None where nobody knows; free models have a price of zero."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


class Model(Protocol):
    """One model that can be asked.

    `generate` raises `ActionError` with the classes of `core.failure` (`rate_limited`, `transient`, `timeout`,
    `invalid_request`, `permission`, `bad_output`); it never retries by itself.
    """

    @property
    def name(self) -> str:
        """The full name, `provider:name`."""
        ...

    @property
    def profile(self) -> ModelProfile:
        """What it can do."""
        ...

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer one request."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
