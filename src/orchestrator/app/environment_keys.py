"""Keys that stand in the environment: what a tool may come upon and must not carry into a journal or a recording.

A variable counts as a key when its name says so and its value looks like one, or when its value is an address with a
password. Anything less would take ordinary words out of results.
"""

from collections.abc import Mapping

from orchestrator.core.secret import SecretTexts

_WORDS = frozenset(
    [
        "KEY",
        "KEYS",
        "APIKEY",
        "TOKEN",
        "SECRET",
        "SECRETS",
        "PASSWORD",
        "PASSWD",
        "PWD",
        "CREDENTIAL",
        "CREDENTIALS",
        "AUTH",
        "DSN",
        "PEM",
    ]
)
"""Of which one stands in the name of a key."""
_SHORTEST = 12
"""Characters of the shortest value that counts as a key."""


def keys_in(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of an environment; their names say where they come from, so no input has them."""
    found: dict[str, str] = {}
    for name, value in environ.items():
        if user_info := _user_info(value):
            found[f"environment {name}, user"] = user_info
            password = user_info.partition(":")[2]
            if len(password) >= _SHORTEST:
                found[f"environment {name}"] = password
        elif not _WORDS.isdisjoint(name.upper().split("_")) and _looks_like_a_key(value):
            found[f"environment {name}"] = value
    return found


def hidden_in_runs(secrets: Mapping[str, str], environ: Mapping[str, str]) -> SecretTexts:
    """Return everything that must not be seen of a run: its secret inputs, and the keys of the environment."""
    return SecretTexts({**keys_in(environ), **secrets})


def _looks_like_a_key(value: str) -> bool:
    if "PRIVATE KEY" in value:
        return True
    if len(value) < _SHORTEST or value.startswith("/") or any(sign.isspace() for sign in value):
        return False
    return any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)


def _user_info(value: str) -> str:
    """Return `user:password` of an address; empty where there is none."""
    _, there, rest = value.partition("://")
    user_info, at, _ = rest.partition("/")[0].rpartition("@")
    has_password = there and at and ":" in user_info and not user_info.endswith(":")
    return user_info if has_password else ""
