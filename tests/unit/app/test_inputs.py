"""Values for inputs: gathered, read by type, checked all at once."""

from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.app.inputs import MAX_CHARACTERS, InputValues, Written, gather_inputs, read_written
from orchestrator.core.pipeline import InputSpec
from orchestrator.errors import InputError


def spec(name: str, kind: str = "string", **fields: object) -> InputSpec:
    known = {"path": "string", "file": "string", "secret": "string"}
    schema: dict[str, object] = {"type": known.get(kind, kind)} | {
        key: fields.pop(key) for key in ("enum", "maximum") if key in fields
    }
    settings: dict[str, object] = {"required": "default" not in fields} | fields
    return InputSpec(name=name, type=kind, schema=schema, **settings)  # type: ignore[arg-type]


def gather(
    *specs: InputSpec, environ: dict[str, str] | None = None, where: str = ".", **given: object
) -> InputValues:
    return gather_inputs({one.name: one for one in specs}, given, environ=environ or {}, workspace=where)


def problems(
    *specs: InputSpec, environ: dict[str, str] | None = None, where: str = ".", **given: object
) -> list[str]:
    with pytest.raises(InputError) as caught:
        gather(*specs, environ=environ, where=where, **given)
    return [str(problem) for problem in caught.value.problems]


def test_what_is_given_goes_before_the_default() -> None:
    found = gather(spec("a", default="x"), spec("b", default=1), a="y")
    assert found.values == {"a": "y", "b": 1}


def test_every_problem_is_told_at_once() -> None:
    told = problems(
        spec("folder"),
        spec("style", enum=["brief", "detailed"]),
        spec("n", "integer"),
        style="brif",
        m=2,
        n="x",
    )
    assert len(told) == 4
    assert any("there is no input `m`" in one for one in told)
    assert any(one.startswith("inputs.folder: a value is missing") and "-i folder=" in one for one in told)
    assert any(one.startswith("inputs.style") and "brief" in one for one in told)
    assert any(one.startswith("inputs.n") for one in told)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert "did you mean `folder`?" in problems(spec("folder", default=""), foldr="x")[0]


def test_a_pipeline_without_inputs_says_so() -> None:
    assert "takes no inputs" in problems(a=1)[0]


def test_a_missing_choice_names_what_may_be_chosen() -> None:
    assert "one of brief, detailed" in problems(spec("style", enum=["brief", "detailed"]))[0]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "007", "007"),
        ("string", "@@home", "@home"),
        ("integer", "-12", -12),
        ("number", "3", 3),
        ("number", "2.5", 2.5),
        ("number", "1e3", 1000.0),
        ("boolean", "True", True),
        ("array", '["a", 1]', ["a", 1]),
        ("object", '{"a": [true]}', {"a": [True]}),
        ("path", "@odd/name", "@odd/name"),
        ("", "[1, 2]", [1, 2]),
        ("", "just text", "just text"),
    ],
)
def test_text_is_read_by_the_declared_type(kind: str, text: str, value: object) -> None:
    found = read_written(text, spec("x", kind))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("integer", "1.5", "not a whole number"),
        ("number", "nan", "not a number"),
        ("number", "inf", "not a number"),
        ("boolean", "yes", "true or false"),
        ("array", "a, b", '"a, b" is not JSON; write for example ["a", "b"]'),
        ("array", "[1, x]", '"[1, x]" is not JSON; write for example ["a", "b"]'),
        ("object", '{"a": NaN}', "is not JSON"),
        ("string", "@nowhere.txt", "cannot be read"),
    ],
)
def test_text_that_is_no_value_of_the_type_is_refused(kind: str, text: str, told: str) -> None:
    assert told in problems(spec("x", kind), x=Written(text))[0]


def test_a_text_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("from a file", encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe")
    assert gather(spec("x"), x=Written(f"@{tmp_path / 'note.txt'}")).values == {"x": "from a file"}
    assert "not UTF-8" in problems(spec("x"), x=Written(f"@{tmp_path / 'bad.txt'}"))[0]


def test_a_file_input_must_exist_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "there.md").touch()
    assert gather(spec("f", "file"), where=str(tmp_path), f="there.md").values == {"f": "there.md"}
    assert "does not exist" in problems(spec("f", "file"), where=str(tmp_path), f="gone.md")[0]
    assert "is a folder" in problems(spec("f", "file"), where=str(tmp_path), f=".")[0]


def test_paths_given_in_python_become_text() -> None:
    assert gather(spec("p", "path"), p=Path("docs")).values == {"p": "docs"}
    assert gather(spec("l", "array"), l=(1, Path("a"))).values == {"l": [1, "a"]}


def test_exact_numbers_stay_exact() -> None:
    assert gather(spec("n", "number"), n=Decimal("0.10")).values == {"n": Decimal("0.10")}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("a\x1b[2J", "control character U+001B"),
        ({"k\x00": 1}, "control character U+0000"),
        ({"a": ["ok", "\x07"]}, "control character U+0007"),
        ("x" * (MAX_CHARACTERS + 1), "longer than 8,000,000 characters"),
        ({1: 2}, "is not text"),
        (object(), "type object"),
    ],
)
def test_values_that_nobody_should_pass_on_are_refused(value: object, told: str) -> None:
    assert told in problems(spec("x", ""), x=value)[0]


def test_a_value_within_itself_is_refused() -> None:
    knot: list[object] = []
    knot.append(knot)
    assert "nested deeper" in problems(spec("x", "array"), x=knot)[0]


def test_a_path_stays_on_one_line() -> None:
    assert "U+000A" in problems(spec("p", "path"), p="a\nb")[0]
    assert gather(spec("s"), s="a\nb").values == {"s": "a\nb"}


def test_secrets_come_from_the_call_or_the_environment_and_stay_apart() -> None:
    token = spec("api_token", "secret")
    assert gather(token, environ={"API_TOKEN": "e"}) == InputValues({}, {"api_token": "e"})
    assert gather(token, environ={"API_TOKEN": "e"}, api_token="c").secrets == {"api_token": "c"}
    assert gather(token, api_token=Written("@literal")).secrets == {"api_token": "@literal"}


def test_a_missing_secret_names_its_variable() -> None:
    assert "set the environment variable API_TOKEN" in problems(spec("api_token", "secret"))[0]
    assert gather(spec("t", "secret", default=None)).secrets == {}


def test_the_value_of_a_secret_is_never_told() -> None:
    told = problems(spec("t", "secret"), t="hunter2\x00")[0]
    assert "control character" in told
    assert "hunter2" not in told
    assert problems(spec("t", "secret"), t=12) == ["inputs.t: a secret must be text"]


def test_the_given_mapping_is_not_kept() -> None:
    mine = {"a": [1]}
    found = gather(spec("x", "object"), x=mine)
    mine["a"].append(2)
    assert found.values == {"x": {"a": [1]}}
