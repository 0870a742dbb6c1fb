"""Limits of providers and the cache of answers are read like every setting, and wrong ones are told."""

import pytest

from orchestrator.core.provider_limit import ProviderLimit
from orchestrator.errors import SetupError
from orchestrator.settings import CacheSettings, load_settings

FILE = """
[limits.openai]
requests_per_minute = 60
tokens_per_minute = 100_000
parallel = 4
[limits."openai:large"]
parallel = 1
[cache]
responses = true
ttl = "7d"
redis = "redis://:secret@cache.example/0"
"""


def settings_of(folder, text, environ=None):
    (folder / "py-orc.toml").write_text(text)
    return load_settings(folder, environ)


def shown(settings):
    return {setting.name: (setting.value, setting.origin) for setting in settings.describe()}


def test_without_any_word_nothing_is_limited_and_no_answer_is_kept(tmp_path):
    settings = load_settings(tmp_path)
    assert settings.limits == {}
    assert settings.cache == CacheSettings(responses=False, ttl=None, redis="")


def test_limits_and_cache_are_read_from_the_file(tmp_path):
    settings = settings_of(tmp_path, FILE)
    assert settings.limits == {
        "openai": ProviderLimit(requests_per_minute=60, tokens_per_minute=100_000, parallel=4),
        "openai:large": ProviderLimit(parallel=1),
    }
    assert settings.cache == CacheSettings(
        responses=True, ttl=604_800.0, redis="redis://:secret@cache.example/0"
    )


def test_variables_change_single_entries(tmp_path):
    environ = {"ORC_LIMITS": "openai.parallel=8, google.parallel=2", "ORC_CACHE": "ttl=1h"}
    settings = settings_of(tmp_path, FILE, environ)
    assert settings.limits["openai"].parallel == 8
    assert settings.limits["openai"].requests_per_minute == 60
    assert settings.limits["google"] == ProviderLimit(parallel=2)
    assert (settings.cache.responses, settings.cache.ttl) == (True, 3_600.0)


def test_each_entry_is_shown_with_its_origin_and_no_password(tmp_path):
    found = shown(settings_of(tmp_path, FILE, {"ORC_LIMITS": "openai.parallel=8"}))
    assert found["limits.openai.parallel"] == ("8", "ORC_LIMITS")
    assert found["limits.openai.requests_per_minute"] == ("60", "py-orc.toml")
    assert found["cache.responses"] == ("on", "py-orc.toml")
    assert found["cache.redis"][0].endswith("@cache.example/0")
    assert "secret" not in found["cache.redis"][0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[limits.openai]\nrequest_per_minute = 3", "there is no limit `request_per_minute` → did you mean `requests_per_minute`?"),
        ("[limits.openai]\nparallel = 0", "`limits.openai.parallel`: input should be greater than or equal to 1, it is 0"),
        ("[limits.openai]\nparallel = 'many'", "`limits.openai.parallel`: input should be a valid integer"),
        ("[limits]\nparallel = 3", "there is no limit `parallel` of nobody → write `[limits.PROVIDER]` above it"),
        ("limits = 3", "`limits` should be entries"),
        ("[cache]\nresponse = true", "there is no setting `response` → did you mean `responses`?"),
        ("[cache]\nttl = 'soon'", "`cache.ttl`: should be a time"),
        ("[cache]\nredis = 'localhost'", "`cache.redis`: should be an address such as redis://localhost:6379/0, it is"),
    ],
)  # fmt: skip
def test_wrong_entries_are_told(tmp_path, text, told):
    with pytest.raises(SetupError) as raised:
        settings_of(tmp_path, text)
    assert f"py-orc.toml: {told}" in str(raised.value)
