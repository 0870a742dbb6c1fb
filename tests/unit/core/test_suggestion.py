"""The nearest valid name, or what there is."""

from orchestrator.core.suggestion import suggestion


def test_few_names_are_all_told() -> None:
    assert suggestion("zzz", ["b", "a"], kind="there are") == "there are: a, b."


def test_of_many_names_the_likeliest_are_told() -> None:
    names = [f"name_{number}" for number in range(100)]
    told = suggestion("qqq_77", names, kind="there are")
    assert told.count(",") == 12
    assert "name_77" in told
    assert told.endswith(", …")


def test_without_names_nothing_is_told() -> None:
    assert suggestion("zzz", []) == ""
