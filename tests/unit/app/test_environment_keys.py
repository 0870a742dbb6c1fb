"""Which variables of the environment count as keys."""

import pytest

from orchestrator.app.environment_keys import hidden_in_runs, keys_in
from orchestrator.core.secret import SecretTexts


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("OPENAI_API_KEY", "sk-1234567890ab", ["sk-1234567890ab"]),
        ("github_token", "ghp_1234567890", ["ghp_1234567890"]),
        ("SSH_KEY", "-----BEGIN PRIVATE KEY-----\nabc", ["-----BEGIN PRIVATE KEY-----\nabc"]),
        ("DATABASE_URL", "postgres://joe:longpassword1@host/db", ["joe:longpassword1", "longpassword1"]),
        ("DATABASE_URL", "postgres://joe:short@host/db", ["joe:short"]),
        ("DATABASE_URL", "postgres://joe:p@ss:word1234@host/db@x", ["joe:p@ss:word1234", "p@ss:word1234"]),
        ("DATABASE_URL", "postgres://joe@host/db", []),
        ("DATABASE_URL", "postgres://joe:@host/db", []),
        ("HOME_PAGE", "https://example.test/a:b@c", []),
        ("PRIMARY_KEY", "customer_number", []),
        ("SESSION_TOKEN", "abc123", []),
        ("KEY_FILE", "/home/joe/keys/id_rsa.1", []),
        ("API_KEY_HINT", "ask joe at 10 o'clock", []),
        ("MONKEY", "sk-1234567890ab", []),
        ("LANGUAGE", "en_US.UTF-8-12345", []),
    ],
)
def test_a_key_is_known_by_name_and_look(name: str, value: str, hidden: list[str]) -> None:
    assert sorted(keys_in({name: value}).values()) == sorted(hidden)


def test_secret_inputs_stand_beside_the_keys_of_the_environment() -> None:
    hidden = hidden_in_runs({"api_key": "one"}, {"API_KEY": "sk-1234567890ab"})
    assert hidden == {"api_key": "one", "environment API_KEY": "sk-1234567890ab"}
    assert isinstance(hidden, SecretTexts)
