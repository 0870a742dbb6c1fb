import json
import shlex
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest

from orchestrator.core.secret import MASK, Sealed, Secret, SecretTexts, mask, reveal
from orchestrator.errors import UserError

SECRETS = {"TOKEN": "s3cret", "LONG": "s3cret-and-more", "EMPTY": ""}


@pytest.mark.parametrize("value", [Secret("TOKEN"), Sealed(("Bearer ", Secret("TOKEN")))])
def test_a_secret_prints_as_a_mask(value):
    assert "s3cret" not in f"{value} {value!r}"
    assert MASK in str(value)


def test_revealing_fills_the_holes_at_any_depth():
    value = {"a": [Secret("TOKEN"), (1, Sealed(("Bearer ", Secret("TOKEN"), "!")))], "b": None}
    assert reveal(value, SECRETS) == {"a": ["s3cret", [1, "Bearer s3cret!"]], "b": None}


def test_revealing_leaves_the_value_alone():
    value = {"a": [Secret("TOKEN")]}
    reveal(value, SECRETS)
    assert value == {"a": [Secret("TOKEN")]}


@pytest.mark.parametrize("value", [Secret("OTHER"), Sealed(("x", Secret("OTHER")))])
def test_a_secret_that_is_not_given_cannot_be_revealed(value):
    with pytest.raises(KeyError, match="OTHER"):
        reveal(value, SECRETS)


def test_masking_takes_secrets_out_of_keys_and_values():
    value = {"at s3cret": ["x s3cret y", ("s3cret-and-more", 7)]}
    assert mask(value, SECRETS) == {f"at {MASK}": [f"x {MASK} y", [MASK, 7]]}


def test_the_longest_secret_is_masked_first_so_that_no_rest_of_it_stays():
    assert mask("s3cret-and-more", SECRETS) == MASK


@pytest.mark.parametrize("secrets", [{}, {"EMPTY": ""}])
def test_without_secrets_nothing_is_masked_or_copied(secrets):
    value = {"a": ["s3cret"]}
    assert mask(value, secrets) is value


KEY = "-----BEGIN\nabcdefghij 'quoted' \"twice\" \\\\ \u00e9\x01\n-----END"


@pytest.mark.parametrize(
    "shown",
    [
        KEY,
        repr(KEY),
        ascii({"k": KEY}),
        json.dumps([KEY]),
        json.dumps(KEY, ensure_ascii=False),
        shlex.join(["echo", KEY]),
        " ".join(KEY.split()),
        "line: abcdefghij 'quoted' \"twice\" \\\\ \u00e9\x01 end",
        KEY[:25] + "…",
        f"KeyError({KEY!r})"[:40],
    ],
)
def test_a_secret_is_recognised_however_it_was_quoted_folded_or_cut(shown):
    masked = mask(shown, {"key": KEY})
    assert MASK in masked
    assert "abcdefgh" not in masked


def test_what_only_begins_like_a_short_secret_stays():
    assert mask("s3cre and more", {"TOKEN": "s3cret"}) == "s3cre and more"


@pytest.mark.parametrize("before", ["", "u", "u:", "joe:"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_secret_is_recognised_in_base64_wherever_it_begins(before, encode):
    text = "sk-canary-??>>~~ü-1234"
    shown = encode((before + text + "#rest").encode()).decode()
    masked = mask(f"Basic {shown}!", {"key": text})
    assert MASK in masked
    inner = encode((before + text).encode()).decode()[6:-4]
    assert inner not in masked


def test_a_secret_is_recognised_in_hexadecimal_and_in_addresses():
    text = "top secret/&ü4711"
    shown = [
        text.encode().hex(),
        text.encode().hex().upper(),
        quote(text),
        quote(text, safe=""),
        quote_plus(text),
    ]
    assert mask(shown, {"key": text}) == [MASK] * 5


def test_addresses_with_the_scheme_of_a_secret_one_stay_readable():
    secrets = {"hook": "https://hooks.test/T00/B00/abcdef"}
    assert mask("see https://docs.test", secrets) == "see https://docs.test"
    assert mask("see https://hooks.test/T00/B0", secrets) == f"see {MASK}"


def test_texts_of_secrets_remember_their_forms_and_say_when_one_is_gone():
    secrets = SecretTexts({"key": "sk-1234567890"})
    assert mask("a sk-1234567890", secrets) == mask("a sk-1234567890", dict(secrets)) == f"a {MASK}"
    assert secrets.forms is secrets.forms
    with pytest.raises(UserError, match="the value of the secret `other` is not known any more"):
        reveal(Secret("other"), secrets)
