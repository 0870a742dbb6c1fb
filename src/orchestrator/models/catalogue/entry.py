"""What is known of one model, and what a user's settings say of it."""

from msgspec import Struct

from orchestrator.core.model import ModelProfile, Price

OWN_WORD = "the model itself"
"""The origin of facts that nobody but the model tells."""
USUAL_TIER = 2
"""Quality and speed of a model that nobody says more of."""


class ModelNote(Struct, frozen=True, kw_only=True):
    """What the settings say of a model; None where they say nothing."""

    quality: int | None = None
    speed: int | None = None
    weight: float | None = None
    price: Price | None = None
    context: int | None = None
    max_output: int | None = None
    structured: bool | None = None
    vision: bool | None = None
    tools: bool | None = None


class Entry(Struct, frozen=True, kw_only=True):
    """What is known of one model."""

    name: str
    profile: ModelProfile
    """Its price is None until somebody asks the catalogue for it."""
    quality: int = USUAL_TIER
    """1 (simple tasks) to 5 (the hardest)."""
    speed: int = USUAL_TIER
    """1 (slow) to 5 (quick)."""
    weight: float | None = None
    """Its share of the work among models that have a weight; None takes no part."""
    origin: str = OWN_WORD
    """Who says so: `catalogue`, `py-orc.toml` or the model."""
