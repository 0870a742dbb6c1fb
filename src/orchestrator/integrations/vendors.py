"""What is to be known of each vendor before its package is imported: its names, variables, addresses and extra."""

from collections.abc import Mapping

from msgspec import Struct

from orchestrator.integrations.address import is_loopback, ollama_url


class Vendor(Struct, frozen=True, kw_only=True):
    """One provider of models, by the prefix of their names."""

    prefix: str
    title: str
    """As people write it."""
    module: str
    """The file in this package that connects to it."""
    package: str
    """What its extra installs, as it is imported."""
    extra: str
    keys: tuple[str, ...] = ()
    """Environment variables that may hold the key, the strongest first."""
    addresses: tuple[str, ...] = ()
    """Environment variables that may hold the address, the strongest first."""
    usual: str = ""
    """The vendor's own address."""
    default: str = ""
    """The model that `auto` means where only this vendor's key is set; empty where a key alone is no wish to ask it."""
    blind: tuple[str, ...] | None = None
    """How names of models begin that see no pictures; None where only some models see, told by words in their names."""

    def address(self, environment: Mapping[str, str]) -> str:
        """Return where its server is."""
        if self.prefix == "ollama":
            return ollama_url(environment)
        return (_first(environment, self.addresses) or self.usual).rstrip("/")

    def key(self, environment: Mapping[str, str]) -> str:
        """Return the key, empty where none is set."""
        return _first(environment, self.keys)

    def sees(self, model: str, base_url: str) -> bool:
        """Return whether a model takes pictures, as far as its name tells."""
        bare = model.lower().rpartition("/")[2]
        if self.blind is not None and base_url == self.usual:
            return not bare.startswith(self.blind)
        return any(word in bare for word in _SEEING)

    def is_local(self, base_url: str) -> bool:
        """Return whether what is sent stays on this machine."""
        return is_loopback(base_url)


_SEEING = ("-vl", "vision", "llava", "gemma3", "gemma-3", "gemma4", "gemma-4", "llama4", "llama-4", "minicpm-v", "pixtral",
           "moondream", "gpt-4o", "gpt-5", "claude", "gemini", "2.5vl", "3vl")  # fmt: skip

_OPENAI = Vendor(
    prefix="openai",
    title="OpenAI and compatible servers",
    module="openai",
    package="openai",
    extra="openai",
    keys=("OPENAI_API_KEY",),
    addresses=("OPENAI_BASE_URL",),
    usual="https://api.openai.com/v1",
    default="gpt-5.6-luna",
    blind=("gpt-3.5", "o1-mini", "o3-mini", "gpt-oss"),
)
_ALL = (
    _OPENAI,
    Vendor(
        prefix="openai-chat",
        title=_OPENAI.title,
        module="openai",
        package="openai",
        extra="openai",
        keys=_OPENAI.keys,
        addresses=_OPENAI.addresses,
        usual=_OPENAI.usual,
        blind=_OPENAI.blind,
    ),
    Vendor(
        prefix="anthropic",
        title="Anthropic",
        module="anthropic",
        package="anthropic",
        extra="anthropic",
        keys=("ANTHROPIC_API_KEY",),
        addresses=("ANTHROPIC_BASE_URL",),
        usual="https://api.anthropic.com",
        default="claude-haiku-5-5",
        blind=("claude-2", "claude-instant"),
    ),
    Vendor(
        prefix="google",
        title="Google",
        module="google",
        package="google.genai",
        extra="google",
        keys=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        addresses=("GOOGLE_GEMINI_BASE_URL",),
        usual="https://generativelanguage.googleapis.com",
        default="gemini-3.8-flash",
        blind=("gemma-2", "gemma2"),
    ),
    Vendor(
        prefix="huggingface",
        title="Hugging Face",
        module="huggingface",
        package="huggingface_hub",
        extra="huggingface",
        keys=("HF_TOKEN",),
        addresses=("HF_BASE_URL",),
        usual="https://router.huggingface.co/v1",
    ),
    Vendor(prefix="ollama", title="Ollama", module="ollama", package="openai", extra="ollama"),
)  # fmt: skip

VENDORS: Mapping[str, Vendor] = {vendor.prefix: vendor for vendor in _ALL}
"""By the prefix of their models' names."""


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environment[name] for name in names if environment.get(name)), "")
