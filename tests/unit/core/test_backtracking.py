"""What a regular expression may cost at worst."""

import pytest

from orchestrator.core.backtracking import UnboundedPatternError, cost_of


@pytest.mark.parametrize(
    ("pattern", "cost"),
    [
        (r"\d{4}-\d{2}", (False, 0, 1)),
        (r"a+", (True, 0, 1)),
        (r"(\w+)@(\w+)\.(\w+)", (True, 0, 1)),
        (r"[a-z]+?,", (True, 0, 1)),
        (r"\w+x", (True, 1, 1)),
        (r"\w+-?x", (True, 1, 2)),
        (r".*foo.*bar", (True, 2, 1)),
        (r"(ab)*c", (True, 1, 1)),
        (r"a?b?c?", (False, 0, 8)),
        (r"a|b|c", (False, 0, 4)),
        (r"a{1,5}b{2}", (False, 0, 5)),
        (r"a{2,}-", (True, 0, 1)),
        (r"[)(*+?]a\+\(", (False, 0, 1)),
        (r"(?P<a>x)(?:y)(?=z)(?<!w)", (False, 0, 1)),
        (r"a{,}b{", (True, 0, 1)),
        (r"a{}b{,", (False, 0, 1)),
        (r"a{٣}", (False, 0, 1)),
        (r"[^\x41]*\x41", (True, 0, 1)),
        (r"[^\n]*\n", (True, 0, 1)),
        (r"\U00000061*b", (True, 0, 1)),
        (r"\U00000061*\u0061", (True, 1, 1)),
        (r"\N{LATIN SMALL LETTER A}*a", (True, 1, 1)),
        (r"\d*\N{COLON}", (True, 0, 1)),
        (r"\d*\N{NO SUCH NAME}", (True, 1, 1)),
        (r"[^k]*K", (True, 1, 1)),
        (r"\W*é", (True, 1, 1)),
        (r"[a-z]+$", (True, 0, 1)),
        (r"([a-z]+)$", (True, 0, 1)),
        (r"[a-z]+$|b", (True, 1, 2)),
    ],
)
def test_the_cost_of_a_pattern_counts_what_it_may_try(pattern: str, cost: tuple[bool, int, int]) -> None:
    assert cost_of(pattern)[:3] == cost


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+",
        r"(a|b)*",
        r"(a?)+",
        r"((a*))*",
        r"(?:a{1,3})+",
        r"(a+){2}",
        r"(a)\1",
        r"(?P<a>x)(?P=a)",
        "(?x)a",
        "(?(1)a)",
        "a" * 501,
        r"\qa",
        r"\x6",
        r"a*\x",
        r"\U0001",
        r"[\p]",
        r"(?:a{,}){,}",
    ],
)
def test_what_cannot_be_bounded_is_refused(pattern: str) -> None:
    with pytest.raises(UnboundedPatternError):
        cost_of(pattern)


def test_the_more_a_pattern_may_try_the_shorter_the_text() -> None:
    lengths = [
        cost_of(pattern).longest_text() for pattern in ("abc", "a+-", r"\w+a", r"\w+\w+a", r"\w+\w+a?a?a?b")
    ]
    assert lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) == len(lengths)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?:){4294967294}",
        "(?=){4294967294}",
        "(?:(?:){65535}){65535}",
        "(((a{0}){999}){999}){999}",
        "a{0,2000000}",
    ],
)
def test_what_counts_without_reason_is_refused(pattern: str) -> None:
    with pytest.raises(UnboundedPatternError):
        cost_of(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        r"^(\d+\.)+\d+$",
        r"^\d{1,3}(\.\d{1,3}){3}$",
        r"^(/[^/]+)+$",
        r"^(?:[^,]*,)*$",
        r"^#(?P<part>-a+?)*$",
    ],
)
def test_rounds_that_a_character_parts_may_repeat(pattern: str) -> None:
    assert cost_of(pattern).longest_text() > 400


@pytest.mark.parametrize(
    "pattern",
    [
        r"(-.+)*",
        r"(-[a-z-]+)*",
        r"(-a+b?a+)*",
        r"(-*a+)*",
        r"(-(a+))*",
        r"(?=-a+)*",
        r"(-a+|b)*",
        r"(\w\d+)*",
        r"(aA+)*",
    ],
)
def test_rounds_that_nothing_parts_may_not_repeat(pattern: str) -> None:
    with pytest.raises(UnboundedPatternError):
        cost_of(pattern)


def test_a_pattern_that_starts_at_the_start_may_search_longer_texts() -> None:
    assert cost_of("^[a-z]+$").longest_text() > 100 * cost_of("^a+$|b").longest_text()
    assert cost_of(r"\A[a-z]+").anchored
    assert cost_of("^(a|b)").anchored
    assert not cost_of("(^a|b)").anchored
    assert not cost_of("^a|b").anchored


def test_flags_may_stand_at_the_start() -> None:
    assert cost_of("(?i)^a+$") == cost_of("^a+$")
    assert not cost_of("(?im)^a+$").anchored


@pytest.mark.parametrize(
    "pattern", ["a{500000}b", "(?:a{1000}){1000}b", "(?:(?=a){1000}){1000}b", "(?:){999999}b"]
)
def test_what_is_counted_shortens_the_text(pattern: str) -> None:
    assert cost_of(pattern).longest_text() <= 20_000


def test_small_counts_cost_nothing() -> None:
    assert cost_of(r"\d{2}-\d{2}").longest_text() == cost_of(r"\d\d").longest_text()


def test_what_starts_at_the_start_and_ends_somewhere_may_search_any_text() -> None:
    assert cost_of("^[a-z]{1,63}$").longest_text() == 1_000_000
    assert cost_of("^" + "a?" * 200).longest_text() == 0
