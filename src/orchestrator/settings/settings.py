"""The settings as one frozen value, each with the place it came from."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from orchestrator.core.budget import money_text
from orchestrator.core.provider_limit import ProviderLimit
from orchestrator.core.secret import MASK

if TYPE_CHECKING:
    from orchestrator.models.catalogue.entry import ModelNote

FEATURES: Mapping[str, str] = {
    "breakers": "a model that keeps failing is left alone for a while",
    "cache": "results of earlier calls are reused where a step says `cache`",
    "inline": "pure actions run in place instead of as tasks of their own",
}
"""Every feature that can be switched off, with what it does."""


class Setting(NamedTuple):
    """One line of `py-orc doctor`."""

    name: str
    value: str
    """As text; a secret shows only whether it is set."""
    origin: str
    """`default`, a file, a variable, or `call`."""


class CacheSettings(Struct, frozen=True, kw_only=True):
    """Whether and where answers of models are kept."""

    responses: bool = False
    """Whether they are kept at all."""
    ttl: float | None = None
    """Seconds after which an answer is forgotten; None keeps it."""
    redis: str = ""
    """Address of a Redis that shares them with other machines; empty keeps them on this one."""


NO_CACHE = CacheSettings()


class Settings(Struct, frozen=True, kw_only=True):
    """What holds for one `Orchestrator`."""

    root: Path
    """The project: the nearest folder upwards with a `py-orc.toml` or `.py-orc`, else where it was asked from."""
    store: str
    """Address of the store, see `state.open`."""
    workspace: Path
    """Where relative paths of steps start."""
    offline: bool = False
    """Whether every address but loopback is refused."""
    max_parallel: int = 32
    """Steps at the same time, over all runs of one `Orchestrator`."""
    grace: float = 10.0
    """Seconds that running steps get to end after Ctrl-C."""
    model: str = ""
    """The model of steps and pipelines that name none; empty leaves the choice to py-orc."""
    resources: Mapping[str, float] = field(default_factory=dict[str, float])
    """How much of each resource there is: `cpu`, `memory` in bytes, `gpu`, `api:NAME`; what is absent has no limit."""
    features: Mapping[str, bool] = field(default_factory=lambda: dict.fromkeys(FEATURES, True))
    cache: CacheSettings = NO_CACHE
    limits: Mapping[str, ProviderLimit] = field(default_factory=dict[str, ProviderLimit])
    """How much each provider of models is asked, by its name or by the full name of one model."""
    budget: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    """What the models of all runs together may cost in US dollars, by `day` and `project`; what is absent has no limit."""
    models: "Mapping[str, ModelNote]" = field(default_factory=dict[str, "ModelNote"])
    """What is said of models, by full name, beside what the catalogue knows."""
    log_level: str = "warning"
    """debug, info, warning or error."""
    log_format: str = "text"
    """text or json."""
    openai_base_url: str = ""
    openai_api_key: str = ""
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    """The environment with what `.env` adds to it; secrets and vendors read from here."""
    origins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where each setting comes from that is not a default; `resources.gpu` for entries."""

    def __repr__(self) -> str:
        return f"Settings({self.root}, {len(self.origins)} set)"  # never the environment: it holds secrets

    def describe(self) -> list[Setting]:
        """Return every setting with its origin, safe to show to anybody."""
        hidden = {"environ", "origins", "resources", "features", "budget", "limits", "cache", "models"}
        values: dict[str, object] = {
            name: getattr(self, name) for name in self.__struct_fields__ if name not in hidden
        }
        values |= {f"resources.{name}": amount for name, amount in self.resources.items()}
        values |= {f"features.{name}": is_on for name, is_on in self.features.items()}
        values |= {f"budget.{name}": money_text(amount) for name, amount in self.budget.items()}
        values |= {f"cache.{name}": getattr(self.cache, name) for name in self.cache.__struct_fields__}
        for name, limit in self.limits.items():
            fields = limit.__struct_fields__
            values |= {
                f"limits.{name}.{each}": getattr(limit, each) for each in fields if getattr(limit, each)
            }
        for name, note in self.models.items():
            said = {each: getattr(note, each) for each in note.__struct_fields__}
            values[f"models.{name}"] = ", ".join(
                f"{key} {_said(it)}" for key, it in said.items() if it is not None
            )
        return [self._setting(name, value) for name, value in values.items()]

    def _setting(self, name: str, value: object) -> Setting:
        if name.endswith("_key") and value:
            value = MASK
        if isinstance(value, str) and "@" in value and "://" in value:
            scheme, _, rest = value.partition("://")
            value = f"{scheme}://{MASK}@{rest.rpartition('@')[2]}"
        text = ("on" if value else "off") if isinstance(value, bool) else str(value or "–")
        return Setting(name, text, self.origins.get(name, "default"))


def _said(value: object) -> str:
    """Return a part of a note about a model as one line shows it."""
    prices = getattr(value, "input", None), getattr(value, "output", None)
    if None not in prices:
        return "/".join(str(price) for price in prices)
    return f"{value:g}" if isinstance(value, float) else str(value)
