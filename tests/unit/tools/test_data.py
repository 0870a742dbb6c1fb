"""The tool `data`."""

import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.errors import ActionError, SetupError
from unit.tools.conftest import Tools

Rows = list[dict[str, object]]

PEOPLE: Rows = [
    {"name": "Ada", "team": "a", "age": 36, "zip": "02134"},
    {"name": "Bob", "team": "b", "age": None, "zip": "10001"},
    {"name": "Cy", "team": "a", "age": 20, "zip": "1"},
]


def failing(tools: Tools, action: str, **parameters: object) -> ActionError:
    with pytest.raises(ActionError) as caught:
        tools(action, **parameters)
    return caught.value


def rows_of(tools: Tools, action: str, **parameters: object) -> object:
    result = tools(action, **parameters)
    rows = result["rows"]
    assert isinstance(rows, list)
    assert result["count"] == len(rows)
    assert all(set(row) <= set(result["columns"]) for row in rows)
    return rows


LINES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | LINES
SCALARS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | LINES


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.dictionaries(
            LINES,
            st.recursive(
                PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LINES, inner, max_size=3)
            ),
            max_size=4,
        ),
        max_size=4,
    )
)
@pytest.mark.parametrize("suffix", ["json", "jsonl", "yaml"])
def test_documents_come_back_as_they_were(tools: Tools, suffix: str, rows: Rows):  # fmt: skip
    tools("data.write", path=f"x.{suffix}", data=rows)
    assert rows_of(tools, "data.read", path=f"x.{suffix}") == rows


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(SCALARS, SCALARS), min_size=1, max_size=4))
@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_text_in_csv_comes_back_as_it_was(tools: Tools, suffix: str, cells: list[tuple[object, object]]):
    """Reading never changes what a cell says: written again, the file is the same."""
    tools("data.write", path=f"x.{suffix}", data=[{"a": a, "b": b} for a, b in cells])
    read = rows_of(tools, "data.read", path=f"x.{suffix}")
    first = Path(tools.ctx.workspace, f"x.{suffix}").read_bytes()
    tools("data.write", path=f"x.{suffix}", data=read)
    assert Path(tools.ctx.workspace, f"x.{suffix}").read_bytes() == first


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "yes",
        "1:30",
        "1e3",
        "0o17",
        "0x1f",
        "1_000",
        "~",
        "null",
        "No",
        "<<",
        "=",
        "2026-01-31",
        ".5",
        "+1",
        "- a",
        "a: b",
        "#x",
        "",
        " ",
        "'",
        "é\n\tx\n",
        "\x85",
        "\ufeff",
    ],
)
def test_text_in_yaml_stays_text(tools: Tools, text: str):  # fmt: skip
    tools("data.write", path="x.yaml", data={text: [text]})
    assert tools("data.read", path="x.yaml")["value"] == {text: [text]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[on, yes, off, 1:30, 2026-01-31, 1_000]", ["on", "yes", "off", "1:30", "2026-01-31", "1_000"]),
        ("[true, False, ~, null, '']", [True, False, None, None, ""]),
        ("[0o17, 0x1F, -5, +5, 017]", [15, 31, -5, 5, 17]),
        ("[1e3, .5, 1., -.inf]", [1000.0, 0.5, 1.0, float("-inf")]),
        ("{1: a, true: b, <<: c}", {"1": "a", "true": "b", "<<": "c"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("", None),
    ],
)
def test_yaml_is_read_by_the_core_schema(tools: Tools, workspace: Path, text: str, value: object):
    (workspace / "x.yml").write_text(text)
    assert tools("data.read", path="x.yml")["value"] == value


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.yaml", "a: 1\nb: [", "x.yaml:3:1: no YAML: did not find expected node content"),
        ("x.yaml", "a: 1\na: 2", "x.yaml:2:1: no YAML: the key 'a' stands twice"),
        ("x.yaml", "? [a]\n: b", "x.yaml:1:3: no YAML: a key is no text"),
        ("x.yaml", "!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("x.yaml", "a: \x01", "no YAML"),
        ("x.yaml", BOMB, "holds more than 1000000 values"),
        ("x.yaml", "&a [*a]", "nested deeper than 100"),
        ("x.yaml", "[" * 200 + "]" * 200, "nested deeper than 100"),
        ("x.json", '{"a": }', "x.json:1:7: no JSON: Expecting value"),
        ("x.json", "[NaN]", "NaN is no JSON number"),
        ("x.json", "[" * 100_000, "no JSON"),
        ("x.jsonl", '{"a": 1}\n\n{"a"', "x.jsonl:3"),
        ("x.csv", "a,b\n1,2,3\n", "x.csv:2: 3 cells for 2 columns"),
        ("x.csv", "a,a\n1,2\n", "two columns named 'a'"),
        ("x.csv", 'a\n"open', "cannot be read as CSV"),
        ("x.parquet", "no parquet", "is no Parquet file"),
        ("x.bin", "", "does not say what it holds; set `format` to one of csv, tsv"),
        ("x.jsn", "", "did you mean `.json`?"),
        ("x", "", "does not say what it holds"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_where(
    tools: Tools, workspace: Path, name: str, text: str, says: str
):
    (workspace / name).write_text(text)
    error = failing(tools, "data.read", path=name)
    assert says in str(error)
    assert error.error_class == "invalid_request"


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        (["1", "2", ""], [1, 2, None]),
        (["1", "2.5"], [1, 2.5]),
        (["007", "1"], ["007", "1"]),
        (["1.50", "2"], ["1.50", "2"]),
        (["+1"], ["+1"]),
        (["1e5"], ["1e5"]),
        (["1_000"], ["1_000"]),
        (["nan", "1"], ["nan", "1"]),
        (["inf"], ["inf"]),
        (["12345678901234567890123"], [12345678901234567890123]),
        (["0.1000000000000000055"], ["0.1000000000000000055"]),
        (["true", "", "false"], [True, None, False]),
        (["true", "yes"], ["true", "yes"]),
        (["x", ""], ["x", ""]),
        (["", ""], ["", ""]),
    ],
)
def test_csv_columns_are_typed_only_where_nothing_is_lost(
    tools: Tools, workspace: Path, column: list[str], typed: list[object]
):
    (workspace / "x.csv").write_text("a,b\n" + "".join(f"{cell},-\n" for cell in column))
    assert rows_of(tools, "data.read", path="x.csv") == [{"a": value, "b": "-"} for value in typed]
    plain = rows_of(tools, "data.read", path="x.csv", infer=False)
    assert plain == [{"a": cell, "b": "-"} for cell in column]


def test_csv_may_have_no_header_other_delimiters_and_a_mark(tools: Tools, workspace: Path):
    (workspace / "x.txt").write_bytes("\ufeffa;1\nb\n\n".encode())
    assert rows_of(tools, "data.read", path="x.txt", format="csv", delimiter=";", header=False) == [
        {"column_1": "a", "column_2": 1},
        {"column_1": "b", "column_2": None},
    ]
    (workspace / "x.csv").write_text("")
    assert rows_of(tools, "data.read", path="x.csv") == []
    (workspace / "x.csv").write_text("a,b\n")
    assert rows_of(tools, "data.read", path="x.csv") == []


@pytest.mark.parametrize("action", ["data.read", "data.write"])
def test_a_delimiter_is_one_letter(tools: Tools, workspace: Path, action: str):
    (workspace / "x.csv").write_text("a\n1\n")
    more = {"data": [{"a": 1}]} if action == "data.write" else {}
    assert "delimiter" in str(failing(tools, action, path="x.csv", delimiter=";;", **more))


def test_csv_writes_every_kind_of_value(tools: Tools, workspace: Path):
    row = {
        "a": None,
        "b": True,
        "c": False,
        "d": Decimal("1.10"),
        "e": [1, {"x": "é"}],
        "f": 'a,"b"\n',
        "g": 0.1,
    }
    tools("data.write", path="x.csv", data={"rows": [row, {"h": 1}]})
    assert (workspace / "x.csv").read_text() == (
        'a,b,c,d,e,f,g,h\n,true,false,1.10,"[1, {""x"": ""é""}]","a,""b""\n",0.1,\n,,,,,,,1\n'
    )


def test_parquet_keeps_types(tools: Tools):
    rows = [
        {"a": 1, "b": "x", "c": [1.5], "d": {"e": None}},
        {"a": None, "b": "y", "c": [], "d": {"e": True}},
    ]
    tools("data.write", path="x.parquet", data=rows)
    assert rows_of(tools, "data.read", path="x.parquet") == rows
    assert "one type per column" in str(
        failing(tools, "data.write", path="x.parquet", data=[{"a": 1}, {"a": "x"}])
    )
    assert "one type per column" in str(failing(tools, "data.write", path="x.parquet", data=[{"a": 2**200}]))


@pytest.mark.parametrize("action", ["data.read", "data.write"])
def test_parquet_without_polars_says_what_to_install(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch, action: str
):
    monkeypatch.setitem(sys.modules, "polars", None)
    (workspace / "x.parquet").write_bytes(b"")
    more = {"data": [{"a": 1}]} if action == "data.write" else {}
    with pytest.raises(SetupError, match=r'pip install "py-orc\[data\]"'):
        tools(action, path="x.parquet", **more)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_only_rows_can_be_written_as_a_table(tools: Tools, suffix: str):
    assert "`data` must be a list" in str(failing(tools, "data.write", path=f"x.{suffix}", data="text"))


def test_a_document_that_is_no_table_is_the_value(tools: Tools, workspace: Path):
    (workspace / "x.json").write_text('{"a": [1]}')
    assert tools("data.read", path="x.json") == {
        "rows": [], "columns": [], "count": 0, "value": {"a": [1]}, "path": "x.json",
    }  # fmt: skip


def test_writing_can_be_undone(tools: Tools, workspace: Path):
    (workspace / "x.json").write_text("before")
    tools.with_undo("data.write", path="x.json", data={"a": Decimal("1.0")})()
    assert (workspace / "x.json").read_text() == "before"


def test_values_json_does_not_know_are_written_as_text(tools: Tools, workspace: Path):
    for suffix in ("json", "yaml"):
        tools("data.write", path=f"x.{suffix}", data={"a": Decimal("1.10")})
        assert tools("data.read", path=f"x.{suffix}")["value"] == {"a": "1.10"}


def test_rows_are_filtered_by_an_expression(tools: Tools):
    kept = rows_of(
        tools, "data.filter", rows=PEOPLE, where="row.age is not none and row.age > 30 or index == 1"
    )
    assert [row["name"] for row in kept] == ["Ada", "Bob"]


@pytest.mark.parametrize(
    ("where", "error_class", "says"),
    [
        ("row.aeg > 1", "template", "cannot be evaluated for row 0"),
        ("row.age > 30", "template", "cannot be evaluated for row 1"),
        ("row.age >", "invalid_request", "`where` is no expression"),
        ("row.name", "template", ""),
        ("'true'", "template", 'the condition is the text "true"'),
        ("row.__class__", "template", ""),
        ("range(10**9) | list", "template", ""),
    ],
)
def test_an_expression_that_fails_says_for_which_row(tools: Tools, where: str, error_class: str, says: str):
    if where == "row.name":
        assert rows_of(tools, "data.filter", rows=PEOPLE, where=where) == PEOPLE
        return
    error = failing(tools, "data.filter", rows=PEOPLE, where=where)
    assert says in str(error)
    assert error.error_class == error_class


def test_columns_are_selected_and_renamed(tools: Tools):
    assert rows_of(tools, "data.select", rows=[{"a": 1, "b": 2}, {"b": 3}], columns=["b", "a"]) == [
        {"b": 2, "a": 1},
        {"b": 3, "a": None},
    ]
    assert rows_of(tools, "data.select", rows=[{"a": 1}], columns={"new": "a"}) == [{"new": 1}]
    assert "did you mean `name`?" in str(failing(tools, "data.select", rows=PEOPLE, columns=["nam"]))


def test_columns_are_derived_one_after_the_other(tools: Tools):
    rows = [{"a": 1}, {"a": 2}]
    assert rows_of(
        tools, "data.derive", rows=rows, columns={"b": "row.a * 2", "c": "row.b ~ '#' ~ index"}
    ) == [
        {"a": 1, "b": 2, "c": "2#0"},
        {"a": 2, "b": 4, "c": "4#1"},
    ]
    assert rows == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("by", "descending", "names"),
    [
        ("age", False, ["Cy", "Ada", "Bob"]),
        ("age", True, ["Ada", "Cy", "Bob"]),
        (["team", "age"], False, ["Cy", "Ada", "Bob"]),
        (["team", "age"], [True, False], ["Bob", "Cy", "Ada"]),
        (["team"], False, ["Ada", "Cy", "Bob"]),
        (["team"], True, ["Bob", "Ada", "Cy"]),
    ],
)
def test_rows_are_sorted(tools: Tools, by: object, descending: object, names: list[str]):
    rows = rows_of(tools, "data.sort", rows=PEOPLE, by=by, descending=descending)
    assert [row["name"] for row in rows] == names


def test_mixed_values_have_an_order(tools: Tools):
    values = [["b"], "a", 2.5, None, True, Decimal("1.1"), 1, float("nan")]
    rows = rows_of(tools, "data.sort", rows=[{"v": value} for value in values], by="v")
    assert [row["v"] for row in rows][:-1] == [True, 1, Decimal("1.1"), 2.5, "a", ["b"], None]


@given(rows=st.lists(st.fixed_dictionaries({"k": st.integers(0, 3) | st.none()}).map(dict), max_size=12))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("descending", [False, True])
def test_sorting_keeps_the_order_of_equal_rows(tools: Tools, rows: Rows, descending: bool):
    marked = [{**row, "at": at} for at, row in enumerate(rows)]
    done = rows_of(tools, "data.sort", rows=marked, by="k", descending=descending) if rows else []
    sign = -1 if descending else 1
    assert done == sorted(marked, key=lambda row: (row["k"] is None, sign * (row["k"] or 0)))


def test_duplicates_are_dropped(tools: Tools):
    rows = [{"a": 1, "b": 1}, {"a": 1.0, "b": 2}, {"a": True, "b": 3}, {"a": [1], "b": 4}, {"a": [1], "b": 5}]
    assert [row["b"] for row in rows_of(tools, "data.deduplicate", rows=rows, by="a")] == [1, 3, 4]
    assert [row["b"] for row in rows_of(tools, "data.deduplicate", rows=rows, by="a", keep="last")] == [
        2,
        3,
        5,
    ]
    assert rows_of(tools, "data.deduplicate", rows=[*rows, {"b": 1, "a": 1}]) == rows


LEFT = [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": None, "v": "c"}]
RIGHT = [{"id": 1, "v": "x"}, {"id": 1, "v": "y"}, {"id": 3, "v": "z"}, {"id": None, "v": "n"}]


@pytest.mark.parametrize(
    ("how", "joined"),
    [
        ("inner", [(1, "a", "x"), (1, "a", "y")]),
        ("left", [(1, "a", "x"), (1, "a", "y"), (2, "b", None), (None, "c", None)]),
        ("right", [(1, "a", "x"), (1, "a", "y"), (3, None, "z"), (None, None, "n")]),
        ("full", [(1, "a", "x"), (1, "a", "y"), (2, "b", None), (None, "c", None), (3, None, "z"), (None, None, "n")]),
    ],
)  # fmt: skip
def test_tables_are_joined(tools: Tools, how: str, joined: list[tuple[object, ...]]):
    result = tools("data.join", left=LEFT, right=RIGHT, on="id", how=how)
    assert result["columns"] == ["id", "v", "v_right"]
    assert result["rows"] == [{"id": i, "v": v, "v_right": w} for i, v, w in joined]


def test_joins_may_only_filter(tools: Tools):
    assert rows_of(tools, "data.join", left=LEFT, right=RIGHT, on=["id"], how="semi") == LEFT[:1]
    assert rows_of(tools, "data.join", left=LEFT, right=RIGHT, on="id", how="anti") == LEFT[1:]


def test_joined_columns_may_have_other_names(tools: Tools):
    left, right = [{"a": 1, "v": 1, "v_r": 2}], [{"b": 1, "v": 3}]
    assert rows_of(tools, "data.join", left=left, right=right, on={"a": "b"}, suffix="_r") == [
        {"a": 1, "v": 1, "v_r": 2, "v_r_r": 3}
    ]
    assert "`on`" in str(failing(tools, "data.join", left=left, right=right, on="zz"))


def test_groups_are_aggregated_exactly(tools: Tools):
    rows = [
        {"g": "x", "i": 2**70, "d": Decimal("0.1"), "f": 0.1, "s": "b"},
        {"g": "y", "i": None, "d": None, "f": None, "s": None},
        {"g": "x", "i": 1, "d": Decimal("0.2"), "f": 0.2, "s": "a"},
    ]
    compute = {
        "n": "count", "values": {"count": "i"}, "sum": {"sum": "i"}, "money": {"sum": "d"}, "mean": {"mean": "f"},
        "median": {"median": "i"}, "min": {"min": "s"}, "max": {"max": "s"}, "std": {"std": "f"},
        "first": {"first": "s"}, "last": {"last": "s"}, "list": {"list": "s"}, "distinct": {"distinct": "s"},
    }  # fmt: skip
    x, y = rows_of(tools, "data.aggregate", rows=rows, by="g", compute=compute)
    assert x == {
        "g": "x", "n": 2, "values": 2, "sum": 2**70 + 1, "money": Decimal("0.3"), "mean": pytest.approx(0.15),
        "median": (2**70 + 1) / 2, "min": "a", "max": "b", "std": pytest.approx(0.05**0.5 / 10**0.5), "first": "b", "last": "a",
        "list": ["b", "a"], "distinct": 2,
    }  # fmt: skip
    assert y == {
        "g": "y", "n": 1, "values": 0, "sum": 0, "money": 0, "mean": None, "median": None, "min": None, "max": None,
        "std": None, "first": None, "last": None, "list": [], "distinct": 0,
    }  # fmt: skip


def test_everything_may_be_one_group(tools: Tools):
    assert rows_of(tools, "data.aggregate", rows=PEOPLE, compute={"n": "count", "m": {"median": "age"}}) == [
        {"n": 3, "m": 28.0}
    ]
    assert rows_of(tools, "data.aggregate", rows=[], compute={"n": "count"}) == [{"n": 0}]
    assert rows_of(tools, "data.aggregate", rows=[], by="g", compute={"n": "count"}) == []
    odd = [{"a": value} for value in (3, 1, 2)]
    assert rows_of(tools, "data.aggregate", rows=odd, compute={"m": {"median": "a"}}) == [{"m": 2}]


@pytest.mark.parametrize(
    ("compute", "says"),
    [
        ({"a": {"summ": "age"}}, "compute.a: there is no function 'summ'; did you mean `sum`?"),
        ({"a": {"sum": "agee"}}, "no row has the column 'agee'"),
        ({"a": {"sum": "name"}}, "sum cannot be computed of the column 'name', which holds str"),
        ({"a": {"mean": "flag"}}, "which holds bool"),
        ({"a": {"max": "mixed"}}, "which holds int, str"),
        ({"a": {"mean": "huge"}}, "mean cannot be computed"),
        ({"a": {}}, "compute.a needs exactly one function"),
    ],
)
def test_what_cannot_be_computed_is_named(tools: Tools, compute: object, says: str):
    rows = [{**row, "flag": True, "mixed": row["age"] or "x", "huge": 10**400} for row in PEOPLE]
    assert says in str(failing(tools, "data.aggregate", rows=rows, compute=compute))


def test_values_become_columns(tools: Tools):
    rows = [
        {"day": 1, "what": "a", "n": 1},
        {"day": 1, "what": "a", "n": 2},
        {"day": 2, "what": None, "n": 3},
        {"day": 2, "what": Decimal("1.0"), "n": 4},
    ]
    pivoted = tools("data.pivot", rows=rows, index="day", columns="what", values="n", function="sum")
    assert pivoted["columns"] == ["day", "a", "null", "1.0"]
    assert pivoted["rows"] == [
        {"day": 1, "a": 3, "null": None, "1.0": None},
        {"day": 2, "a": None, "null": 3, "1.0": 4},
    ]
    assert rows_of(tools, "data.pivot", rows=[], index=["day"], columns="what", values="n") == []


def test_a_profile_tells_what_is_there(tools: Tools):
    rows = [
        {"a": 1, "b": "x"},
        {"a": 2.5, "b": "x"},
        {"a": None},
        {"a": 1, "b": "x"},
        {"a": 1, "c": [1], "d": {}, "e": True},
    ]
    result = tools("data.profile", rows=rows, top=1)
    assert (result["count"], result["duplicates"]) == (5, 1)
    columns = {column["name"]: column for column in result["columns"]}
    assert columns["a"] == {
        "name": "a", "types": ["integer", "number"], "nulls": 1, "distinct": 2, "min": 1, "max": 2.5,
        "mean": 1.375, "median": 1.0, "std": 0.75, "top": [{"value": 1, "count": 3}],
    }  # fmt: skip
    assert (columns["b"]["min"], columns["b"]["mean"], columns["b"]["nulls"]) == ("x", None, 2)
    assert [columns[name]["types"] for name in "cde"] == [["array"], ["object"], ["boolean"]]
    assert tools("data.profile", rows=[]) == {"count": 0, "duplicates": 0, "columns": []}


SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


def test_rows_are_checked_one_by_one(tools: Tools):
    verdict = tools("data.validate", rows=PEOPLE, schema=SCHEMA)
    assert (verdict["ok"], len(verdict["valid"]), len(verdict["invalid"])) == (False, 2, 1)
    (misfit,) = verdict["misfits"]
    assert (misfit["row"], misfit["path"]) == (1, "age")
    assert tools("data.validate", rows=[{}], schema={"required": ["a"]})["misfits"][0]["path"] == "the row"
    assert tools("data.validate", rows=PEOPLE[:1], schema=SCHEMA, check=True)["ok"]


def test_misfits_fail_the_step_when_told(tools: Tools):
    error = failing(tools, "data.validate", rows=[{}] * 12, schema=SCHEMA, check=True)
    assert error.error_class == "bad_output"
    assert str(error).startswith("12 rows do not fit the schema:\nrow 0: the row: ")
    assert str(error).endswith("and 2 more")
    assert len(error.details) == 12


def test_a_wrong_schema_is_the_callers_mistake(tools: Tools):
    error = failing(tools, "data.validate", rows=[], schema={"type": "intger"})
    assert "`schema` is no JSON Schema" in str(error)


def test_only_reading_and_writing_have_effects(tools: Tools):
    effects = {
        name: tools.action(name).spec.effect.value
        for name in tools.registry.names()
        if name.startswith("data.")
    }
    assert {name for name, effect in effects.items() if effect != "pure"} == {"data.read", "data.write"}
    assert json.dumps(effects)
