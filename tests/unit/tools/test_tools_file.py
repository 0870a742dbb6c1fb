"""A user's `tools.py`: read without being executed, executed when asked for."""

import asyncio
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from orchestrator.core.action import ActionSpec, Effect
from orchestrator.errors import SetupError
from orchestrator.tools.module_file import digest_of, load_module
from orchestrator.tools.tools_file import load_tools_file, read_tools_file
from unit.tools.conftest import FakeContext


def read_specs(path: Path) -> list[ActionSpec]:
    return [action.spec for action in read_tools_file(path)]


TOOLS = '''
"""Tools of a user."""
import orchestrator.tools.tool as orchestrator
import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Optional, Sequence, TypedDict, Union

from orchestrator.core.action import ActionContext, Effect
from orchestrator.tools.limit import Limit
from orchestrator.tools.tool import tool
from orchestrator.tools.tool import tool as action


class Hit(TypedDict):
    title: str
    score: float


@dataclass
class Query:
    words: list[str]
    day: "date"


class Colour(enum.Enum):
    RED = "red"


@tool(effect="read", labels=("web",))
def search(query: Query, *, limit: Annotated[int, Limit(le=9)] = 5, ctx: ActionContext) -> list[Hit]:
    """Search for it. Slowly.

    Args:
        query: What for.
    """
    return [Hit(title=word, score=1.0) for word in query.words]


@tool
async def notify(to: str, text: Optional[str] = None, **more: str) -> None:
    """Tell."""


@tool(effect=Effect.PURE, cpu=True)
def crunch(numbers: "Sequence[int]", colour: Colour = Colour.RED) -> dict[str, int]:
    return {"sum": sum(numbers)}


@action(effect="pure", inline=True, name="text.shout")
def shout(text: Union[str, int], how: Literal["loud", "louder"] = "loud") -> str | None:
    return f"{text}!"


@orchestrator.tool(name="crm", effect="read")
class Crm:
    def find(self, key: str | int, path: Path, price: Decimal) -> Hit: ...

    @tool(effect="idempotent", name="put")
    def save(self, hit: Hit, ok: bool = True) -> None: ...

    def _private(self) -> None: ...


@orchestrator.tool
class Empty:
    def one(self, anything) -> tuple[int, str]: ...


def not_a_tool() -> None: ...
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tools.py"
    path.write_text(TOOLS.replace("anything)", "anything: object)"))
    return path


def named(specs: list[ActionSpec]) -> dict[str, ActionSpec]:
    return {spec.name: spec for spec in specs}


def test_reading_finds_what_loading_finds(file: Path):
    loaded = [action.spec for action in load_tools_file(file)]
    read = named(read_specs(file))
    assert sorted(read) == ["crm.find", "crm.put", "crunch", "empty.one", "notify", "search", "text.shout"]
    for spec in loaded:
        other = read[spec.name]
        assert (other.description, other.effect, other.runs, other.labels) == (
            spec.description,
            spec.effect,
            spec.runs,
            spec.labels,
        )
        for key in ("required", "type"):
            assert other.parameters.get(key) == spec.parameters.get(key)
        assert set(_properties(other)) == set(_properties(spec))


def _properties(spec: ActionSpec) -> dict[str, object]:
    properties = spec.parameters["properties"]
    assert isinstance(properties, dict)
    return properties


def test_reading_gives_schemas_as_far_as_the_text_tells(file: Path):
    specs = named(read_specs(file))
    hit = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "score": {"type": "number"}},
        "additionalProperties": False,
        "required": ["title", "score"],
    }
    assert specs["search"].result == {"type": "array", "items": hit}
    assert _properties(specs["search"]) == {
        "query": {
            "type": "object",
            "properties": {
                "words": {"type": "array", "items": {"type": "string"}},
                "day": {"type": "string", "format": "date"},
            },
            "additionalProperties": False,
            "required": ["words", "day"],
            "description": "What for.",
        },
        "limit": {"type": "integer", "default": 5},
    }
    assert _properties(specs["notify"])["text"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert specs["notify"].parameters["additionalProperties"] == {"type": "string"}
    assert _properties(specs["crunch"]) == {
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "colour": {},
    }
    assert specs["crunch"].result == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert _properties(specs["text.shout"])["how"] == {"enum": ["loud", "louder"], "default": "loud"}
    assert specs["text.shout"].result == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert specs["crm.find"].result == hit
    assert specs["empty.one"].result == {"type": "array"}
    assert specs["crm.put"].effect is Effect.IDEMPOTENT
    assert not any(spec.digest for spec in specs.values())


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("complex", {}),
        ("list[complex]", {"type": "array"}),
        ("dict[str, object]", {"type": "object"}),
        ("dict", {"type": "object"}),
        ("typing.Required[int]", {"type": "integer"}),
        ("int | complex", {}),
        ("Unknown[int]", {}),
        ("...", {}),
        (
            "Node",
            {
                "type": "object",
                "properties": {"inner": {}},
                "additionalProperties": False,
                "required": ["inner"],
            },
        ),
        ("Other", {}),
        ("int | str | None", {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
    ],
)
def test_what_the_text_does_not_tell_stays_open(tmp_path: Path, annotation: str, schema: object):
    (tmp_path / "tools.py").write_text(
        "from orchestrator import tool\n"
        "@dataclass(frozen=True)\nclass Node:\n    inner: Node\n    def method(self): ...\n"
        "class Other(Base): ...\n"
        f"@tool\ndef act(a: {annotation}): ...\n"
    )
    (spec,) = read_specs(tmp_path / "tools.py")
    assert _properties(spec)["a"] == schema


def test_any_keyword_arguments_are_allowed_when_the_type_is_unknown(tmp_path: Path):
    (tmp_path / "tools.py").write_text("import orchestrator as o\n@o.tool\ndef act(**more: Unknown): ...\n")
    (spec,) = read_specs(tmp_path / "tools.py")
    assert spec.parameters == {"type": "object", "properties": {}, "additionalProperties": True}


RECORDS = {
    "TypedDict": "class R(TypedDict):\n    a: int\n    b: NotRequired[str]\n",
    "partial TypedDict": "class R(typing.TypedDict, total=False):\n    a: Required[int]\n    b: str\n",
    "NamedTuple": "class R(NamedTuple):\n    a: int\n    b: str = ''\n",
    "dataclass": "@dataclass\nclass R:\n    kinds: ClassVar[int] = 2\n    a: int\n    b: str = field(default='')\n",
}


@pytest.mark.parametrize("form", RECORDS)
def test_the_fields_of_a_record_are_known_without_executing_it_as_they_are_after_it(
    tmp_path: Path, form: str
):
    (tmp_path / "tools.py").write_text(
        "import typing\nfrom dataclasses import dataclass, field\n"
        "from typing import ClassVar, NamedTuple, NotRequired, Required, TypedDict\nfrom orchestrator import tool\n"
        f"{RECORDS[form]}@tool(effect='pure')\ndef act(r: R) -> R:\n    return r\n"
    )
    (read,), (loaded,) = read_specs(tmp_path / "tools.py"), load_tools_file(tmp_path / "tools.py")
    assert read.result == loaded.spec.result
    assert read.result["required"] == ["a"]
    assert read.parameters == loaded.spec.parameters


@pytest.mark.parametrize("odd", ["b: InitVar[int]", "_: KW_ONLY", "b: int = field(init=False)"])
def test_a_dataclass_whose_fields_are_not_its_parameters_stays_open(tmp_path: Path, odd: str):
    (tmp_path / "tools.py").write_text(
        f"from orchestrator import tool\n@dataclass\nclass R:\n    {odd}\n    a: int = 1\n@tool\ndef act() -> R: ...\n"
    )
    assert read_specs(tmp_path / "tools.py")[0].result == {}


def test_other_decorators_are_no_tools(tmp_path: Path):
    (tmp_path / "tools.py").write_text(
        "from somewhere import tool\nimport os\n@tool\ndef a(): ...\n@os.tool\ndef b(): ...\n@(lambda f: f)\ndef c(): ...\n"
    )
    assert read_specs(tmp_path / "tools.py") == []


def test_reading_executes_nothing(tmp_path: Path):
    (tmp_path / "tools.py").write_text(
        f"from orchestrator import tool\nopen({str(tmp_path / 'ran')!r}, 'w')\n"
        f"@tool(name=open({str(tmp_path / 'ran')!r}, 'w'))\ndef act(a: int = open('x')): ...\n"
    )
    (spec,) = read_specs(tmp_path / "tools.py")
    assert spec.name == "act"
    assert not (tmp_path / "ran").exists()


def test_loaded_actions_work(file: Path, ctx: FakeContext):
    actions = {action.spec.name: action for action in load_tools_file(file)}
    query = {"words": ["a"], "day": "2026-01-31"}
    assert actions["search"].function({"query": query}, ctx) == [{"title": "a", "score": 1.0}]
    assert actions["text.shout"].function({"text": "hi"}, ctx) == "hi!"
    assert asyncio.run(actions["notify"].function({"to": "x"}, ctx)) is None
    assert all(action.spec.digest for action in actions.values())


def test_a_loaded_function_runs_in_a_fresh_process(file: Path):
    actions = {action.spec.name: action for action in load_tools_file(file)}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(actions["crunch"].function, {"numbers": [1, 2]}, None).result() == {"sum": 3}


def test_a_file_changed_meanwhile_is_refused_in_the_other_process(file: Path):
    function = pickle.dumps(load_tools_file(file)[2].function)
    file.write_text(TOOLS + "\n# changed")
    moved = pickle.loads(function)  # noqa: S301 # our own
    name = moved.module
    sys.modules.pop(name)
    with pytest.raises(SetupError, match="was changed while it was in use"):
        moved({"numbers": [1]}, None)


def test_a_file_is_executed_once_per_content(file: Path):
    assert load_module(file) is load_module(file)
    before = digest_of(file)
    file.write_text("x = 1\n")
    assert load_module(file).x == 1
    assert digest_of(file) != before


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def (", "tools.py:1 cannot be loaded: SyntaxError: invalid syntax"),
        ("x = 1\n\nx = 1 / 0\n", "tools.py:3 cannot be loaded: ZeroDivisionError: division by zero"),
        ("import nowhere_at_all", "tools.py:1 cannot be loaded: ModuleNotFoundError"),
        ("\n\nimport os\nos.environ['NO SUCH']", "tools.py:4 cannot be loaded: KeyError"),
        (
            "from orchestrator.tools.tool import tool\n@tool\ndef a(): ...\n@tool(name='a')\ndef b(): ...",
            "tools.py defines the action a twice",
        ),
        ("from orchestrator.errors import SetupError\nraise SetupError('by itself')", "by itself"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_where(tmp_path: Path, source: str, says: str):
    (tmp_path / "tools.py").write_text(source)
    with pytest.raises(SetupError) as caught:
        load_tools_file(tmp_path / "tools.py")
    assert says in str(caught.value)


def test_interrupting_a_load_is_passed_on(tmp_path: Path):
    (tmp_path / "tools.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_tools_file(tmp_path / "tools.py")


@pytest.mark.parametrize("content", [b"def (", b"\xff\xfe", b"a = '\0'"])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes):
    (tmp_path / "tools.py").write_bytes(content)
    with pytest.raises(SetupError, match=r"tools\.py.* cannot be loaded"):
        read_specs(tmp_path / "tools.py")


def test_a_missing_file_says_so(tmp_path: Path):
    with pytest.raises(SetupError, match="cannot be read: No such file"):
        load_tools_file(tmp_path / "tools.py")


def test_names_imported_from_elsewhere_are_not_the_files_tools(tmp_path: Path):
    (tmp_path / "other.py").write_text("from orchestrator.tools.tool import tool\n@tool\ndef theirs(): ...\n")
    theirs = load_module(tmp_path / "other.py").__name__
    (tmp_path / "tools.py").write_text(
        f"from orchestrator.tools.tool import tool\nfrom {theirs} import theirs\n@tool\ndef mine(): ...\n"
    )
    assert [action.spec.name for action in load_tools_file(tmp_path / "tools.py")] == ["mine"]
