"""The catalogue: the models that py-orc ships facts about, with what the settings add.

Facts come in layers, the strongest last: what a model says of itself, the catalogue's file, the settings. Whether a model
is local only the model itself knows, for an address can be redirected. Prices are looked up when they are first needed.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import asdict, replace

from orchestrator.core.model import Model, ModelProfile, Price
from orchestrator.models.catalogue.entry import OWN_WORD, USUAL_TIER, Entry, ModelNote
from orchestrator.models.catalogue.prices import vendor_price

FILE = Path(__file__).with_name("models.json")
SETTINGS = "py-orc.toml"
_NO_NOTES: Mapping[str, ModelNote] = MappingProxyType({})
_FREE = Price(input=Decimal(0), output=Decimal(0), source="it runs on this machine")
_PROFILE = ("structured", "vision", "tools", "context", "max_output")


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model in the catalogue's file; its quality and speed are judgements, the rest is what its vendor publishes."""

    name: str
    quality: int = USUAL_TIER
    speed: int = USUAL_TIER
    context: int | None = None
    max_output: int | None = None
    structured: bool = True
    vision: bool = False
    tools: bool = True
    local: bool = False


class Catalogue:
    """What is known of models, by full name."""

    def __init__(self, notes: Mapping[str, ModelNote] = _NO_NOTES, *, now: float = 0.0) -> None:
        """`now` is the time, in epoch seconds, whose prices hold."""
        self._notes = notes
        self._now = now
        self._prices: dict[str, Price | None] = {}

    def names(self) -> list[str]:
        """Return every model that the file or the settings name."""
        return sorted({*self._facts, *self._notes})

    def entry(self, name: str, profile: ModelProfile | None = None) -> Entry:
        """Return what is known of a model; `profile` is what it says of itself."""
        fact, note = self._fact(name), self._notes.get(name, ModelNote())
        origin = SETTINGS if name in self._notes else "catalogue" if fact else OWN_WORD
        own = profile or ModelProfile(local=fact.local if fact else False)
        facts: dict[str, object] = {}
        if fact:
            facts = {
                key: value for key, value in asdict(fact).items() if key in _PROFILE and value is not None
            }
        facts |= {key: value for key, value in asdict(note).items() if key in _PROFILE and value is not None}
        return Entry(
            name=name,
            profile=replace(own, price=note.price or own.price, **facts),
            quality=note.quality or (fact.quality if fact else USUAL_TIER),
            speed=note.speed or (fact.speed if fact else USUAL_TIER),
            weight=note.weight,
            origin=origin,
        )

    def entry_of(self, model: Model) -> Entry:
        """Return what is known of a model that exists."""
        return self.entry(model.name, model.profile)

    def price(self, entry: Entry) -> Price | None:
        """Return what a model costs; None where nobody knows. The first price of a vendor takes a third of a second."""
        if entry.profile.price is not None:
            return entry.profile.price
        if entry.profile.local or entry.name.startswith("ollama:"):
            return _FREE
        if entry.name not in self._prices:
            provider, _, model = entry.name.partition(":")
            self._prices[entry.name] = vendor_price(provider, model, self._now)
        return self._prices[entry.name]

    @cached_property
    def _facts(self) -> dict[str, Fact]:
        from msgspec.json import decode

        return {fact.name: fact for fact in decode(FILE.read_bytes(), type=list[Fact])}

    def _fact(self, name: str) -> Fact | None:
        """Return the facts of that name, or of the name that it is a dated or tagged form of."""
        known = self._facts.get(name)
        if known is not None:
            return known
        provider, _, model = name.partition(":")
        base, _, _tag = model.partition(":")  # `llama3.2:3b`
        base, _, _revision = base.partition("@")
        while base:
            known = self._facts.get(f"{provider}:{base}")
            if known is not None:
                return known
            base, dash, last = base.rpartition("-")
            if not dash or not (last.isdigit() or last == "latest"):
                return None
        return None
