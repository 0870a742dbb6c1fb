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
        (r"a{,}b{", (False, 0, 1)),
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
