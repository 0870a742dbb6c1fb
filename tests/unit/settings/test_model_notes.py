"""What `[models."provider:name"]` says of a model is read and checked like every setting."""

from decimal import Decimal

import pytest

from orchestrator.core.model import Price
from orchestrator.errors import SetupError
from orchestrator.models.catalogue.entry import ModelNote
from orchestrator.settings import load_settings

FILE = """
[models."openai:gpt-6-luna"]
quality = 4
weight = 3
[models."mine:one"]
price = {input = "0.30", output = "1.20"}
vision = true
context = 8000
"""


def settings_of(folder, text):
    (folder / "py-orc.toml").write_text(text)
    return load_settings(folder)


def test_notes_are_read_and_prices_stay_exact(tmp_path):
    price = Price(input=Decimal("0.30"), output=Decimal("1.20"), source="py-orc.toml")
    settings = settings_of(tmp_path, FILE)
    assert settings.models == {
        "openai:gpt-6-luna": ModelNote(quality=4, weight=3.0),
        "mine:one": ModelNote(price=price, vision=True, context=8000),
    }
    shown = {setting.name: (setting.value, setting.origin) for setting in settings.describe()}
    assert shown["models.openai:gpt-6-luna"] == ("quality 4, weight 3", "py-orc.toml")


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ("quality = 6", "`models.a:b.quality`: input should be less than or equal to 5, it is 6"),
        ('quality = "good"', "`models.a:b.quality`: input should be a valid integer"),
        ("qualty = 3", "there is no setting `qualty` → did you mean `quality`?"),
        ("weight = -1", "`models.a:b.weight`: input should be greater than or equal to 0, it is -1"),
        ("price = 3", "`models.a:b.price`"),
        ('price = {input = "-1", output = "1"}', "`models.a:b.price.input`: input should be greater than or"),
        ("price = {input = 0.1, output = 1}", "`models.a:b.price.input`: should be written as text"),
    ],
)
def test_a_wrong_note_is_told_with_its_place(tmp_path, note, sentence):
    with pytest.raises(SetupError) as caught:
        settings_of(tmp_path, f'[models."a:b"]\n{note}\n')
    assert sentence in str(caught.value)
    assert "py-orc.toml" in str(caught.value)


def test_models_that_are_no_tables_are_told(tmp_path):
    with pytest.raises(SetupError, match=r"`models\.a:b`"):
        settings_of(tmp_path, '[models]\n"a:b" = 3\n')
