"""How much a value is when it is written out."""

from types import MappingProxyType

import pytest

from orchestrator.core.extent import MAX_CHARACTERS, MAX_PARTS, excess
from orchestrator.core.template import Compound
from orchestrator.errors import TemplateError
from orchestrator.expressions import compile_template


@pytest.mark.parametrize(
    "value",
    [
        1,
        "text",
        None,
        [],
        [0] * MAX_PARTS,
        ["x" * 1000] * 10_000,
        {"a": ({"b": 1},)},
        "x" * MAX_CHARACTERS,
    ],
)
def test_what_is_not_too_much_passes(value: object) -> None:
    assert not excess(value)


@pytest.mark.parametrize(
    ("value", "much"),
    [
        ([0] * (MAX_PARTS + 1), "more than 5,000,000 parts"),
        ([[0] * 1000] * 100_000, "more than 5,000,000 parts"),
        ({"a": {"b": ([[0] * 1000] * 100_000,)}}, "more than 5,000,000 parts"),
        (MappingProxyType({"a": [[0] * 1000] * 100_000}), "more than 5,000,000 parts"),
        (["x" * 1000] * 1_000_000, "more than 100,000,000 characters"),
        ([{"x" * 1_000_000: 0}] * 1000, "more than 100,000,000 characters"),
    ],
)
def test_shared_parts_count_in_every_place(value: object, much: str) -> None:
    assert excess(value) == much


def test_a_mapping_of_several_large_values_is_measured_as_a_whole() -> None:
    large = compile_template("{{ rows }}")
    names = {"rows": [0] * (MAX_PARTS // 2)}
    assert Compound([large]).render(names)
    with pytest.raises(TemplateError, match="more than 5,000,000 parts"):
        Compound({"a": large, "b": large}).render(names)


def test_what_only_behaves_as_a_text_or_a_list_is_measured_too():
    class Text(str):
        __slots__ = ()

    class Items(list):
        pass

    assert excess(Text("x" * (MAX_CHARACTERS + 1))) == f"more than {MAX_CHARACTERS:,} characters"
    assert excess(Items([None] * (MAX_PARTS + 1))) == f"more than {MAX_PARTS:,} parts"
