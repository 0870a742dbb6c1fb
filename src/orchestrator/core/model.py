"""The contract of a language model: a request in, an answer with its usage out."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field

from orchestrator.core.usage import NO_USAGE, Usage


class ModelRequest(Struct, frozen=True, kw_only=True):
    """One question to a model."""

    prompt: str
    system: str = ""
    schema: Mapping[str, object] | None = None
    """JSON Schema that the answer must fit; None asks for text."""
    max_tokens: int | None = None
    temperature: float | None = None
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
