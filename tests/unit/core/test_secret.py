import json
import shlex

import pytest

from orchestrator.core.secret import MASK, Sealed, Secret, mask, reveal

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
