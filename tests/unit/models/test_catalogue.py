"""What is known of models before they are asked, and who says so."""

from decimal import Decimal

import pytest

from orchestrator.core.model import ModelProfile, Price
from orchestrator.models.catalogue.catalogue import Catalogue
from orchestrator.models.catalogue.entry import ModelNote

NOW = 1_795_000_000.0  # 2026-11-18
OWN = Price(input=Decimal(1), output=Decimal(2), source="py-orc.toml")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(now=NOW)


def test_every_model_has_tiers_and_a_context(catalogue):
    for name in catalogue.names():
        entry = catalogue.entry(name)
        assert entry.origin == "catalogue"
        assert 1 <= entry.quality <= 5, name
        assert 1 <= entry.speed <= 5, name
        assert (entry.profile.context is None) == (name == "builtin:extractive")
        assert ":" in name


def test_every_model_of_a_vendor_with_one_price_has_it_exactly_and_with_its_source(catalogue):
    priced = [name for name in catalogue.names() if name.startswith(("openai:", "anthropic:", "google:"))]
    assert len(priced) > 20
    for name in priced:
        price = catalogue.price(catalogue.entry(name))
        assert price is not None, name
        assert isinstance(price.output, Decimal)
        assert price.source.startswith("genai-prices ")
        assert price.source.endswith("prices of 2026-11-18")


def test_the_price_of_a_long_request_is_another(catalogue):
    price = catalogue.price(catalogue.entry("openai:gpt-6-luna"))
    assert price.beyond is not None
    start, beyond = price.beyond
    assert start == 272_000
    assert beyond.input > price.input


def test_a_price_goes_by_its_day():
    then, now = (
        Catalogue(now=at).price(Catalogue().entry("openai:gpt-5.6-luna")) for at in (1_780_000_000.0, NOW)
    )
    assert then.output > now.output


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("openai:gpt-4o", True),
        ("openai:gpt-4o-2024-08-06", True),
        ("openai:gpt-4o-latest", True),
        ("openai:gpt-4o-realtime", False),
        ("ollama:llama3.2:3b", True),
        ("ollama:llama9", False),
        ("nobody", False),
    ],
)
def test_dated_and_tagged_names_are_the_same_model(catalogue, name, known):
    assert (catalogue.entry(name).origin == "catalogue") is known


def test_local_models_are_free_and_unknown_ones_have_no_price(catalogue):
    assert catalogue.price(catalogue.entry("mine:x", ModelProfile(local=True))).output == 0
    assert catalogue.price(catalogue.entry("ollama:some")).output == 0
    assert catalogue.price(catalogue.entry("mine:x", ModelProfile(local=False))) is None
    assert catalogue.price(catalogue.entry("openai:of-tomorrow")) is None


def test_settings_go_before_the_catalogue_and_the_catalogue_before_the_model():
    notes = {
        "openai:gpt-4o": ModelNote(quality=1, vision=False, price=OWN, weight=2.0),
        "new:one": ModelNote(speed=5),
    }
    catalogue = Catalogue(notes, now=NOW)
    entry = catalogue.entry("openai:gpt-4o", ModelProfile(local=True, vision=True, context=5))
    assert (entry.quality, entry.speed, entry.weight, entry.origin) == (1, 4, 2.0, "py-orc.toml")
    assert (entry.profile.vision, entry.profile.context, entry.profile.local) == (False, 128_000, True)
    assert catalogue.price(entry) == OWN
    assert "new:one" in catalogue.names()
    assert catalogue.entry("new:one").speed == 5


def test_a_model_of_ones_own_speaks_for_itself(catalogue):
    own = ModelProfile(vision=True, context=99, price=OWN, local=False)
    entry = catalogue.entry("mine:x", own)
    assert (entry.profile, entry.origin) == (own, "the model itself")
    assert catalogue.price(entry) == OWN
